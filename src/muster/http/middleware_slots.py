"""Middleware of plugins, each in its slot around the app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from muster.domain.errors import DomainError
from muster.http.raw_refusals import answer_refusal
from muster.plugin_api.contributions import HttpMiddleware
from muster.plugin_api.lookup import PortLookup

__all__ = ["in_slots"]


def in_slots(
    app: ASGIApp,
    middleware: Iterable[HttpMiddleware],
    ports: PortLookup,
    now: Callable[[], datetime],
) -> ASGIApp:
    """Return an app with middleware around it, the first of it outermost.

    Args:
        app: The app inside.
        middleware: In order.
        ports: Handed to it.
        now: Returns the present UTC instant.
    """
    for one in reversed(list(middleware)):
        app = _Slot(one.wrap(app, ports), app, now)
    return app


class _Slot:
    """One middleware: asked of HTTP alone, and a ``DomainError`` that it raises is answered.

    The answer goes through the middleware outside of it, as every other answer.
    """

    def __init__(self, outer: ASGIApp, inner: ASGIApp, now: Callable[[], datetime]) -> None:
        self._outer = outer
        self._inner = inner
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._outer(scope, receive, noticed)
        except DomainError as refused:
            if begun:
                raise
            await answer_refusal(
                scope,
                send,
                self._now(),
                refused.code,
                refused.message,
                retryable=refused.retryable,
                faults=refused.faults,
                retry_after_seconds=refused.retry_after_seconds,
            )
