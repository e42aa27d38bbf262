"""What can wait a moment, and is then done many at a time.

One by one, between other work, each piece would find code and data out of the processor's
caches, which takes several times as long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import structlog

__all__ = ["Backlog"]

_log = structlog.get_logger(__name__)

T = TypeVar("T")

_MOST_WAITING = 100
"""Together they take less than a millisecond."""

_SECONDS = 1.0
"""How long one waits at most."""


class Backlog(Generic[T]):
    """Takes things one by one, and has them dealt with together."""

    def __init__(self, deal_with: Callable[[Iterator[T]], None]) -> None:
        """Begin with nothing.

        Args:
            deal_with: Takes all that waits, at once; also when nothing does.
        """
        self._deal_with = deal_with
        self._waiting: deque[T] = deque()
        self._failing = False

    def take(self, one: T) -> None:
        """Take one. A command; it deals with all where too many wait."""
        self._waiting.append(one)
        if len(self._waiting) >= _MOST_WAITING:
            self.work_off()

    def work_off(self) -> None:
        """Deal with all that waits. A command; any thread may ask, and it raises nothing.

        Where that fails, what waits is let go: requests come first, and memory is bounded.
        """
        try:
            self._deal_with(self._taken())
        except Exception as error:  # noqa: BLE001 - whoever observes must not break what it sees
            self._waiting.clear()
            if not self._failing:
                _log.warning("telemetry_failing", exc_info=error)
            self._failing = True
        else:
            self._failing = False

    @asynccontextmanager
    async def kept_short(self) -> AsyncIterator[None]:
        """Work off every second while the context is open, and what is left at its end."""
        worker = asyncio.create_task(self._keep_working(), name="backlog of telemetry")
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            self.work_off()

    async def _keep_working(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS)
            self.work_off()

    def _taken(self) -> Iterator[T]:
        while self._waiting:
            try:
                yield self._waiting.popleft()
            except IndexError:  # another thread was faster
                return
