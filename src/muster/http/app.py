"""The Litestar app: routes, strict reading, one error envelope, one outer wrapper."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Litestar, Response, Router
from litestar.enums import HttpMethod
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp
from msgspec import Struct

from muster.application.dispatcher import Dispatcher
from muster.application.identifiers import Identifiers
from muster.http.access_line import AccessLog
from muster.http.answer_headers import Completion
from muster.http.body import JsonBody
from muster.http.controllers.audit import AuditTrail
from muster.http.controllers.booking_changes import BookingChanges
from muster.http.controllers.bookings import Bookings
from muster.http.controllers.calendars import Calendars
from muster.http.controllers.certificates import (
    BookingCertificates,
    Certificates,
    StudentCertificates,
)
from muster.http.controllers.events import Events
from muster.http.controllers.franchises import Franchises
from muster.http.controllers.health import Health
from muster.http.controllers.service_demand import ServiceDemand
from muster.http.controllers.sessions import Sessions
from muster.http.controllers.trainers import Trainers
from muster.http.controllers.zones import Zones
from muster.http.documentation import assets_router, openapi_config
from muster.http.edge import Edge, HttpRequest
from muster.http.failures import exception_handlers
from muster.http.identification import Identification, known_caller
from muster.http.logged_paths import words_of_paths
from muster.http.middleware_slots import in_slots
from muster.http.outer import OuterWrapper
from muster.http.parameters import valid_parameters
from muster.http.plugin_routes import plugin_router
from muster.http.readiness import Readiness
from muster.http.vitals import Vitals
from muster.plugin_api.contributions import HttpMiddleware, HttpRoutes
from muster.plugin_api.cursors import Cursors
from muster.plugin_api.leaving import LEAVING_KEY
from muster.plugin_api.lookup import PortLookup
from muster.ports.clock import Clock
from muster.ports.deployment_keys import DeploymentKeys
from muster.ports.entropy import Entropy
from muster.ports.observation import Observer

__all__ = ["EdgeParts", "create_app"]

_CURSOR_KEY = "cursors"
_CURSOR_KEY_BITS = 256


class EdgeParts(Struct, frozen=True):
    """What the edge is made from.

    Attributes:
        dispatcher: Runs use cases.
        clock: For timestamps.
        entropy: For correlation ids.
        keys: For the key that signs cursors.
        readiness: Asks the dependencies.
        routes: What plugins add, with the name of the plugin.
        middleware: What plugins put around it, the outermost first.
        complete: Completes the headers of every answer.
        ports: Handed to middleware.
        lifespan: Opens what must be open while requests are answered.
        identification: Finds out who asks.
        max_body_bytes: Largest request body.
        access_log: Writes the access line of each request.
        observer: Looks on while requests are answered.
    """

    dispatcher: Dispatcher
    clock: Clock
    entropy: Entropy
    keys: DeploymentKeys
    readiness: Readiness
    routes: Sequence[tuple[str, HttpRoutes]]
    middleware: Sequence[HttpMiddleware]
    complete: Completion
    ports: PortLookup
    lifespan: Callable[[], AbstractAsyncContextManager[None]]
    identification: Identification
    max_body_bytes: int
    access_log: AccessLog
    observer: Observer


def create_app(parts: EdgeParts) -> ASGIApp:
    """Return the whole HTTP app.

    Args:
        parts: What it is made from.

    Raises:
        CompositionError: A plugin asks for a path that it is not granted.
    """
    identifiers = Identifiers(parts.clock, parts.entropy)
    app = Litestar(
        route_handlers=[
            _core_router(),
            assets_router(),
            *(plugin_router(name, routes) for name, routes in parts.routes),
        ],
        exception_handlers=dict(exception_handlers(parts.clock.now)),
        lifespan=[lambda app: _lifespan(app, parts)],
        openapi_config=openapi_config(),
        request_max_body_size=parts.max_body_bytes,
        logging_config=None,
    )
    return OuterWrapper(
        in_slots(app, parts.middleware, parts.ports, parts.clock.now),
        parts.clock.now,
        lambda: str(identifiers.new()),
        parts.max_body_bytes,
        lambda: parts.readiness.draining,
        parts.observer,
        parts.access_log,
        words_of_paths(route.path for route in app.routes),
        parts.complete,
    )


@asynccontextmanager
async def _lifespan(app: Litestar, parts: EdgeParts) -> AsyncIterator[None]:
    async with parts.lifespan():
        proposed = parts.entropy.bits(_CURSOR_KEY_BITS).to_bytes(_CURSOR_KEY_BITS // 8, "big")
        cursors = Cursors(await parts.keys.key(_CURSOR_KEY, proposed))
        app.state.edge = Edge(parts.dispatcher, cursors, parts.identification)
        app.state[LEAVING_KEY] = lambda: parts.readiness.draining
        app.state.vitals = Vitals(parts.clock, parts.clock.now(), parts.readiness)
        yield


def _core_router() -> Router:
    return Router(
        "/",
        route_handlers=[
            Franchises,
            Zones,
            ServiceDemand,
            Bookings,
            BookingChanges,
            Sessions,
            Trainers,
            Calendars,
            Certificates,
            BookingCertificates,
            StudentCertificates,
            AuditTrail,
            Events,
            Health,
        ],
        dto=JsonBody,
        return_dto=None,
        guards=[known_caller, valid_parameters],
        before_request=_answer_options,
    )


async def _answer_options(request: HttpRequest) -> Response[None] | None:
    """Name every method of a route; Litestar's own answer to OPTIONS names but some."""
    if request.method != HttpMethod.OPTIONS:
        return None
    path = request.scope["path_template"]
    routes = (route for route in request.app.routes if isinstance(route, HTTPRoute))
    methods = {method for route in routes if route.path_format == path for method in route.methods}
    return Response(None, status_code=204, headers={"Allow": ", ".join(sorted(methods))})
