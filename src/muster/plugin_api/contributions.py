"""What hooks return: typed data, with which the core does the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum, IntEnum
from typing import Any, Generic, TypeVar

import click
from msgspec import Struct

from muster.application.access import Principal
from muster.domain.events import Event
from muster.plugin_api.lookup import PortLookup
from muster.plugin_api.sent_requests import SentRequest
from muster.ports.journal import RecordedEvent
from muster.ports.keys import PortKey

__all__ = [
    "AnswerHeaders",
    "Authenticator",
    "CliCommand",
    "Credentials",
    "EventSubscriber",
    "HealthCheck",
    "HealthReport",
    "HealthStatus",
    "HttpMiddleware",
    "HttpRoutes",
    "Layer",
    "LifespanStep",
    "PortProvider",
    "PortWrapper",
    "Slot",
]

P = TypeVar("P")


class PortProvider(Struct, Generic[P], frozen=True):
    """An adapter that can stand behind a port.

    Attributes:
        port: Which port.
        name: By which settings choose it; unique among the providers of the port.
        build: Makes it, once, when it is first needed; may ask for other ports.
    """

    port: PortKey[P]
    name: str
    build: Callable[[PortLookup], P]


class Layer(IntEnum):
    """Where a wrapper stands: resilience innermost, telemetry outermost."""

    RESILIENCE = 1
    CACHE = 2
    TELEMETRY = 3


class PortWrapper(Struct, Generic[P], frozen=True):
    """A wrapper around whatever adapter stands behind a port.

    Attributes:
        port: Which port; it must be wrappable.
        layer: Inner layers are wrapped first.
        name: Orders wrappers within a layer; unique there.
        wrap: Takes the inner adapter and returns the outer one: an explicit class whose
            methods, parameters and async-ness are those of the port's Protocol.
    """

    port: PortKey[P]
    layer: Layer
    name: str
    wrap: Callable[[P, PortLookup], P]


class EventSubscriber(Struct, frozen=True):
    """Somebody who is told what has happened, after the commit.

    Attributes:
        name: Unique within the plugin; what has not been heard yet is stored under it.
        handle: Is told of one event. It may be told again of an event that it has heard, and
            knows it by the id. Whatever it raises is a failure to hear.
        events: The classes of ``muster.domain.events`` that it wants to hear; none is all.
        timeout_seconds: After this long an attempt has failed.
        max_attempts: After this many the event is parked, and later ones go on.
    """

    name: str
    handle: Callable[[RecordedEvent, PortLookup], Awaitable[None]]
    events: tuple[type[Event], ...] = ()
    timeout_seconds: float = 30.0
    max_attempts: int = 12


class Credentials(Struct, frozen=True):
    """What a request shows of whoever sends it.

    Attributes:
        headers: As they were sent, names in lower case.
        request: The rest of it, for who has to verify a signature.
    """

    headers: Iterable[tuple[bytes, bytes]]
    request: SentRequest

    def header(self, name: str) -> str | None:
        """Return a header that was sent once; ``None`` where it was not, or more than once."""
        wanted = name.lower().encode("ascii")
        sent = [value for known, value in self.headers if known == wanted]
        return sent[0].decode("latin-1") if len(sent) == 1 else None


class Authenticator(Struct, frozen=True):
    """A way to know who asks.

    Attributes:
        name: Unique within the plugin.
        authenticate: Returns who it is, or ``None`` where the credentials are not of its kind;
            raises ``Unauthenticated`` where they are and do not hold.
    """

    name: str
    authenticate: Callable[[Credentials, PortLookup], Awaitable[Principal | None]]


class Slot(IntEnum):
    """Where a middleware stands: security outermost, inner next to the routes."""

    SECURITY = 1
    INNER = 2


class HttpMiddleware(Struct, frozen=True):
    """An ASGI app around the app, for HTTP requests; also those that no route answers.

    Attributes:
        slot: Outer slots see requests first and answers last.
        name: Orders middleware within a slot; unique there.
        wrap: Takes the ASGI app inside and returns the one around it. A ``DomainError`` that it
            raises before it answers is answered in the envelope.
    """

    slot: Slot
    name: str
    wrap: Callable[[Any, PortLookup], Any]


class AnswerHeaders(Struct, frozen=True):
    """Headers of every answer, whoever makes it.

    Attributes:
        name: Unique within the plugin.
        complete: Takes the scope of the request, the status of its answer and the headers so
            far, names in lower case where they are Muster's own; returns all of the headers.
            Of what is no HTTP request that can be read, the scope holds what could be.
    """

    name: str
    complete: Callable[[Any, int, Sequence[tuple[bytes, bytes]]], Sequence[tuple[bytes, bytes]]]


class HttpRoutes(Struct, frozen=True):
    """Routes under ``/plugins/<name of the plugin>/``, unless they are granted another path.

    Attributes:
        handlers: Litestar controllers, routers or handlers.
        public: Whether they answer without authentication.
        granted_path: Where they stand instead, which the core grants to few plugins.
        strict_parameters: Whether parameters in query and path are held to their annotations,
            as those of the core are: unknown, repeated and out of bounds is 400.
    """

    handlers: Sequence[Any]
    public: bool = False
    granted_path: str | None = None
    strict_parameters: bool = False


class HealthStatus(Enum):
    """How a dependency is."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class HealthReport(Struct, frozen=True):
    """What a health check found.

    Attributes:
        status: How the dependency is.
        message: One sentence for an operator; no address with credentials.
        details: More, in plain JSON values (the state of a breaker, for one).
    """

    status: HealthStatus
    message: str | None = None
    details: dict[str, Any] | None = None


class HealthCheck(Struct, frozen=True):
    """A dependency that ``/ready`` looks at.

    Attributes:
        name: As ``/ready`` shows it, in camel case.
        check: Asks the dependency; an exception counts as down.
        timeout_seconds: After this long it counts as down.
        critical: Whether Muster is unready without it.
    """

    name: str
    check: Callable[[PortLookup], Awaitable[HealthReport]]
    timeout_seconds: float
    critical: bool


class LifespanStep(Struct, frozen=True):
    """Something that lives as long as the app: a pool, a client.

    Attributes:
        name: For messages.
        open: Returns the context that is entered at the start and left at the end.
        serving: Whether it is entered only where the API is served, not for a command; then
            after all others.
    """

    name: str
    open: Callable[[PortLookup], AbstractAsyncContextManager[None]]
    serving: bool = False


class CliCommand(Struct, frozen=True):
    """A command of ``muster`` on the command line.

    A function of it that is ``async def`` is run while the app is open, as a server has it, and
    is handed the app's ``PortLookup`` before its own arguments. A ``DomainError`` that it raises
    is told in plain words.

    Attributes:
        command: A Click command or group, with a name.
    """

    command: click.Command
