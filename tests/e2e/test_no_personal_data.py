"""Nobody's data stands in what a server with all of its telemetry writes, whatever it is asked.

A real ``muster serve`` is driven through the whole life of a booking and through every route of
its OpenAPI document, by right, refused and malformed requests, while rows are refused, the
trainer service answers garbage and the database is away. Every field that can hold a person holds
a mark. Then every line of its log, every span and every metric is searched for the marks.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from anyio.from_thread import start_blocking_portal

from muster.testing.examples import new_id
from muster_trainer_http.sandbox import Sandbox
from muster_trainer_http.sandbox.faults import NO_FAULTS, Faults
from tests.e2e.clock_ahead import ClockAhead
from tests.e2e.marked_requests import (
    LATITUDE,
    LONGITUDE,
    MAIL,
    MARK,
    MARKS,
    PHONE,
    every_request,
)
from tests.e2e.processes import running
from tests.e2e.test_logs import execute
from tests.http.api import Api
from tests.http.cut_wire import Wire
from tests.http.orders import a_trainer_for, a_zone

WHERE = {"latitude": LATITUDE, "longitude": LONGITUDE}
WHY = {"reason": f"{MARK} is ill."}
UNOBSERVED = {"/health", "/ready"}
REFUSING = "ALTER TABLE bookings ADD CONSTRAINT nobody CHECK (students IS NULL) NOT VALID"
ACCEPTING = "ALTER TABLE bookings DROP CONSTRAINT nobody"
SETTINGS = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry,clock_ahead",
    "MUSTER_TELEMETRY__TRACES": "console",
    "MUSTER_TELEMETRY__METRICS": "prometheus",
    "MUSTER_TELEMETRY__SLOW_STATEMENT_MS": "0.1",
    "OTEL_TRACES_SAMPLER_ARG": "1",
    "MUSTER_LOG__FORMAT": "json",
    "MUSTER_LOG__LEVEL": "INFO",
    "MUSTER_HTTP__DRAIN_SECONDS": "0",
    "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
    "MUSTER_POSTGRES__ACQUIRE_TIMEOUT_SECONDS": "1",
    "MUSTER_POSTGRES__CONNECT_TIMEOUT_SECONDS": "1",
    "MUSTER_EVENTS__POLL_SECONDS": "0.1",
    "MUSTER_EVENTS__RETRY_SECONDS": "0.1",
    "TRAINER_SNAPSHOT_FRESH": "0",
    "TRAINER_SNAPSHOT_MAX_AGE": "0",
    "MUSTER_TRAINER_HTTP__BREAKER_FAILURES": "1000",
    "MUSTER_TRAINER_HTTP__RETRY_SECONDS": "0.01",
}


class Written:
    """What a run has left behind."""

    def __init__(
        self, lines: list[str], metrics: str, document: Any, answers: Counter[Any]
    ) -> None:
        self.lines = lines
        self.metrics = metrics
        self.document = document
        self.answers = answers

    def records(self) -> list[Any]:
        """Every line of the log and every span; each is JSON."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def spans(self) -> list[Any]:
        return [one for one in self.records() if "context" in one]

    def log(self) -> list[Any]:
        return [one for one in self.records() if "context" not in one]


class Run:
    """A server that is driven."""

    def __init__(self, address: str, sandbox: Sandbox, clock: ClockAhead, database: str) -> None:
        self.api = Api(int(urlsplit(address).port or 0))
        self.answers: Counter[Any] = Counter()
        self._sandbox = sandbox
        self._clock = clock
        self._database = database

    def whole_life(self) -> dict[str, str]:
        """Live through a booking from its preview to its certificates; ids of what is there."""
        api = self.api
        franchise = api.created("/v1/franchises", {"name": MARK, "timeZone": "Asia/Kolkata"})
        zone = api.created(
            "/v1/zones", a_zone(name=MARK, centre=WHERE, franchiseId=franchise["id"])
        )
        order = self._order(totalSessions=30)
        self._sandbox.roster.add(
            a_trainer_for(zone, order["courseId"], name=f"{MARK} {number}") for number in range(3)
        )
        self._done("POST", "/v1/bookings/preview", order)
        booking = api.created("/v1/bookings", order)
        assert booking["status"] == "ASSIGNED"
        other = api.created(
            "/v1/bookings", self._order(courseId=order["courseId"], preferredTimeSlot="12:00")
        )
        base = f"/v1/bookings/{booking['id']}"
        self._done("POST", f"{base}/reassign", WHY)
        first, second, *_ = booking["sessions"]
        moved = {"localDate": self._day(40), "localTime": "15:00"} | WHY
        self._done("POST", f"/v1/sessions/{first['id']}/reschedule", moved)
        self._done("POST", f"/v1/sessions/{second['id']}/cancel", WHY)
        made_up = {"localDate": self._day(41), "localTime": "15:00"} | WHY
        self._done("POST", f"/v1/sessions/{second['id']}/make-up", made_up, 201)
        blocked = self._done(
            "POST",
            f"/v1/trainers/{other['trainerId']}/blocks",
            {"timeZone": "Asia/Kolkata", "periods": [self._span(3, 4)]} | WHY,
            201,
        )
        self._clock.set(timedelta(days=60).total_seconds())
        for session in api.get(base).json["sessions"]:
            if session["status"] == "SCHEDULED":
                self._done("POST", f"/v1/sessions/{session['id']}/complete", WHY)
        issued = self._done("POST", f"{base}/certificates", {})["data"]
        assert MARK in issued[0]["studentName"]
        number = issued[0]["number"]
        reissued = self._done("POST", f"/v1/certificates/{quote(number)}/reissue", WHY, 201)
        self._clock.set(0)
        return {
            "franchiseId": franchise["id"],
            "zoneId": zone["id"],
            "bookingId": other["id"],
            "sessionId": other["sessions"][-1]["id"],
            "trainerId": other["trainerId"],
            "blockId": blocked["block"]["id"],
            "studentId": booking["students"][0]["id"],
            "number": reissued["number"],
            "courseId": order["courseId"],
            "from": self._day(3),
            "to": self._day(20),
            "date": self._day(5),
            "nearestZoneId": zone["id"],
        }

    def every_route(self, ids: dict[str, str]) -> Any:
        """Ask everything that the document describes; return the document."""
        document = self.api.get("/docs/openapi.json").json
        for one in every_request(document, ids):
            answer = self.api.send(one.method, one.target, one.body, one.headers)
            self.answers[one.operation_id, answer.status] += 1
        return document

    def garbage_of_trainers(self) -> None:
        """The trainer service answers with people who are no answer."""
        stranger = {"id": MARK, "name": MARK, "active": MARK}
        for body in (
            f"<html>{MARK}",
            f'"{MARK}',
            json.dumps({"data": [stranger], "page": {"nextCursor": None}, "asOf": MARK}),
            json.dumps({"data": {MARK: MARK}}),
        ):
            self._sandbox.faults = Faults(garbage=body)
            assert self.api.post("/v1/bookings", self._order()).status == 202
            self.api.get("/ready")
        self._sandbox.faults = Faults(garbage=MARK, status=500)
        assert self.api.post("/v1/bookings", self._order()).status == 202
        self._sandbox.faults = NO_FAULTS

    def refused_rows(self) -> None:
        """The database refuses a student's row, and says which."""
        with self._altered(REFUSING, ACCEPTING):
            assert self.api.post("/v1/bookings", self._order()).status == 500

    def without_a_database(self, ids: dict[str, str]) -> None:
        """Everything once more while PostgreSQL cannot be reached."""
        assert self.api.post("/v1/bookings", self._order()).status == 503
        self.api.get("/ready")
        self.every_route(ids)

    def metrics(self) -> str:
        return self.api.get("/metrics").body.decode()

    def _done(self, method: str, path: str, body: Any, status: int = 200) -> Any:
        answer = self.api.send(
            method, path, json.dumps(body).encode(), [("Content-Type", "application/json")]
        )
        assert answer.status == status, answer
        return answer.json

    def _order(self, **changes: Any) -> dict[str, Any]:
        order = {
            "courseId": str(uuid4()),
            "classType": "ONE_ON_ONE",
            "totalSessions": 10,
            "deliveryMode": "DAILY",
            "startDate": self._day(3),
            "preferredTimeSlot": "10:00",
            "studentLocation": WHERE,
            "bookingReference": f"{MARK} {new_id()}",
            "students": [
                {"id": str(uuid4()), "name": f"{MARK} Devi", "email": MAIL, "phone": PHONE}
            ],
        }
        return order | changes

    def _span(self, first: int, last: int) -> dict[str, str]:
        return {"fromDate": self._day(first), "toDate": self._day(last)}

    @staticmethod
    def _day(days: int) -> str:
        return str(datetime.now(UTC).date() + timedelta(days=days))

    @contextmanager
    def _altered(self, before: str, after: str) -> Iterator[None]:
        asyncio.run(execute(self._database, before))
        try:
            yield
        finally:
            asyncio.run(execute(self._database, after))


@pytest.fixture(scope="module")
def written(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Written:
    home = tmp_path_factory.mktemp("scanned")
    clock, errors = ClockAhead(home, MARK), home / "errors"
    sandbox, wire = Sandbox(), Wire(database_url)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(sandbox) as trainers,
        portal.wrap_async_context_manager(wire.laid()) as near_url,
    ):
        where = {"DATABASE_URL": near_url, "TRAINER_SERVICE_URL": trainers}
        settings = SETTINGS | clock.settings() | where
        with running(home, "serve", settings=settings, errors=errors) as server:
            run = Run(server.address(), sandbox, clock, database_url)
            ids = run.whole_life()
            document = run.every_route(ids)
            run.garbage_of_trainers()
            run.refused_rows()
            metrics = run.metrics()
            portal.call(wire.cut)
            run.without_a_database(ids)
            metrics += run.metrics()
            assert server.end() == 0
    return Written(errors.read_text().splitlines(), metrics, document, run.answers)


def test_no_line_and_no_span_tells_of_anybody(written: Written) -> None:
    telling = [line for line in written.lines if any(mark in line.lower() for mark in MARKS)]
    assert telling == [], f"{len(telling)} lines of {len(written.lines)}"


def test_no_metric_tells_of_anybody(written: Written) -> None:
    telling = [
        line for line in written.metrics.splitlines() if any(one in line.lower() for one in MARKS)
    ]
    assert telling == []


def test_every_route_was_asked_and_measured(written: Written) -> None:
    """Else a new route would be searched for nothing."""
    found = re.findall(
        r'http_request_duration_seconds_count\{method="(\w+)",route="([^"]+)"', written.metrics
    )
    measured = {(method, re.sub(r"\{\w+\}", "{}", route)) for method, route in found}
    described = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, operations in written.document["paths"].items()
        for method in operations
        if path not in UNOBSERVED
    }
    assert described <= measured


def test_requests_were_right_and_wrong(written: Written) -> None:
    statuses = Counter[int]()
    for (_, status), number in written.answers.items():
        statuses[status // 100] += number
    assert min(statuses[2], statuses[4], statuses[5]) > 50, statuses
    answered = {name for (name, status) in written.answers if status < 300}
    assert len(answered) > 30


def test_every_line_is_json_and_there_were_spans_errors_and_failures(written: Written) -> None:
    assert [line for line in written.lines if not line.startswith("{")] == []
    kinds = {one["kind"] for one in written.spans()}
    assert kinds == {f"SpanKind.{one}" for one in ("SERVER", "INTERNAL", "CLIENT", "CONSUMER")}
    events = {one["event"] for one in written.log()}
    assert {"request", "unexpected_error", "event_parked"} <= events
    assert any("exception" in one for one in written.log())


def test_the_log_of_a_request_names_its_trace(written: Written) -> None:
    traces = {
        one["attributes"]["muster.correlation_id"]: one["context"]["trace_id"].removeprefix("0x")
        for one in written.spans()
        if one["kind"] == "SpanKind.SERVER"
    }
    spans = {one["context"]["span_id"].removeprefix("0x") for one in written.spans()}
    # What the relay notes after a delivery belongs to no trace.
    lines = [
        one
        for one in written.log()
        if one.get("correlation_id") in traces and one["event"] != "slow_statement"
    ]
    assert len(lines) > 500
    for line in lines:
        assert line["trace_id"] == traces[line["correlation_id"]], line
        assert line["span_id"] in spans, line
