"""The tasks that tell subscribers of events: one for each, so that none waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from muster.runtime.event_composition import Subscription

__all__ = ["EventTellers", "telling"]

_GRACE_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class EventTellers:
    """Looks again and again for something to tell each subscriber."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        tell_some: Callable[[Subscription], Awaitable[bool]],
        poll_seconds: float,
    ) -> None:
        """Tell these subscribers.

        Args:
            subscriptions: Who is told.
            tell_some: Tells a subscriber what there is, and says whether there was something.
            poll_seconds: How long to wait where there was nothing.
        """
        self._subscriptions = subscriptions
        self._tell_some = tell_some
        self._poll_seconds = poll_seconds
        self._ending = asyncio.Event()

    def begin(self) -> list[asyncio.Task[None]]:
        """Begin to tell them."""
        return [
            asyncio.create_task(self._tell(one), name=f"events for {one.name}")
            for one in self._subscriptions
        ]

    def end(self) -> None:
        """Begin nothing any more."""
        self._ending.set()

    async def _tell(self, subscription: Subscription) -> None:
        away = False
        while not self._ending.is_set():
            try:
                told, away = await self._tell_some(subscription), False
            except Exception as error:  # noqa: BLE001 - a relay that ends would tell nobody ever
                if not away:
                    _log.warning("event_feed_failed", subscriber=subscription.name, exc_info=error)
                told, away = False, True
            if not told:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._ending.wait()
        except TimeoutError:
            return


@asynccontextmanager
async def telling(*together: EventTellers) -> AsyncIterator[None]:
    """Tell while the context is open; then finish or hand back what was begun.

    Args:
        together: Whose time to finish is the same, so that a server ends no later for several.
    """
    tasks = [task for one in together for task in one.begin()]
    try:
        yield
    finally:
        for one in together:
            one.end()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
