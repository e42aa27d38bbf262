"""Every metric of the catalogue moves when it should, and by labels from closed sets alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.application.access import Forbidden
from muster.domain.bookings import BookingStatus
from muster.domain.errors import Fault
from muster.domain.events import BookingPlaced
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    Committed,
    DeliveryActivity,
    Fact,
    Gauge,
    JobActivity,
    Repeat,
    Repeated,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.testing.example_records import a_bare_receipt, a_full_receipt, a_recorded_event
from muster.testing.examples import a_booking, a_zone, new_id
from muster_telemetry.gauge_readings import GaugeReadings
from muster_telemetry.instruments import Instruments
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.measuring import Meter
from muster_telemetry.metric_catalogue import CATALOGUE, GAUGES, MetricKind

GET = RequestActivity("GET", "/v1/zones/Asha", "c", None)
USE = UseCaseActivity("PlaceBooking", None, "c")
CALL = CallActivity("trainer_service", "GET", "trainers/{id}")
TELL = DeliveryActivity("a/b", a_recorded_event(), 1)
WORK = JobActivity("a/b", new_id(), 1, "c", None)
ZONE = "/v1/zones/{zone_id}"
FAULTS = (Fault("a", "MISSING", "No."), Fault("b", "MISSING", "No."), Fault("c", "TOO_LONG", "No."))
RECEIPT = a_full_receipt(a_booking(a_zone()))
OUTSIDE = BookingPlaced(new_id(), BookingStatus.SERVICE_NOT_AVAILABLE, None, None)


class Case(NamedTuple):
    """What is told of an activity, and what a series then says."""

    metric: str
    labels: Mapping[str, str]
    value: float
    activity: Activity
    facts: Sequence[Fact] = ()
    error: BaseException | None = None


def request(method: str, route: str, status: int) -> dict[str, str]:
    return {"method": method, "route": route, "status": str(status)}


CASES = [
    Case("http_request_duration_seconds", request("GET", ZONE, 200), 1, GET, [Answered(200, ZONE)]),
    Case("http_request_duration_seconds", request("GET", "none", 404), 1, GET, [Answered(404)]),
    Case("http_request_duration_seconds", request("GET", "none", 0), 1, GET),
    Case(
        "http_request_duration_seconds",
        request("other", "none", 405),
        1,
        RequestActivity("BREW", "/", "c", None),
        [Answered(405)],
    ),
    Case("http_requests_in_flight", {}, 0, GET),
    Case("errors", {"code": "NOT_FOUND"}, 1, GET, [Answered(404, ZONE, "NOT_FOUND")]),
    Case(
        "validation_failures",
        {"route": ZONE, "kind": "MISSING"},
        2,
        GET,
        [Answered(400, ZONE, "VALIDATION_FAILED", FAULTS)],
    ),
    Case("use_case_duration_seconds", {"use_case": "PlaceBooking", "result": "done"}, 1, USE),
    Case(
        "use_case_duration_seconds",
        {"use_case": "PlaceBooking", "result": "refused"},
        1,
        USE,
        error=Forbidden("no"),
    ),
    Case(
        "use_case_duration_seconds",
        {"use_case": "PlaceBooking", "result": "failed"},
        1,
        USE,
        error=DatabaseUnavailable("gone"),
    ),
    Case(
        "use_case_duration_seconds",
        {"use_case": "PlaceBooking", "result": "failed"},
        1,
        USE,
        error=ValueError("no"),
    ),
    Case(
        "unit_of_work_repeats",
        {"use_case": "PlaceBooking", "why": "conflict"},
        2,
        USE,
        [Repeated(Repeat.CONFLICT), Repeated(Repeat.STALE), Repeated(Repeat.CONFLICT)],
    ),
    Case(
        "assignment_outcomes",
        {"change": "PLACE", "outcome": RECEIPT.outcome.value},
        1,
        USE,
        [Committed([], [RECEIPT])],
    ),
    Case(
        "assignment_outcomes",
        {"change": "PLACE", "outcome": "SERVICE_NOT_AVAILABLE"},
        1,
        USE,
        [Committed([OUTSIDE], [])],
    ),
    Case("assignment_candidates", {}, 3, USE, [Committed([], [RECEIPT])]),
    Case("assignment_refusals", {"rule": "TOO_FAR"}, 1, USE, [Committed([], [RECEIPT])]),
    Case("slot_conflicts", {}, 2, USE, [Committed([], [RECEIPT])]),
    Case(
        "statement_duration_seconds",
        {"statement": "SELECT zones"},
        1,
        StatementActivity("SELECT id FROM zones"),
    ),
    Case(
        "call_duration_seconds",
        {"peer": "trainer_service", "target": "trainers/{id}", "result": "503"},
        1,
        CALL,
        [Answered(503)],
    ),
    Case(
        "call_duration_seconds",
        {"peer": "trainer_service", "target": "trainers/{id}", "result": "none"},
        1,
        CALL,
        error=TimeoutError(),
    ),
    Case("job_duration_seconds", {"type": "a/b", "result": "done"}, 1, WORK),
    Case("job_duration_seconds", {"type": "a/b", "result": "failed"}, 1, WORK, error=OSError()),
    Case("event_delivery_duration_seconds", {"subscriber": "a/b", "result": "done"}, 1, TELL),
    Case(
        "event_delivery_duration_seconds",
        {"subscriber": "a/b", "result": "failed"},
        1,
        TELL,
        error=ValueError("no"),
    ),
]
_KINDS = {metric.name: metric.kind for metric in CATALOGUE}


class Measured:
    """Instruments of their own, and the observer that feeds them."""

    def __init__(self) -> None:
        self.instruments = Instruments()
        self.readings = GaugeReadings(self.instruments, 60)
        self.observer = ListeningObserver([Meter(self.instruments, self.readings.offered)])

    def live(self, case: Case) -> None:
        try:
            with self.observer.observing(case.activity) as watch:
                for fact in case.facts:
                    watch.note(fact)
                if case.error is not None:
                    raise case.error
        except BaseException as error:
            if error is not case.error:
                raise

    def value(self, metric: str, labels: Mapping[str, str]) -> float | None:
        kind = _KINDS.get(metric)
        end = {MetricKind.COUNTER: "_total", MetricKind.HISTOGRAM: "_count"}.get(kind, "")  # type: ignore[arg-type]
        if metric == "assignment_candidates":
            end = "_sum"
        return self.instruments.own.get_sample_value(f"muster_{metric}{end}", dict(labels))


@pytest.mark.parametrize("case", CASES, ids=lambda one: f"{one.metric}-{len(one.facts)}")
def test_it_moves_as_told(case: Case) -> None:
    measured = Measured()
    before = measured.value(case.metric, case.labels) or 0
    measured.live(case)
    assert measured.value(case.metric, case.labels) == before + case.value


def test_every_metric_of_the_catalogue_is_held_to_this() -> None:
    assert {case.metric for case in CASES} == {metric.name for metric in CATALOGUE}


def test_a_request_is_in_flight_until_it_ends() -> None:
    measured = Measured()
    with measured.observer.observing(GET), measured.observer.observing(GET):
        assert measured.value("http_requests_in_flight", {}) == 2
    assert measured.value("http_requests_in_flight", {}) == 0


def test_a_change_for_which_nobody_was_asked_is_no_assignment() -> None:
    measured = Measured()
    measured.live(Case("", {}, 0, USE, [Committed([], [a_bare_receipt(a_booking(a_zone()))])]))
    assert measured.value("assignment_candidates", {}) == 0


@given(method=st.text(max_size=10), path=st.text(max_size=20))
def test_what_clients_make_up_makes_no_series(method: str, path: str) -> None:
    measured = Measured()
    for made_up in (f"x{method}", method.lower()):
        activity = RequestActivity(made_up, f"/{path}", "c", None)
        measured.live(Case("", {}, 0, activity, [Answered(404, None, "NOT_FOUND")]))
    series = request("other", "none", 404)
    assert measured.value("http_request_duration_seconds", series) == 2


@pytest.mark.anyio
async def test_gauges_show_what_is_read_and_nothing_when_it_cannot_be() -> None:
    measured = Measured()
    readable = True

    async def read() -> Mapping[str, float]:
        if not readable:
            raise DatabaseUnavailable("gone")
        return {"one": 1.0, "other": 2.5}

    for metric in GAUGES:
        measured.observer.offer(Gauge(metric.name, metric.meaning, metric.labels[0], read))
    measured.observer.offer(Gauge("stranger", "Of no catalogue.", "kind", read))
    await measured.readings.read()
    for metric in GAUGES:
        (label,) = metric.labels
        assert measured.value(metric.name, {label: "other"}) == 2.5
    readable = False
    await measured.readings.read()
    for metric in GAUGES:
        assert measured.value(metric.name, {metric.labels[0]: "other"}) is None


@pytest.mark.anyio
async def test_a_gauge_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster_telemetry.gauge_readings._PATIENCE_SECONDS", 0.01)
    measured = Measured()

    async def hang() -> Mapping[str, float]:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def read() -> Mapping[str, float]:
        return {"idle": 3.0}

    measured.observer.offer(Gauge("events_waiting", "…", "subscriber", hang))
    measured.observer.offer(Gauge("database_connections", "…", "state", read))
    await measured.readings.read()
    assert measured.value("database_connections", {"state": "idle"}) == 3
