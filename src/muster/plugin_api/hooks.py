"""The hook specifications: every way in which a plugin can take part.

All hooks are synchronous, called once, when the app is composed, and collecting: the
contributions of all plugins together count, and their order never depends on which
plugin was installed first. An exception in a hook stops the start with the plugin's
name, distribution, version and the hook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pluggy

from muster.domain.eligibility import EligibilityRule
from muster.domain.ranking import RankingPolicy
from muster.plugin_api.contributions import (
    AnswerHeaders,
    Authenticator,
    CliCommand,
    EventSubscriber,
    HealthCheck,
    HttpMiddleware,
    HttpRoutes,
    LifespanStep,
    PortProvider,
    PortWrapper,
)
from muster.plugin_api.job_types import JobType
from muster.plugin_api.lookup import SettingsLookup

__all__ = ["PROJECT", "MusterHooks", "hookimpl", "hookspec"]

PROJECT = "muster"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's method as its part in the hook of the same name."""


class MusterHooks:
    """The hooks; a plugin implements those it needs as methods marked ``@hookimpl``."""

    @hookspec
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer adapters for ports.

        Args:
            settings: The validated settings; ``settings.section(MySettings)`` is one's own.

        Called:
            Once, when the app is composed. An adapter is built when its port is first asked
            for, once, and only where it was chosen.

        Returns:
            A provider for each port on offer; its name is unique among those of the port.

        Combined:
            Exactly one provider stands behind each port: the only one on offer, or the one
            that ``MUSTER_PLUGINS__PORTS`` names where there are several.

        Fails:
            An exception here, in the building, or an adapter that does not keep to the
            port's Protocol stops the start.
        """
        raise NotImplementedError

    @hookspec
    def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
        """Offer wrappers around wrappable ports, whichever adapter stands behind them.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed. ``wrap`` is called once, after its port's adapter
            was built.

        Returns:
            A wrapper for each port that is to be wrapped: an explicit class with the methods,
            parameters and async-ness of the port's Protocol.

        Combined:
            Folded by layer, then by name: RESILIENCE inside CACHE inside TELEMETRY. Layer and
            name together are unique for each port.

        Fails:
            An exception here or in ``wrap``, a port that is not wrappable, or a wrapper that
            differs from the Protocol stops the start.
        """
        raise NotImplementedError

    @hookspec
    def authenticators(self, settings: SettingsLookup) -> Sequence[Authenticator]:
        """Offer ways to know who asks; there is no other way in.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; ``authenticate`` for each request to a route that is
            not public, before its parameters and its body are looked at.

        Returns:
            Authenticators, each with a name of its own within the plugin.

        Combined:
            Asked by the plugin's name and the authenticator's, one after the other; the first
            that returns a principal or refuses decides. Where none does, nobody is known, and
            that is a 401. Once there is one, ``MUSTER_ACCESS__OPEN`` lets nobody in.

        Fails:
            An exception here, or a name that is taken, stops the start. ``Unauthenticated`` is a
            401, ``DatabaseUnavailable`` a 503, another exception a 500: nobody gets in.
        """
        raise NotImplementedError

    @hookspec
    def assignment_rules(self, settings: SettingsLookup) -> Sequence[EligibilityRule]:
        """Offer rules about who may take a placement, beside those of the law.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; each rule for every candidate of every placement,
            with a database transaction open: it is a pure function and takes microseconds.

        Returns:
            Rules with names like ``DAILY_LIMIT``, each with a version that grows when its
            verdicts change. A rule refuses with its own name, and details in plain JSON
            values. One that counts a candidate's sessions a day says ``needs_booked_days``.

        Combined:
            Every rule is asked; any refusal turns the candidate down. Receipts show the
            core's in the order of the law, then the plugins' by the plugin's name and the
            rule's, with their versions. A rule sees what was committed when it was asked:
            two bookings that are placed at once both count without each other. The free
            starts of a zone are not asked about them.

        Fails:
            An exception here, or a name that is taken, stops the start. A rule that raises
            refuses that candidate with the message "The rule failed."; the first time is
            logged.
        """
        raise NotImplementedError

    @hookspec
    def ranking_policies(self, settings: SettingsLookup) -> Sequence[RankingPolicy]:
        """Offer orders in which eligible trainers are asked.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; a policy's key for each candidate of a placement
            that names the policy.

        Returns:
            Policies with names like ``fewest-hours``, each with a version that grows when its
            order changes. The key is a pure function, and its values compare with each other.

        Combined:
            A booking's ``rankingPolicy`` names one, else ``MUSTER_ASSIGNMENT__POLICY`` does.
            Ties go to the lowest trainer id. Receipts show the policy with its version.

        Fails:
            An exception here, or a name that is taken, stops the start. Whom a key raises for
            ranks after all others; the first time is logged.
        """
        raise NotImplementedError

    @hookspec
    def event_subscribers(self, settings: SettingsLookup) -> Sequence[EventSubscriber]:
        """Offer listeners to what has happened.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; ``handle`` in a server process after the commit of
            an event, usually within ``MUSTER_EVENTS__POLL_SECONDS``.

        Returns:
            Subscribers, each with a name of its own within the plugin.

        Combined:
            Each is told by itself, at least once, of every event that was committed while its
            plugin was enabled: of those about one booking in the order in which they
            happened, of others in any order and at the same time. The event's id is the
            idempotency key. Several servers share the work.

        Fails:
            An exception here, or a name that is taken, stops the start. Where ``handle``
            raises or runs over its timeout, the event is told again after
            ``MUSTER_EVENTS__RETRY_SECONDS``, then after twice as long, and at last parked
            with its error. Until then later events about the same booking wait; other
            bookings and other subscribers do not.
        """
        raise NotImplementedError

    @hookspec
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        """Offer work that is done in the background.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; ``asked_by`` for each event, in the transaction of
            what has happened: it is a pure function and takes microseconds; ``handle`` in a
            worker, after the commit.

        Returns:
            Job types, each with a name of its own within the plugin.

        Combined:
            A job that an event asks for is stored with the event: a rollback leaves none, a
            commit loses none. It is run at least once, by any worker of any server, and may be
            run again, so it does what is still to be done. Of jobs with one unique key one is
            live at a time. The plugin that provides the port ``job_queue`` runs them.

        Fails:
            An exception here, or a name that is taken, stops the start. One in ``asked_by``
            refuses the change, for its job would be lost. Where ``handle`` raises or runs over
            its timeout, the job is run again after a pause, as its retries say, and is dead at
            last, with its error. One whose worker dies is run again, and that counts.
        """
        raise NotImplementedError

    @hookspec
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer routes under ``/plugins/<name of the plugin>/``.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; the handlers for each request.

        Returns:
            Litestar handlers, controllers or routers; authenticated unless they say that
            they are public.

        Combined:
            Each plugin has a path of its own, so that none can take another's or the core's.

        Fails:
            An exception here stops the start. One in a handler is a 500 in Muster's envelope
            and a line in the log; a ``DomainError`` has the status of its code.
        """
        raise NotImplementedError

    @hookspec
    def http_middleware(self, settings: SettingsLookup) -> Sequence[HttpMiddleware]:
        """Offer middleware around the app.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; ``wrap`` once, from the innermost to the outermost;
            the middleware for each HTTP request, whatever its route, also where there is none.

        Returns:
            ASGI middleware, each for a slot and with a name.

        Combined:
            By slot, then by name: SECURITY around INNER around the routes. Correlation id, access
            line and the last answer to faults stand around all of it. Slot and name together
            are unique.

        Fails:
            An exception here or in ``wrap``, or a name that is taken, stops the start. A
            ``DomainError`` has the status of its code; another exception is a 500 in Muster's
            envelope and a line in the log.
        """
        raise NotImplementedError

    @hookspec
    def answer_headers(self, settings: SettingsLookup) -> Sequence[AnswerHeaders]:
        """Offer headers that every answer is to carry.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; ``complete`` at the beginning of every answer: also
            of refusals before the middleware is asked, of faults, and of what is no HTTP.

        Returns:
            Functions that complete the headers of an answer, each with a name.

        Combined:
            One after the other, by the plugin's name and their own. Each is handed what the one
            before returned.

        Fails:
            An exception here, or a name that is taken, stops the start. ``complete`` does no
            I/O and raises nothing: an exception of it leaves the request without an answer.
        """
        raise NotImplementedError

    @hookspec
    def health_checks(self, settings: SettingsLookup) -> Sequence[HealthCheck]:
        """Offer checks that ``/ready`` makes.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; the checks for each ``GET /ready``, all at once.

        Returns:
            Checks, each with its own name and timeout.

        Combined:
            By name. Muster is unready while a critical check is down, and degraded while
            another one is.

        Fails:
            An exception here, or a name that is taken, stops the start. A check that raises
            or runs over its timeout reports its dependency down.
        """
        raise NotImplementedError

    @hookspec
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Offer what is opened when the app starts and closed when it ends.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; ``open`` once in each server process, before the
            first request.

        Returns:
            Steps; a plugin's own are entered in the order in which it returns them.

        Combined:
            Entered in the order of ``requires``, then by the plugins' names; left in reverse.
            Those that are only for serving come after all others, and not at all for a command.

        Fails:
            An exception here, or in a step that opens, stops the start and closes the steps
            before it. One in a step that closes does not keep the others from closing.
        """
        raise NotImplementedError

    @hookspec
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer commands of ``muster`` on the command line.

        Args:
            settings: The validated settings.

        Called:
            Once, when the app is composed; the command's function when somebody runs it.

        Returns:
            Click commands or groups, each with a name.

        Combined:
            Shown after the core's commands, by name.

        Fails:
            An exception here, or a name that is taken, stops the start. What the command
            raises ends that command alone.
        """
        raise NotImplementedError
