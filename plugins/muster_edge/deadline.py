"""How long a request may take until its answer begins."""

from __future__ import annotations

import asyncio

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from muster_edge.refusals import TooSlow

__all__ = ["Deadline"]


class Deadline:
    """Cancels what takes too long, its transaction rolled back; so it also bounds slow senders."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            seconds: Until the answer must have begun.
        """
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            TooSlow: The time was over before the answer began.
        """
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        begun = False
        try:
            async with asyncio.timeout(self._seconds) as limit:

                async def begins(message: Message) -> None:
                    nonlocal begun
                    if not begun:
                        begun = True
                        if not limit.expired():
                            limit.reschedule(None)
                    await send(message)

                await self._app(scope, receive, begins)
        except TimeoutError:
            if begun or not limit.expired():
                raise
            raise TooSlow("This took too long and was given up.") from None
