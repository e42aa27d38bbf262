"""The port through which the core and its adapters tell what they do, while they do it."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import Fault
from muster.domain.events import Event
from muster.domain.receipts import Receipt
from muster.ports.journal import RecordedEvent
from muster.ports.keys import PortKey

__all__ = [
    "OBSERVER",
    "Activity",
    "Answered",
    "CallActivity",
    "Committed",
    "DeliveryActivity",
    "Fact",
    "Gauge",
    "JobActivity",
    "Observer",
    "Repeat",
    "Repeated",
    "RequestActivity",
    "StatementActivity",
    "UseCaseActivity",
    "Watch",
]


class RequestActivity(Struct, frozen=True, gc=False):
    """An HTTP request is answered.

    Attributes:
        method: As it was sent.
        path: As it was sent, without the query.
        correlation_id: Of the request.
        trace_parent: The ``traceparent`` header, where it was sent; not looked at.
    """

    method: str
    path: str
    correlation_id: str
    trace_parent: str | None


class UseCaseActivity(Struct, frozen=True, gc=False):
    """A use case is run.

    Attributes:
        name: The command's or query's.
        request: The command or query itself; it may hold personal data.
        correlation_id: Of the request or job that asked.
        rehearsal: Whether it is undone at its end.
    """

    name: str
    request: Any
    correlation_id: str
    rehearsal: bool = False


class DeliveryActivity(Struct, frozen=True, gc=False):
    """A subscriber is told of an event.

    Attributes:
        subscriber: ``plugin/subscriber``.
        recorded: The event.
        attempt: From 1.
    """

    subscriber: str
    recorded: RecordedEvent
    attempt: int


class JobActivity(Struct, frozen=True, gc=False):
    """A job is done in the background.

    Attributes:
        type: ``plugin/type``.
        job_id: The job.
        attempt: From 1.
        correlation_id: Of the request or job that asked for it.
        trace_context: Of whoever asked, as a ``traceparent``; ``None`` where nobody traced.
    """

    type: str
    job_id: UUID
    attempt: int
    correlation_id: str
    trace_context: str | None


class StatementActivity(Struct, frozen=True, gc=False):
    """A statement is sent to the store.

    Attributes:
        text: With placeholders; it holds no value.
    """

    text: str


class CallActivity(Struct, frozen=True, gc=False):
    """Another service is called.

    Attributes:
        peer: The service, as ``trainer_service``.
        method: The HTTP method.
        target: The path as a template, such as ``zones/{id}/trainers``.
    """

    peer: str
    method: str
    target: str


Activity: TypeAlias = (
    RequestActivity
    | UseCaseActivity
    | DeliveryActivity
    | JobActivity
    | StatementActivity
    | CallActivity
)


class Answered(Struct, frozen=True):
    """How a request or a call was answered.

    Attributes:
        status: The HTTP status; 0 where nothing was answered.
        route: The template of the route; ``None`` where none was found, and of a call.
        code: The error's code in the catalogue; ``None`` where there was no error.
        faults: The single reasons of a refusal; their messages may hold what was sent.
    """

    status: int
    route: str | None = None
    code: str | None = None
    faults: Sequence[Fault] = ()


class Repeat(Enum):
    """Why a unit of work is run again."""

    CONFLICT = "conflict"
    STALE = "stale"


class Repeated(Struct, frozen=True):
    """A unit of work is about to be run again."""

    why: Repeat


class Committed(Struct, frozen=True):
    """What a command has stored.

    Attributes:
        events: What has happened.
        receipts: The decisions behind it.
    """

    events: Sequence[Event]
    receipts: Sequence[Receipt]


Fact: TypeAlias = Answered | Repeated | Committed


class Gauge(Struct, frozen=True):
    """Something that can be read at any time.

    Attributes:
        name: In snake case, with the unit at its end, such as ``event_lag_seconds``.
        meaning: One sentence.
        label: What tells the readings apart; one of a closed set, never a person.
        read: Returns a number for each value of the label. It may raise whatever its source
            raises, and then there is no reading.
    """

    name: str
    meaning: str
    label: str
    read: Callable[[], Awaitable[Mapping[str, float]]]


class Watch(Protocol):
    """Somebody who looks on while one activity goes on."""

    @property
    @abstractmethod
    def trace_context(self) -> str | None:
        """What to hand on with whatever the activity causes elsewhere, as a ``traceparent``.

        ``None`` where nobody traces. A query.
        """

    @abstractmethod
    def note(self, fact: Fact) -> None:
        """Hear of a fact about the activity. A command; raises nothing."""


class Observer(Protocol):
    """Hears what is done. It takes microseconds, changes nothing and raises nothing.

    Activities nest as the calls do: what is begun inside another's context belongs to it.
    """

    @abstractmethod
    def observing(self, activity: Activity) -> AbstractContextManager[Watch]:
        """Look on for as long as the context is open. A command.

        The activity begins when the context is entered and ends when it is left, with
        whatever exception leaves it; that is passed on as it is.
        """

    @abstractmethod
    def offer(self, gauge: Gauge) -> None:
        """Hear of a gauge. A command; the last one of a name counts."""


OBSERVER = PortKey("observer", Observer, wrappable=True)
