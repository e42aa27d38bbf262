"""What a span says: its name and attributes, without a word about a person.

Names follow OpenTelemetry's semantic conventions for HTTP, databases and messaging; Muster's own
attributes begin with ``muster.``. No path, parameter, body or message is told: they may hold what
a client sent. A route is told as its template, a statement with its placeholders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct
from opentelemetry.trace import SpanKind

from muster.ports.observation import (
    CallActivity,
    Committed,
    DeliveryActivity,
    JobActivity,
    Repeated,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster_telemetry.records import Record
from muster_telemetry.statement_names import statement_name

__all__ = ["Words", "words_of"]

Attributes: TypeAlias = dict[str, str | int | bool | Sequence[str]]

_MOST_IDS = 20
"""Of bookings and zones that one span names."""


class Words(Struct, frozen=True):
    """What a span says.

    Attributes:
        name: With little variety.
        kind: Which part it plays.
        attributes: More about it.
        failed: Whether it failed, which a refusal is not.
    """

    name: str
    kind: SpanKind
    attributes: Attributes
    failed: bool


def words_of(record: Record) -> Words:
    """Return what the span of an activity says that has ended."""
    activity = record.activity
    told = _TELLERS[type(activity)](activity, record)
    raised = record.raised
    if raised is None:
        return told
    if raised.code is not None:
        told.attributes["muster.error.code"] = raised.code
    told.attributes["error.type"] = raised.kind
    return Words(told.name, told.kind, told.attributes, told.failed or not raised.refusal)


def _request(activity: RequestActivity, record: Record) -> Words:
    answered = record.answered
    attributes: Attributes = {
        "http.request.method": activity.method,
        "muster.correlation_id": activity.correlation_id,
    }
    if answered is None:
        return Words(activity.method, SpanKind.SERVER, attributes, failed=True)
    if answered.route is not None:
        attributes["http.route"] = answered.route
    if answered.status:
        attributes["http.response.status_code"] = answered.status
    if answered.code is not None:
        attributes["muster.error.code"] = answered.code
    failed = not answered.status or answered.status >= 500
    if failed:
        attributes["error.type"] = answered.code or "no answer"
    name = activity.method if answered.route is None else f"{activity.method} {answered.route}"
    return Words(name, SpanKind.SERVER, attributes, failed)


def _use_case(activity: UseCaseActivity, record: Record) -> Words:
    attributes: Attributes = {
        "muster.use_case": activity.name,
        "muster.correlation_id": activity.correlation_id,
    }
    if activity.rehearsal:
        attributes["muster.rehearsal"] = True
    for name in ("booking_id", "zone_id"):
        asked_for = getattr(activity.request, name, None)
        if isinstance(asked_for, UUID):
            attributes[f"muster.{name}"] = str(asked_for)
    for fact in record.facts:
        if isinstance(fact, Committed):
            attributes.update(_committed(fact))
    if repeats := [fact.why.value for fact in record.facts if isinstance(fact, Repeated)]:
        attributes["muster.repeats"] = repeats
    return Words(activity.name, SpanKind.INTERNAL, attributes, failed=False)


def _committed(fact: Committed) -> Iterator[tuple[str, str | Sequence[str]]]:
    """Yield the booking, its zone and its outcome; several where several were changed."""
    told = {"events": [type(event).__name__ for event in fact.events]}
    for name in ("booking_id", "zone_id"):
        ids = (getattr(event, name, None) for event in fact.events)
        told[name] = [str(one) for one in dict.fromkeys(ids) if one is not None]
    outcomes = (getattr(event, "status", None) for event in fact.events)
    told["outcome"] = [one.value for one in dict.fromkeys(outcomes) if one is not None]
    for name, values in told.items():
        if values:
            yield f"muster.{name}", values[0] if len(values) == 1 else values[:_MOST_IDS]


def _delivery(activity: DeliveryActivity, record: Record) -> Words:
    event = activity.recorded.event
    attributes: Attributes = {
        "messaging.operation.type": "process",
        "messaging.message.id": str(activity.recorded.id),
        "muster.subscriber": activity.subscriber,
        "muster.event": type(event).__name__,
        "muster.attempt": activity.attempt,
        "muster.correlation_id": activity.recorded.correlation_id,
    }
    return Words(f"process {type(event).__name__}", SpanKind.CONSUMER, attributes, failed=False)


def _job(activity: JobActivity, record: Record) -> Words:
    attributes: Attributes = {
        "messaging.operation.type": "process",
        "messaging.message.id": str(activity.job_id),
        "muster.job": activity.type,
        "muster.attempt": activity.attempt,
        "muster.correlation_id": activity.correlation_id,
    }
    return Words(f"process {activity.type}", SpanKind.CONSUMER, attributes, failed=False)


def _statement(activity: StatementActivity, record: Record) -> Words:
    name = statement_name(activity.text)
    attributes: Attributes = {
        "db.system.name": "postgresql",
        "db.query.summary": name,
        "db.query.text": _in_one_line(activity.text),
    }
    return Words(name, SpanKind.CLIENT, attributes, failed=False)


@lru_cache(maxsize=1_000)
def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _call(activity: CallActivity, record: Record) -> Words:
    attributes: Attributes = {
        "http.request.method": activity.method,
        "url.template": activity.target,
        "peer.service": activity.peer,
    }
    answered = record.answered
    failed = answered is None or answered.status >= 400
    if answered is not None:
        attributes["http.response.status_code"] = answered.status
    return Words(f"{activity.method} {activity.target}", SpanKind.CLIENT, attributes, failed)


_TELLERS: Mapping[type, Callable[[Any, Record], Words]] = {
    RequestActivity: _request,
    UseCaseActivity: _use_case,
    DeliveryActivity: _delivery,
    JobActivity: _job,
    StatementActivity: _statement,
    CallActivity: _call,
}
