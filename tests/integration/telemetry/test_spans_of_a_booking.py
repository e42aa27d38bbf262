"""The spans of one booking: what is whose child, and what each says."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from muster.plugin_api import (
    EventSubscriber,
    Manifest,
    PortLookup,
    RecordedEvent,
    SettingsLookup,
    hookimpl,
)
from muster.ports.franchises import FRANCHISE_READER
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import JSON, Answer
from tests.http.orders import AN_ID, a_booking, a_student, a_trainer_for, a_zone
from tests.http.server_under_test import serving
from tests.integration.telemetry.kept_spans import KeptSpans, id_of, trace_id_of

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER_ID = "b7ad6b7169203331"
A_TRACE = f"00-{TRACE_ID}-{CALLER_ID}-01"
NOTHING_SAMPLED = {"OTEL_TRACES_SAMPLER_ARG": "0"}
STUDENT, MAIL, TRAINER = "Kavya Reddy", "kavya@example.org", "Ravi Kumar"


class Listening:
    """Hears of bookings, and asks the database meanwhile."""

    MANIFEST = Manifest(name="listening", api_version=1)
    heard: Event

    @hookimpl
    def event_subscribers(self, settings: SettingsLookup) -> Sequence[EventSubscriber]:
        return [EventSubscriber("diary", self._hear)]

    async def _hear(self, recorded: RecordedEvent, ports: PortLookup) -> None:
        if type(recorded.event).__name__ == "BookingPlaced":
            await ports.get(FRANCHISE_READER).get(UUID(AN_ID))
            self.heard.set()


class Story:
    """A booking that was placed, and the spans of it."""

    def __init__(self, answer: Answer, zone: Any, spans: KeptSpans) -> None:
        self.booking = answer.json
        self.zone = zone
        self.correlation_id = answer.correlation_id
        self.spans = spans


@pytest.fixture(scope="module")
def story(database_url: str) -> Story:
    kept = KeptSpans()
    Listening.heard = Event()
    plugins = [PostgresPlugin, TrainerHttpPlugin, kept.plugin(), Listening]
    with serving(
        database_url, plugins, MUSTER_EVENTS__POLL_SECONDS="0.05", **NOTHING_SAMPLED
    ) as server:
        zone = server.api.created("/v1/zones", a_zone())
        order = a_booking(students=[a_student(name=STUDENT, email=MAIL)])
        server.sandbox.roster.add([a_trainer_for(zone, order["courseId"], name=TRAINER)])
        headers = [("Content-Type", JSON), ("traceparent", A_TRACE)]
        answer = server.api.send("POST", "/v1/bookings", json.dumps(order).encode(), headers)
        assert answer.status == 201, answer
        assert Listening.heard.wait(20)
    return Story(answer, zone, kept)


def words(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_all_of_it_is_one_trace_that_somebody_elsewhere_began(story: Story) -> None:
    """What was not sampled elsewhere (the zone) is not there, for the share is none."""
    spans = story.spans.spans
    assert {trace_id_of(span) for span in spans} == {TRACE_ID}
    roots = [span for span in spans if span.parent and span.parent.is_remote]
    assert {span.name for span in roots} == {"POST /v1/bookings", "process BookingPlaced"}


def test_the_request_is_a_server_span(story: Story) -> None:
    server = story.spans.one("POST /v1/bookings")
    assert server.kind is SpanKind.SERVER
    assert server.parent is not None
    assert f"{server.parent.span_id:016x}" == CALLER_ID
    assert words(server) == {
        "http.request.method": "POST",
        "http.route": "/v1/bookings",
        "http.response.status_code": 201,
        "muster.correlation_id": story.correlation_id,
    }
    assert server.status.status_code is StatusCode.UNSET
    assert server.resource.attributes["service.name"] == "muster"


def test_the_use_case_says_booking_zone_and_outcome(story: Story) -> None:
    (use_case,) = story.spans.children_of(story.spans.one("POST /v1/bookings"))
    assert (use_case.name, use_case.kind) == ("PlaceBooking", SpanKind.INTERNAL)
    assert words(use_case) == {
        "muster.use_case": "PlaceBooking",
        "muster.correlation_id": story.correlation_id,
        "muster.events": "BookingPlaced",
        "muster.booking_id": story.booking["id"],
        "muster.zone_id": story.zone["id"],
        "muster.outcome": "ASSIGNED",
    }


def test_statements_and_the_trainer_call_are_its_children(story: Story) -> None:
    children = story.spans.children_of(story.spans.one("PlaceBooking"))
    assert all(child.kind is SpanKind.CLIENT for child in children)
    (call,) = (child for child in children if "peer.service" in words(child))
    assert call.name == "GET api/v1/trainers/bulk"
    assert words(call) == {
        "http.request.method": "GET",
        "url.template": "api/v1/trainers/bulk",
        "peer.service": "trainer_service",
        "http.response.status_code": 200,
    }
    names = [child.name for child in children if child is not call]
    assert {"BEGIN", "COMMIT"} < set(names)
    assert names[-1] == "COMMIT"
    assert any(name.startswith("INSERT ") for name in names)
    assert any(name.startswith("SELECT ") for name in names)


def test_a_statement_shows_its_text_and_no_value(story: Story) -> None:
    statements = [span for span in story.spans.spans if "db.system.name" in words(span)]
    for statement in statements:
        said = words(statement)
        assert said.keys() == {"db.system.name", "db.query.summary", "db.query.text"}
        assert said["db.query.summary"] == statement.name
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", said["db.query.text"]), "no id"
    assert any("$1" in words(statement)["db.query.text"] for statement in statements)


def test_children_lie_within_their_parents(story: Story) -> None:
    for parent in (story.spans.one("POST /v1/bookings"), story.spans.one("PlaceBooking")):
        for child in story.spans.children_of(parent):
            moments = (parent.start_time, child.start_time, child.end_time, parent.end_time)
            assert list(moments) == sorted(moment or 0 for moment in moments)


def test_who_is_told_of_it_afterwards_belongs_to_the_same_trace(story: Story) -> None:
    told = story.spans.one("process BookingPlaced")
    assert told.kind is SpanKind.CONSUMER
    assert told.parent is not None
    assert told.parent.span_id == id_of(story.spans.one("PlaceBooking"))
    said = words(told)
    assert UUID(str(said.pop("messaging.message.id"))).version == 7
    assert said == {
        "messaging.operation.type": "process",
        "muster.subscriber": "listening/diary",
        "muster.event": "BookingPlaced",
        "muster.attempt": 1,
        "muster.correlation_id": story.correlation_id,
    }
    assert [child.name for child in story.spans.children_of(told)] == ["SELECT franchises"]


def test_nobody_stands_in_any_span(story: Story) -> None:
    everything = "\n".join(span.to_json() for span in story.spans.spans)
    students = [one["id"] for one in story.booking["students"]]
    for secret in (STUDENT, MAIL, TRAINER, "16.51", "80.61", *students):
        assert secret not in everything
