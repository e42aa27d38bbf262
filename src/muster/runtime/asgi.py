"""The ASGI app of one server process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

from litestar.types import ASGIApp, Receive, Scope, Send

from muster.application.access import Permission, Principal
from muster.http.answer_headers import Completion, as_they_are, completed_by
from muster.http.app import EdgeParts, create_app
from muster.http.identification import Identification
from muster.http.readiness import Readiness
from muster.ports.clock import CLOCK
from muster.ports.deployment_keys import DEPLOYMENT_KEYS
from muster.ports.entropy import ENTROPY
from muster.ports.event_feed import EVENT_FEED
from muster.ports.event_replays import EVENT_REPLAYS
from muster.ports.observation import OBSERVER
from muster.runtime.access_log import access_log
from muster.runtime.audit_composition import sealer_of
from muster.runtime.bootstrap import Application
from muster.runtime.event_relay import EventRelay
from muster.runtime.event_replayer import EventReplayer
from muster.runtime.open_doors import refuse_open_doors
from muster.runtime.settings import OpenAccess

__all__ = ["MusterAsgi", "create_asgi"]

_OPEN_PRINCIPAL = Principal("open-access", frozenset(Permission))


_Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class MusterAsgi:
    """The app as a server calls it.

    Attributes:
        readiness: Told by the server when it is going.
        complete: Completes the headers of what the server answers without the app.
    """

    def __init__(
        self, app: ASGIApp, readiness: Readiness, complete: Completion = as_they_are
    ) -> None:
        """Serve an app."""
        self._app = app
        self.readiness = readiness
        self.complete = complete

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, or live through the lifespan."""
        await self._app(scope, receive, send)


def create_asgi(application: Application) -> MusterAsgi:
    """Return the ASGI app of a composed application; its lifespan opens what must be open.

    Raises:
        CompositionError: A port that the core needs is not provided, or the app would let
            everybody in from everywhere.
    """
    refuse_open_doors(application)
    core = application.settings.core
    ports = application.ports
    readiness = Readiness(application.health_checks, ports)
    complete = completed_by(application.answer_headers)
    parts = EdgeParts(
        dispatcher=application.dispatcher(),
        clock=ports.get(CLOCK),
        entropy=ports.get(ENTROPY),
        keys=ports.get(DEPLOYMENT_KEYS),
        readiness=readiness,
        routes=application.routes,
        middleware=application.middleware,
        complete=complete,
        ports=ports,
        lifespan=_lifespan(application),
        identification=Identification(
            application.authenticators,
            ports,
            None if core.access.open is OpenAccess.NOBODY else _OPEN_PRINCIPAL,
        ),
        max_body_bytes=core.http.max_body_bytes,
        access_log=access_log(core.log),
        observer=ports.get(OBSERVER),
    )
    return MusterAsgi(create_app(parts), readiness, complete)


def _lifespan(application: Application) -> _Lifespan:
    ports = application.ports
    tasks: list[_Lifespan] = [sealer_of(application).running]
    if application.subscriptions:
        told = (
            ports.get(CLOCK),
            ports,
            application.settings.core.events,
            ports.get(OBSERVER),
        )
        relay = EventRelay(application.subscriptions, ports.get(EVENT_FEED), *told)
        replayer = EventReplayer(application.subscriptions, ports.get(EVENT_REPLAYS), *told)
        tasks.append(partial(relay.running, replayer.tellers))

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(application.running(serving=True))
            for task in tasks:
                await stack.enter_async_context(task())
            yield

    return opened
