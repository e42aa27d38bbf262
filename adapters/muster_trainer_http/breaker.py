"""The circuit breaker: a service that keeps failing is left alone, then tried by one question."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import structlog

from muster.ports.clock import Clock

__all__ = ["Breaker", "BreakerOpen", "BreakerState", "Permit"]

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class BreakerState(Enum):
    """Whether questions reach the service: all, none, or one at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class BreakerOpen(Exception):
    """The service is left alone for now."""


class Permit:
    """Leave for one question; whoever holds it says how the question ended, once."""

    __slots__ = ()


class Breaker:
    """Counts failures in a row and refuses questions, in one process, on one event loop.

    What a question that began before a change of state found out changes nothing: only the
    probe closes a breaker, or keeps it open.
    """

    def __init__(self, clock: Clock, failures: int, open_seconds: float) -> None:
        """Begin closed.

        Args:
            clock: By which it stays open.
            failures: This many in a row open it.
            open_seconds: After this long one question may try.
        """
        self._clock = clock
        self._most_failures = failures
        self._open_for = timedelta(seconds=open_seconds)
        self._failures = 0
        self._opened_at: datetime | None = None
        self._told = BreakerState.CLOSED
        self._permits: set[Permit] = set()
        self._probe: Permit | None = None

    @property
    def state(self) -> BreakerState:
        """How it stands at this instant."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        # A clock that was set back must not keep it open until it has caught up.
        waited = self._clock.now() - self._opened_at
        still_open = self._probe is None and timedelta(0) <= waited < self._open_for
        return BreakerState.OPEN if still_open else BreakerState.HALF_OPEN

    @property
    def spare_failures(self) -> int:
        """How many questions in a row may fail and it stays closed; none unless it is closed.

        One where it is closed and opens at the first failure: that cannot be known before.
        """
        if self._opened_at is not None:
            return 0
        return max(1, self._most_failures - 1) - self._failures

    def admit(self) -> Permit:
        """Let a question through. A command.

        Raises:
            BreakerOpen: It must not be asked now; half-open, somebody else asks already.
        """
        state = self.state
        if state is BreakerState.OPEN or self._probe is not None:
            raise BreakerOpen
        permit = Permit()
        if state is BreakerState.HALF_OPEN:
            self._probe = permit
            self._tell(state)
        else:
            self._permits.add(permit)
        return permit

    def succeeded(self, permit: Permit) -> None:
        """Note that the service answered. A command."""
        if permit is self._probe:
            self._probe, self._opened_at = None, None
        elif permit not in self._permits:
            return
        self._permits.discard(permit)
        self._failures = 0
        self._tell(BreakerState.CLOSED)

    def failed(self, permit: Permit) -> None:
        """Note that the service did not answer. A command."""
        if permit is self._probe:
            self._open()
        elif permit in self._permits:
            self._permits.discard(permit)
            self._failures += 1
            if self._failures >= self._most_failures:
                self._open()

    def forgive(self) -> None:
        """Begin to count anew, where it is closed. A command."""
        self._failures = 0

    def abandoned(self, permit: Permit) -> None:
        """Note that nobody waited for the answer, which tells nothing. A command."""
        self._permits.discard(permit)
        if permit is self._probe:
            self._probe = None

    def _open(self) -> None:
        self._probe = None
        self._permits.clear()
        self._opened_at = self._clock.now()
        self._tell(BreakerState.OPEN)

    def _tell(self, state: BreakerState) -> None:
        if state is not self._told:
            log.warning("trainer_breaker", state=state.value, before=self._told.value)
            self._told = state
