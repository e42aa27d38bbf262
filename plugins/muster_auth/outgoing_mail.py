"""Mail on its way out: handed over after the commit, and sent while nobody waits for it.

This is the one place through which the plugin writes to people. Whoever asks is answered before
anything is sent, so neither the time nor the outcome of it tells who has an account. What is
handed over lives in this process alone and is gone with it; people ask again.
"""

from __future__ import annotations

import asyncio

import structlog

from muster.ports.notifier import Notice, NoticeRefused, Notifier, NotifierUnavailable

__all__ = ["OutgoingMail"]

_log = structlog.get_logger(__name__)

_AT_ONCE = 4
_MOST = 1_000
_PATIENCE_SECONDS = 5.0


class OutgoingMail:
    """Sends notices one by one, a few at a time; what fails is logged without whom it was for."""

    def __init__(self, notifier: Notifier) -> None:
        """Send by a notifier."""
        self._notifier = notifier
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()

    def hand_over(self, notice: Notice, pause_seconds: float = 0) -> None:
        """Send a notice, later; returns at once and never raises. Call it after the commit.

        Args:
            notice: What to send.
            pause_seconds: After how long to begin, at the earliest: what a mail costs must not
                be felt by whoever caused it where they should not know that there is one.
        """
        if len(self._under_way) >= _MOST:
            _log.error("notice_dropped", notice_id=str(notice.id), waiting=len(self._under_way))
            return
        task = asyncio.create_task(self._send(notice, pause_seconds))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Wait until all that was handed over was sent, or failed."""
        await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Give what is on its way a moment, and then give it up."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=_PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            _log.error("notices_given_up", notices=len(late))

    async def _send(self, notice: Notice, pause_seconds: float) -> None:
        if pause_seconds:
            await asyncio.sleep(pause_seconds)
        async with self._free:
            try:
                await self._notifier.send(notice)
            except (NotifierUnavailable, NoticeRefused) as error:
                _log.warning("notice_failed", notice_id=str(notice.id), reason=error.message)
            except Exception as error:  # noqa: BLE001 - of a plugin's notifier; nobody else hears it
                kind = type(error).__name__
                _log.error("notice_failed", notice_id=str(notice.id), reason=kind)
