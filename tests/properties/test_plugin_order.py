"""However plugins are installed, registered or named in the settings, the app is the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from itertools import permutations
from typing import Any

import click
import msgspec
import pytest
from litestar import get

from muster import plugin_api
from muster.plugin_api import (
    Authenticator,
    CliCommand,
    HealthCheck,
    HttpMiddleware,
    HttpRoutes,
    Layer,
    LifespanStep,
    Manifest,
    PortLookup,
    PortProvider,
    PortWrapper,
    SettingsLookup,
    Slot,
    hookimpl,
)
from muster.plugin_api.hooks import MusterHooks
from muster.ports.clock import CLOCK
from muster.ports.trainer_directory import TRAINER_DIRECTORY, DirectoryAnswer, TrainerQuestion
from muster.runtime import plugin_discovery
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.cli.plugins_command import report
from muster_memory.plugin import MemoryPlugin

HOOKS = [name for name in vars(MusterHooks) if not name.startswith("_")]
NEEDS = {"ant": ("zebra",), "mule": (), "zebra": ()}
"""The plugins, and what each requires: by name alone, ant would come first."""

ENVIRON = {"MUSTER_PLUGINS__PORTS": "clock=mulex"}
DIARY: list[str] = []


class Around:
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def candidates(self, question: TrainerQuestion) -> DirectoryAnswer:
        raise NotImplementedError


class Nothing(msgspec.Struct):
    pass


async def nothing(*_: object) -> Any:
    raise NotImplementedError


def a_step(name: str) -> LifespanStep:
    @asynccontextmanager
    async def opened(ports: PortLookup) -> AsyncIterator[None]:
        DIARY.append(f"open {name}")
        yield
        DIARY.append(f"close {name}")

    return LifespanStep(name, opened)


def a_route(name: str) -> HttpRoutes:
    @get(f"/{name}")
    async def route() -> str:
        return name

    return HttpRoutes([route])


SAMPLES: dict[str, Callable[[str], Any]] = {
    "provide_ports": lambda name: PortProvider(CLOCK, name, lambda ports: None),
    "wrap_ports": lambda name: PortWrapper(
        TRAINER_DIRECTORY, Layer.CACHE, name, lambda inner, ports: Around(inner)
    ),
    "http_routes": a_route,
    "authenticators": lambda name: Authenticator(name, nothing),
    "http_middleware": lambda name: HttpMiddleware(Slot.INNER, name, lambda inner, ports: inner),
    "answer_headers": lambda name: plugin_api.AnswerHeaders(
        name, lambda scope, status, lines: lines
    ),
    "health_checks": lambda name: HealthCheck(name, nothing, 1.0, critical=False),
    "lifespan": a_step,
    "cli_commands": lambda name: CliCommand(click.Command(name)),
    "assignment_rules": lambda name: plugin_api.EligibilityRule(
        name.upper(), 1, lambda placement, candidate: None
    ),
    "ranking_policies": lambda name: plugin_api.RankingPolicy(name, 1, lambda parts: 0),
    "event_subscribers": lambda name: plugin_api.EventSubscriber(name, nothing),
    "jobs": lambda name: plugin_api.JobType(name=name, payload=Nothing, handle=nothing),
}
"""What a plugin contributes through each hook: two of each, named after the plugin."""


def contributing(name: str) -> type:
    """A plugin that takes part through every hook."""

    def implementing(hook: str) -> Any:
        def implementation(self: object, settings: SettingsLookup) -> Sequence[Any]:
            if hook == "wrap_ports":
                # Inner and outer layers, against the order of the plugins' names.
                layer = {"ant": Layer.TELEMETRY, "mule": Layer.RESILIENCE}.get(name, Layer.CACHE)
                return [msgspec.structs.replace(SAMPLES[hook](name), layer=layer)]
            return [SAMPLES[hook](f"{name}{mark}") for mark in ("y", "x")]

        return hookimpl(implementation)

    manifest = Manifest(name=name, api_version=1, requires=NEEDS[name])
    methods = {hook: implementing(hook) for hook in HOOKS}
    return type(name.title(), (), {"MANIFEST": manifest, **methods})


CLASSES = [MemoryPlugin, *(contributing(name) for name in NEEDS)]
NAMES = ["memory", *NEEDS]


def told(value: Any) -> Any:
    """What can be compared of a contribution."""
    if isinstance(value, HttpRoutes):
        return [sorted(handler.paths) for handler in value.handlers]
    if isinstance(value, CliCommand):
        return value.command.name
    plain = msgspec.structs.asdict(value)
    return {key: str(part) for key, part in plain.items() if not callable(part)}


def composition(app: Application) -> dict[str, Any]:
    """Everything in which the order of plugins could show."""
    DIARY.clear()

    async def live() -> None:
        async with app.running():
            DIARY.append("serve")

    asyncio.run(live())
    return {
        "plugins": [plugin.manifest.name for plugin in app.hooks.plugins],
        "chains": app.ports.chains(),
        "hooks": {
            hook: [
                (found.plugin.manifest.name, told(found.value))
                for found in app.hooks.collect(hook, app.settings)
            ]
            for hook in HOOKS
        },
        "answer_headers": [told(one) for one in app.answer_headers],
        "routes": [(name, told(routes)) for name, routes in app.routes],
        "authenticators": [told(one) for one in app.authenticators],
        "middleware": [told(one) for one in app.middleware],
        "checks": [told(check) for check in app.health_checks],
        "commands": [told(command) for command in app.commands],
        "owners": list(app.command_owners.items()),
        "lifespan": list(DIARY),
        "report": report(app, plugin_discovery.installed_plugins()),
    }


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    install(monkeypatch, NAMES)
    return composition(bootstrap(ENVIRON, CLASSES))


def install(monkeypatch: pytest.MonkeyPatch, names: Sequence[str]) -> None:
    """Let plugins be found in this order."""
    monkeypatch.setattr(
        plugin_discovery,
        "entry_points",
        lambda group: [EntryPoint(name, f"{__name__}:{name}_plugin", group) for name in names],
    )
    for name, plugin in zip(NAMES, CLASSES, strict=True):
        monkeypatch.setattr(f"{__name__}.{name}_plugin", plugin, raising=False)


def test_every_hook_is_tried() -> None:
    assert set(HOOKS) <= set(SAMPLES)


def test_the_order_of_registration_changes_nothing(first: dict[str, Any]) -> None:
    for order in permutations(CLASSES):
        assert composition(bootstrap(ENVIRON, order)) == first, order


def test_neither_installation_nor_the_settings_order_change_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compositions = []
    for order in permutations(NAMES):
        install(monkeypatch, order)
        enabled = {"MUSTER_PLUGINS__ENABLED": ",".join(order[::-1])}
        compositions.append(composition(bootstrap(ENVIRON | enabled)))
    assert compositions[1:] == compositions[:1] * (len(compositions) - 1)


def test_the_order_is_that_of_needs_then_names(first: dict[str, Any]) -> None:
    assert first["plugins"] == ["memory", "mule", "system", "zebra", "ant"]
    assert first["lifespan"] == [
        *(f"open {name}" for name in ("muley", "mulex", "zebray", "zebrax", "anty", "antx")),
        "serve",
        *(f"close {name}" for name in ("antx", "anty", "zebrax", "zebray", "mulex", "muley")),
    ]
    (directory,) = [chain for chain in first["chains"] if chain.port == "trainer_directory"]
    assert directory.wrappers == ("mule/mule@RESILIENCE", "zebra/zebra@CACHE", "ant/ant@TELEMETRY")
