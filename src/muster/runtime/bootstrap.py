"""The composition root: one way to make an app, for server, worker, command line and tests."""

from __future__ import annotations

import zoneinfo
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from muster import __version__
from muster.application.catalogue import CorePorts, core_cases
from muster.application.dispatcher import Dispatcher
from muster.application.identifiers import Identifiers
from muster.application.job_requests import NO_JOBS, JobRequests
from muster.application.placement import AssignmentRules
from muster.application.read_certificates import Issuer
from muster.plugin_api.contributions import (
    AnswerHeaders,
    Authenticator,
    CliCommand,
    HealthCheck,
    HttpMiddleware,
    HttpRoutes,
    LifespanStep,
    PortProvider,
)
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.job_types import DISPATCHER, JOB_TYPES
from muster.ports.audit import AUDIT_READER
from muster.ports.blocks import BLOCK_READER
from muster.ports.bookings import BOOKING_READER
from muster.ports.calendars import CALENDAR_READER
from muster.ports.certificates import CERTIFICATE_READER
from muster.ports.clock import CLOCK
from muster.ports.demand import DEMAND_READER
from muster.ports.entropy import ENTROPY
from muster.ports.event_replays import EVENT_REPLAYS
from muster.ports.franchises import FRANCHISE_READER
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.observation import OBSERVER
from muster.ports.schedule import SCHEDULE_READER
from muster.ports.trainer_directory import TRAINER_DIRECTORY
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.ports.zones import ZONE_LOCATOR, ZONE_READER
from muster.runtime.assignment_composition import composed_rules
from muster.runtime.authenticator_composition import composed_authenticators
from muster.runtime.event_composition import (
    Subscription,
    audience_of,
    composed_subscriptions,
)
from muster.runtime.job_composition import AskedByEvents, composed_job_types
from muster.runtime.middleware_composition import (
    composed_answer_headers,
    composed_middleware,
)
from muster.runtime.plugin_discovery import LoadedPlugin, enabled_plugins, vouched
from muster.runtime.plugin_hooks import Contribution, PluginHooks
from muster.runtime.plugin_order import in_order_of_need
from muster.runtime.port_composition import ComposedPorts
from muster.runtime.settings import PluginSettings
from muster.runtime.settings_tree import (
    SettingsInvalid,
    SettingsTree,
    core_sections,
    load_settings,
)
from muster.runtime.system_ports import SystemPlugin

__all__ = ["Application", "bootstrap"]


class Application:
    """One composed app: plugins, ports, use cases; nothing of it is open yet.

    Attributes:
        settings: Every section, validated.
        hooks: The plugins and their hooks.
        ports: The composed ports.
        routes: What plugins add to the API, with the plugin it came from.
        health_checks: What ``/ready`` looks at.
        rules: By which trainers are assigned.
        subscriptions: Who is told of events.
        job_types: What is done in the background.
        authenticators: Who can tell who asks.
        middleware: What stands around the API, the outermost first.
        answer_headers: What completes the headers of every answer, in order.
        commands: What plugins add to the command line.
        command_owners: The plugin that contributes a command, by the command's name.
    """

    def __init__(self, settings: SettingsTree, hooks: PluginHooks) -> None:
        """Collect what plugins contribute, and compose the ports.

        Raises:
            CompositionError: It does not fit together.
        """
        self.settings = settings
        self.hooks = hooks
        self.job_types = composed_job_types(hooks.collect("jobs", settings))
        self.ports = ComposedPorts(
            [*hooks.collect("provide_ports", settings), *self._own_ports()],
            hooks.collect("wrap_ports", settings),
            settings.core.plugins.ports,
        )
        self.routes: list[tuple[str, HttpRoutes]] = [
            (found.plugin.manifest.name, found.value)
            for found in hooks.collect("http_routes", settings)
        ]
        self.health_checks: list[HealthCheck] = _by_name(hooks.collect("health_checks", settings))
        self.rules: AssignmentRules = composed_rules(
            hooks.collect("assignment_rules", settings),
            hooks.collect("ranking_policies", settings),
            settings.core.assignment.policy,
        )
        self.subscriptions: tuple[Subscription, ...] = composed_subscriptions(
            hooks.collect("event_subscribers", settings)
        )
        self.authenticators: tuple[Authenticator, ...] = composed_authenticators(
            hooks.collect("authenticators", settings)
        )
        self.middleware: tuple[HttpMiddleware, ...] = composed_middleware(
            hooks.collect("http_middleware", settings)
        )
        self.answer_headers: tuple[AnswerHeaders, ...] = composed_answer_headers(
            hooks.collect("answer_headers", settings)
        )
        commands = hooks.collect("cli_commands", settings)
        self.command_owners: dict[str, str] = _owners(commands)
        self.commands: list[CliCommand] = [found.value for found in commands]
        self._lifespan = hooks.collect("lifespan", settings)

    def dispatcher(self) -> Dispatcher:
        """Return the dispatcher over the core's use cases.

        Raises:
            CompositionError: A port that the core needs is not provided.
        """
        ports = CorePorts(
            clock=self.ports.get(CLOCK),
            entropy=self.ports.get(ENTROPY),
            units=self.ports.get(UNIT_OF_WORK),
            franchises=self.ports.get(FRANCHISE_READER),
            zones=self.ports.get(ZONE_READER),
            locator=self.ports.get(ZONE_LOCATOR),
            bookings=self.ports.get(BOOKING_READER),
            blocks=self.ports.get(BLOCK_READER),
            schedule=self.ports.get(SCHEDULE_READER),
            demand=self.ports.get(DEMAND_READER),
            calendars=self.ports.get(CALENDAR_READER),
            certificates=self.ports.get(CERTIFICATE_READER),
            audit=self.ports.get(AUDIT_READER),
            directory=self.ports.get(TRAINER_DIRECTORY),
            replays=self.ports.get(EVENT_REPLAYS),
        )
        shown = self.settings.core.certificates
        company = Issuer(shown.company, shown.names)
        subscribers = [one.name for one in self.subscriptions]
        cases = core_cases(ports, self.rules, company, subscribers)
        return Dispatcher(
            cases,
            ports.units,
            ports.clock,
            ports.entropy,
            audience=audience_of(self.subscriptions),
            observer=self.ports.get(OBSERVER),
            jobs=self._job_requests(),
        )

    def _own_ports(self) -> list[Contribution]:
        """What this app itself offers to plugins, in the name of the core's own plugin."""
        core = next(one for one in self.hooks.plugins if one.manifest.name == "system")
        return [
            Contribution(core, PortProvider(DISPATCHER, "system", lambda _: self.dispatcher())),
            Contribution(core, PortProvider(JOB_TYPES, "system", lambda _: self.job_types)),
        ]

    def _job_requests(self) -> JobRequests:
        wanted = any(one.asked_by is not None for one in self.job_types.by_name().values())
        if not wanted or not self.ports.provides(JOB_QUEUE):
            return NO_JOBS
        identifiers = Identifiers(self.ports.get(CLOCK), self.ports.get(ENTROPY))
        return AskedByEvents(self.job_types, self.ports.get(JOB_QUEUE), identifiers)

    @asynccontextmanager
    async def running(self, *, serving: bool = False) -> AsyncIterator[None]:
        """Open what plugins keep open, in the order of ``requires``; close it in reverse.

        Args:
            serving: Whether the API is served, and not a command run.
        """
        steps = [one for one in self._lifespan if not one.value.serving]
        if serving:
            steps += [one for one in self._lifespan if one.value.serving]
        async with AsyncExitStack() as stack:
            for found in steps:
                step: LifespanStep = found.value
                try:
                    await stack.enter_async_context(step.open(self.ports))
                except Exception as error:
                    error.add_note(f"{found.plugin.title} could not open: {step.name}.")
                    raise
            yield


def bootstrap(
    environ: Mapping[str, str],
    plugins: Iterable[type] | None = None,
    system: type = SystemPlugin,
) -> Application:
    """Compose an app from the environment.

    Args:
        environ: Names the settings file and sets settings.
        plugins: Plugin classes to take part instead of the installed ones that the
            settings enable, in any order; for tests.
        system: Provides time and chance; another than the machine's own for tests.

    Raises:
        SettingsInvalid: Settings are wrong; with every fault at once.
        CompositionError: Plugins, ports and settings do not fit together.
    """
    # Session times must follow from the pinned tzdata, not from the machine's copy.
    zoneinfo.reset_tzpath(to=())
    chosen = _enabled(environ) if plugins is None else _given(plugins)
    loaded = in_order_of_need([vouched(system, "muster", __version__), *chosen])
    sections = core_sections()
    for plugin in loaded:
        if plugin.manifest.settings is None:
            continue
        if plugin.manifest.name in sections:
            raise CompositionError(
                f"{plugin.title} has the name of a section of the core's settings; rename it."
            )
        sections[plugin.manifest.name] = plugin.manifest.settings
    settings = load_settings(environ, sections)
    return Application(settings, PluginHooks(loaded))


def _given(plugins: Iterable[type]) -> list[LoadedPlugin]:
    return [vouched(plugin, plugin.__module__.partition(".")[0], "0") for plugin in plugins]


def _enabled(environ: Mapping[str, str]) -> list[LoadedPlugin]:
    try:
        chosen = load_settings(environ, {"plugins": PluginSettings}, ignore_unknown=True)
    except SettingsInvalid:
        # Which plugins take part cannot be known, so these are all the faults there are.
        load_settings(environ, core_sections(), ignore_unknown=True)
        raise
    return enabled_plugins(chosen.section(PluginSettings).enabled)


def _owners(contributions: list[Contribution]) -> dict[str, str]:
    owners: dict[str, LoadedPlugin] = {}
    for found in contributions:
        command = found.value.command
        if not command.name:
            raise CompositionError(
                f"{found.plugin.title} contributes a command without a name; give it one."
            )
        if command.name in owners:
            raise CompositionError(
                f"{found.plugin.title} contributes the command {command.name!r}, which "
                f"{owners[command.name].title} contributes already; disable or rename one of them."
            )
        owners[command.name] = found.plugin
    return {name: plugin.manifest.name for name, plugin in owners.items()}


def _by_name(contributions: list[Contribution]) -> list[HealthCheck]:
    checks: dict[str, Contribution] = {}
    for found in contributions:
        name = found.value.name
        if name in checks:
            raise CompositionError(
                f"{found.plugin.title} offers the health check {name!r}, which "
                f"{checks[name].plugin.title} offers already; disable or rename one of them."
            )
        checks[name] = found
    return [checks[name].value for name in sorted(checks)]
