"""How long a connection may keep a server waiting: with a request, or with taking its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Patience"]


class Patience:
    """Watches one connection by one timer, which a request that is in time never touches."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        seconds: float,
        late: Callable[[], None],
    ) -> None:
        """Begin to wait for the first request.

        Args:
            loop: Tells the time.
            transport: Of the connection.
            seconds: How long a request may take to be whole, and what was written to be taken.
            late: Called when a request has taken longer.
        """
        self._loop = loop
        self._transport = transport
        self._seconds = seconds
        self._late = late
        self._waiting_since: float | None = loop.time()
        self._full_since: float | None = None
        self._was_closing = False
        self._timer = loop.call_later(seconds, self._look)

    def client_is_awaited(self, is_awaited: bool) -> None:
        """Hear whether it is the client's turn: nothing is asked, or not all of it."""
        if not is_awaited:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = self._loop.time()

    def begin_anew(self) -> None:
        """Hear that the client's turn begins, whatever it was waited for before."""
        self._waiting_since = self._loop.time()

    def output_is_full(self, is_full: bool) -> None:
        """Hear whether more waits to be taken than is kept for a connection."""
        self._full_since = self._loop.time() if is_full else None

    def end(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _look(self) -> None:
        due_at = self._loop.time() - self._seconds
        if self._was_closing or (self._full_since is not None and self._full_since <= due_at):
            # What it does not take, it does not get: closing would wait until it has.
            self._transport.abort()
            return
        self._was_closing = self._transport.is_closing()
        if self._waiting_since is not None and self._waiting_since <= due_at:
            self._waiting_since = None
            self._late()
        began = [since for since in (self._waiting_since, self._full_since) if since is not None]
        wait = min(began, default=self._loop.time()) - due_at
        self._timer = self._loop.call_later(max(wait, 0.0), self._look)
