"""The dispatcher: the one place where a use case runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from muster.application.access import PUBLIC_PERMISSIONS, Permission, Principal, authorize
from muster.application.deeds import audit_entry
from muster.application.dispatching import Dispatches
from muster.application.identifiers import Identifiers
from muster.application.job_requests import NO_JOBS, JobRequests
from muster.application.use_case import (
    Caller,
    CommandCase,
    PreparationStale,
    QueryCase,
    Request,
    Work,
)
from muster.domain.bookings import Booking
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.journal import NOBODY, Audience, AuditEntry, RecordedEvent
from muster.ports.observation import Committed, Observer, Repeat, Repeated, UseCaseActivity, Watch
from muster.ports.unit_of_work import TransactionConflict, UnitOfWorkFactory
from muster.ports.unobserved import UNOBSERVED

__all__ = ["MAX_ATTEMPTS", "MAX_PREPARATIONS", "Dispatcher", "Rehearsal"]

MAX_ATTEMPTS = 5
"""How often one unit of work is run before its conflict is answered."""

MAX_PREPARATIONS = 3
"""How often a command is prepared before its staleness is answered."""

_FIRST_PAUSE_SECONDS = 0.005
_KEEPS_CHANGING = "What this depends on keeps changing; try again."
_CONFLICT, _STALE = Repeated(Repeat.CONFLICT), Repeated(Repeat.STALE)

R = TypeVar("R")


class Rehearsal(Struct, Generic[R], frozen=True):
    """What a command would do.

    Attributes:
        answer: What it would answer.
        changes: The bookings that it would change, before and after, in order.
        at: UTC instant at which it was tried.
    """

    answer: R
    changes: tuple[tuple[Booking, Booking], ...]
    at: datetime


class _Run(Struct, frozen=True, gc=False):
    principal: Principal
    caller: Caller
    watch: Watch


AnyCommand = CommandCase[Any, Any]
AnyQuery = QueryCase[Any]


class Dispatcher(Dispatches):
    """Runs use cases: permission, unit of work, retries, audit entry, events, jobs, commit.

    It commits before it returns, so an answer never runs ahead of what is stored.
    """

    def __init__(
        self,
        cases: Iterable[AnyCommand | AnyQuery],
        units: UnitOfWorkFactory,
        clock: Clock,
        entropy: Entropy,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        audience: Audience = NOBODY,
        observer: Observer = UNOBSERVED,
        jobs: JobRequests = NO_JOBS,
    ) -> None:
        """Register the use cases.

        Args:
            cases: One for each request type.
            units: Opens units of work.
            clock: For the instant of each run.
            entropy: For identifiers, and for the jitter between retries.
            pause: Waits for some seconds between retries.
            audience: Who is to be told of events after the commit.
            observer: Looks on while use cases run.
            jobs: Asks for what follows in the background, in the unit of what has happened.

        Raises:
            TypeError: A case declares no permission, everybody may run a command, or two
                cases handle one request.
        """
        self._cases: dict[type[Request[Any]], AnyCommand | AnyQuery] = {}
        for case in cases:
            self._register(case)
        self._units = units
        self._clock = clock
        self._entropy = entropy
        self._identifiers = Identifiers(clock, entropy)
        self._pause = pause
        self._audience = audience
        self._observer = observer
        self._jobs = jobs

    @property
    def requests(self) -> dict[type[Request[Any]], Permission]:
        """Every request that is understood, with the permission that it needs."""
        return {kind: case.permission for kind, case in self._cases.items()}

    async def dispatch(self, request: Request[R], caller: Caller) -> R:
        """Run the use case of a request.

        Args:
            request: A command or a query.
            caller: On whose behalf.

        Returns:
            The answer, once everything is committed.

        Raises:
            DomainError: The request was refused; nothing of it is stored.
        """
        case = self._cases[type(request)]
        with self._observer.observing(_activity(request, caller)) as watch:
            principal = authorize(caller.principal, case.permission)
            if isinstance(case, QueryCase):
                return cast("R", await case.answer(request, principal.scope))
            return cast("R", await self._prepared(case, request, _Run(principal, caller, watch)))

    async def rehearse(self, command: Request[R], caller: Caller) -> Rehearsal[R]:
        """Run a command to its end and undo it: what would it do now?

        The permission is that of the command. Nothing of it is stored, told or audited.

        Args:
            command: A command; a query has nothing to undo.
            caller: On whose behalf.

        Raises:
            DomainError: The command would be refused.
        """
        case = self._cases[type(command)]
        if isinstance(case, QueryCase):
            raise TypeError(f"{type(command).__name__} is no command")
        with self._observer.observing(_activity(command, caller, rehearsal=True)) as watch:
            principal = authorize(caller.principal, case.permission)
            for preparation in range(1, MAX_PREPARATIONS + 1):
                prepared = await case.prepare(command, principal.scope)
                try:
                    async with self._units(principal.scope) as unit:
                        work = Work(unit, self._clock.now(), principal)
                        answer = await case.perform(command, prepared, work)
                    return Rehearsal(cast("R", answer), tuple(work.changes), work.now)
                except PreparationStale:
                    if preparation == MAX_PREPARATIONS:
                        raise TransactionConflict(_KEEPS_CHANGING) from None
                    watch.note(_STALE)
            raise AssertionError("unreachable")

    def _register(self, case: AnyCommand | AnyQuery) -> None:
        name = type(case).__name__
        if not isinstance(getattr(case, "permission", None), Permission):
            raise TypeError(f"{name} declares no permission, and so nobody may run it")
        if case.permission in PUBLIC_PERMISSIONS and not isinstance(case, QueryCase):
            raise TypeError(f"{name} changes something, and everybody would be allowed to")
        if case.handles in self._cases:
            raise TypeError(f"{name}: another use case handles {case.handles.__name__} already")
        self._cases[case.handles] = case

    async def _prepared(self, case: AnyCommand, command: Request[Any], run: _Run) -> Any:
        for preparation in range(1, MAX_PREPARATIONS + 1):
            prepared = await case.prepare(command, run.principal.scope)
            try:
                return await self._retried(case, command, prepared, run)
            except PreparationStale:
                if preparation == MAX_PREPARATIONS:
                    raise TransactionConflict(_KEEPS_CHANGING) from None
                run.watch.note(_STALE)
        raise AssertionError("unreachable")

    async def _retried(
        self, case: AnyCommand, command: Request[Any], prepared: Any, run: _Run
    ) -> Any:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return await self._in_one_unit(case, command, prepared, run)
            except TransactionConflict:
                if attempt == MAX_ATTEMPTS:
                    raise
                run.watch.note(_CONFLICT)
                await self._pause(self._jittered(attempt))
        raise AssertionError("unreachable")

    async def _in_one_unit(
        self, case: AnyCommand, command: Request[Any], prepared: Any, run: _Run
    ) -> Any:
        async with self._units(run.principal.scope) as unit:
            work = Work(unit, self._clock.now(), run.principal)
            answer = await case.perform(command, prepared, work)
            if work.deeds:
                await unit.audit.append(self._audited(work, command, run))
            if work.events:
                recorded = self._recorded(work, run)
                await unit.outbox.add(recorded, self._audience)
                # Near the end: others that ask for the same job wait until this unit ends.
                await self._jobs.ask(unit, recorded)
            if run.caller.fence is not None:
                await run.caller.fence.hold(unit)
            await unit.commit()
        run.watch.note(Committed(work.events, work.receipts))
        return answer

    def _recorded(self, work: Work, run: _Run) -> list[RecordedEvent]:
        correlation_id, trace_context = run.caller.correlation_id, run.watch.trace_context
        return [
            RecordedEvent(self._identifiers.new(), work.now, correlation_id, event, trace_context)
            for event in work.events
        ]

    def _audited(self, work: Work, command: Request[Any], run: _Run) -> list[AuditEntry]:
        return [
            audit_entry(self._identifiers.new(), work.now, run.caller, type(command).__name__, deed)
            for deed in work.deeds
        ]

    def _jittered(self, attempt: int) -> float:
        longest = _FIRST_PAUSE_SECONDS * (1 << attempt)
        return longest * self._entropy.bits(16) / (1 << 16)


def _activity(request: Request[Any], caller: Caller, *, rehearsal: bool = False) -> UseCaseActivity:
    return UseCaseActivity(type(request).__name__, request, caller.correlation_id, rehearsal)
