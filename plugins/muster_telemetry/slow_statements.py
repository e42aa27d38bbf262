"""Slow statements: noticed on the path of a request, told off it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from time import perf_counter

import structlog
from msgspec import Struct
from structlog.contextvars import get_contextvars

from muster.ports.observation import Activity, StatementActivity
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_telemetry.listening import Listener
from muster_telemetry.records import Ear, Record
from muster_telemetry.statement_names import statement_name
from muster_telemetry.statement_plans import plan_of

__all__ = ["SlowStatement", "SlowStatementListener", "SlowStatements"]

_QUIET_SECONDS = 60.0
"""What is slow is slow again and again; its plan rarely changes, and to plan costs time too."""

_MOST_WAITING = 64
_MOST_TEXTS = 1_000
"""Statements are constants of the code, so there are fewer; a plugin may have made another."""

_IDS = ("correlation_id", "trace_id", "span_id")
_OUR_OWN: ContextVar[bool] = ContextVar("muster_telemetry_plans", default=False)
"""Whether a statement is sent to plan another one."""

_log = structlog.get_logger(__name__)


class SlowStatement(Struct, frozen=True):
    """A statement that was slow.

    Attributes:
        text: With placeholders.
        milliseconds: How long it took.
        ids: Of the request that sent it.
        untold: How often it was slow since it was told the last time.
    """

    text: str
    milliseconds: float
    ids: dict[str, str]
    untold: int


class SlowStatements:
    """Takes slow statements at once, and logs each with its plan later.

    A text is told once a minute; in between it is counted. Where more wait than can be planned,
    the rest is counted too.
    """

    def __init__(self, monotonic: Callable[[], float] = perf_counter) -> None:
        """Begin with none.

        Args:
            monotonic: Returns seconds from any beginning.
        """
        self._monotonic = monotonic
        self._waiting: asyncio.Queue[SlowStatement] = asyncio.Queue(_MOST_WAITING)
        self._told_at: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def take(self, text: str, milliseconds: float) -> None:
        """Hear of a slow statement, in the context of its request. A command; it never waits."""
        if max(len(self._told_at), len(self._untold)) >= _MOST_TEXTS:
            self._told_at.clear()
            self._untold.clear()
        now = self._monotonic()
        told_at = self._told_at.get(text)
        if self._waiting.full() or (told_at is not None and now - told_at < _QUIET_SECONDS):
            self._untold[text] = self._untold.get(text, 0) + 1
            return
        self._told_at[text] = now
        bound = get_contextvars()
        ids = {name: bound[name] for name in _IDS if name in bound}
        untold = self._untold.pop(text, 0)
        self._waiting.put_nowait(SlowStatement(text, milliseconds, ids, untold))

    @asynccontextmanager
    async def told(self, units: UnitOfWorkFactory) -> AsyncIterator[None]:
        """Log them while the context is open, and what is left at its end without plans.

        Args:
            units: Where they are planned.
        """
        teller = asyncio.create_task(self._keep_telling(units), name="slow statements")
        try:
            yield
        finally:
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)
            while not self._waiting.empty():
                _tell(self._waiting.get_nowait(), None)

    async def _keep_telling(self, units: UnitOfWorkFactory) -> None:
        _OUR_OWN.set(True)
        while True:
            slow = await self._waiting.get()
            _tell(slow, await _plan_or_none(slow.text, units))


class SlowStatementListener(Listener):
    """Hands on the statements that take long."""

    def __init__(self, slow_ms: float, take: Callable[[str, float], None]) -> None:
        """Look at statements.

        Args:
            slow_ms: From how many milliseconds on one is slow.
            take: Takes the text and the milliseconds of one that was slow, at once.
        """
        self._slow_ns = slow_ms * 1_000_000
        self._take = take

    def ear_of_ends(self, kind: type[Activity]) -> Ear | None:
        """Return what looks how long a statement took, whether it succeeded or not."""
        return self._ended if kind is StatementActivity else None

    def _ended(self, record: Record) -> None:
        nanoseconds = record.ended_ns - record.began_ns
        # What only plans another one is not looked at.
        if nanoseconds < self._slow_ns or _OUR_OWN.get():
            return
        assert isinstance(record.activity, StatementActivity)
        self._take(record.activity.text, round(nanoseconds / 1_000_000, 2))


async def _plan_or_none(text: str, units: UnitOfWorkFactory) -> str | None:
    try:
        return await plan_of(text, units)
    except Exception as error:  # noqa: BLE001 - the line is worth more than its plan
        _log.debug("statement_not_planned", error=type(error).__name__)
        return None


def _tell(slow: SlowStatement, plan: str | None) -> None:
    _log.warning(
        "slow_statement",
        statement=statement_name(slow.text),
        milliseconds=slow.milliseconds,
        untold=slow.untold,
        text=" ".join(slow.text.split()),
        plan=plan,
        **slow.ids,
    )
