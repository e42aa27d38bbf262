"""Live status: one look at the database a second, for however many who watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

import structlog

from muster.domain.errors import DomainError

__all__ = ["LiveStatus", "TooManyWatch", "Watch"]

_MOST_WATCHES = 100

_log = structlog.get_logger(__name__)


class TooManyWatch(DomainError):
    """As many watch this server's live status as may."""

    code: ClassVar[str] = "RATE_LIMITED"
    retryable: ClassVar[bool] = True


class Watch:
    """What one who watches has seen: the newest status waits for them, and no other."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._news: bytes | None = None
        self._woken = asyncio.Event()

    def tell(self, status: bytes) -> None:
        """Put a status in place of the one that was not seen yet."""
        self._news = status
        self._woken.set()

    async def news(self, seconds: float) -> bytes | None:
        """Return the newest status that was not seen yet; ``None`` where none comes in time.

        Args:
            seconds: How long to wait.
        """
        if self._news is None:
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                return None
        news, self._news = self._news, None
        self._woken.clear()
        return news


class LiveStatus:
    """Reads the status while anybody watches, and tells all of them when it has changed."""

    def __init__(
        self,
        read: Callable[[], Awaitable[bytes]],
        pause: Callable[[], Awaitable[None]],
        most: int = _MOST_WATCHES,
    ) -> None:
        """Read nothing yet.

        Args:
            read: Returns the status, equal to the one before where nothing has changed.
            pause: Waits between one look and the next.
            most: How many may watch at once.
        """
        self._read = read
        self._pause = pause
        self._most = most
        self._watches: set[Watch] = set()
        self._reading: asyncio.Task[None] | None = None
        self._last: bytes | None = None

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Watch]:
        """Watch while the context is open; what is known is told at once.

        Raises:
            TooManyWatch: No more may.
        """
        if len(self._watches) >= self._most:
            raise TooManyWatch("As many watch live status as may; try again later.")
        watch = Watch()
        self._watches.add(watch)
        if self._reading is None:
            self._reading = asyncio.create_task(self._keep_reading(), name="live status of jobs")
        elif self._last is not None:
            watch.tell(self._last)
        try:
            yield watch
        finally:
            self._watches.discard(watch)
            if not self._watches and self._reading is not None:
                self._reading.cancel()
                self._reading = self._last = None

    async def _keep_reading(self) -> None:
        away = False
        while True:
            try:
                status = await self._read()
            except Exception as error:  # noqa: BLE001 - the next look may do
                if not away:
                    _log.warning("live_status_failed", error=type(error).__name__)
                away = True
            else:
                away = False
                self._tell(status)
            await self._pause()

    def _tell(self, status: bytes) -> None:
        if status == self._last:
            return
        self._last = status
        for watch in self._watches:
            watch.tell(status)
