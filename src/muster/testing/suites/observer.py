"""The conformance suite of observers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from muster.domain.errors import Fault
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    Committed,
    DeliveryActivity,
    Fact,
    Gauge,
    JobActivity,
    Observer,
    Repeat,
    Repeated,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster.testing.example_records import a_full_receipt, a_recorded_event
from muster.testing.examples import a_booking, a_zone, new_id
from muster.testing.suites.port_suite import PortSuite

__all__ = ["ObserverSuite"]


def _activities() -> list[Activity]:
    return [
        RequestActivity("GET", "/v1/zones", "some-id", None),
        RequestActivity("BREW", "/\udcff", "some-id", "no trace context at all"),
        UseCaseActivity("GetBooking", object(), "some-id"),
        UseCaseActivity("PlaceBooking", object(), "some-id", rehearsal=True),
        DeliveryActivity("example/listener", a_recorded_event(), 2),
        JobActivity("example/job", new_id(), 1, "some-id", None),
        JobActivity("example/job", new_id(), 2, "some-id", "no trace context at all"),
        StatementActivity("SELECT 1"),
        StatementActivity(""),
        CallActivity("trainer_service", "GET", "trainers/{id}"),
    ]


def _facts() -> list[Fact]:
    fault = Fault("students[0].name", "TOO_LONG", "At most 100 characters.")
    receipt, told = a_full_receipt(a_booking(a_zone())), a_recorded_event()
    return [
        Answered(200, "/v1/zones"),
        Answered(422, "/v1/bookings", "VALIDATION_FAILED", (fault,)),
        Answered(0),
        Repeated(Repeat.CONFLICT),
        Repeated(Repeat.STALE),
        Committed((), ()),
        Committed((told.event,), (receipt,)),
    ]


class _Planted(Exception):
    pass


class ObserverSuite(PortSuite):
    """Holds an ``Observer`` to its port: it looks on, changes nothing and raises nothing.

    Fixture to override: ``observer``.
    """

    @pytest.fixture
    def observer(self) -> Observer:
        """The observer under test."""
        raise NotImplementedError("override the fixture observer")

    @pytest.mark.parametrize("activity", _activities(), ids=lambda one: type(one).__name__)
    def test_every_fact_of_every_activity_is_heard(
        self, observer: Observer, activity: Activity
    ) -> None:
        """Whatever is told of whatever is done, nothing is raised."""
        with observer.observing(activity) as watch:
            for fact in _facts():
                watch.note(fact)
            assert watch.trace_context is None or watch.trace_context.startswith("00-")

    @pytest.mark.parametrize("activity", _activities(), ids=lambda one: type(one).__name__)
    @pytest.mark.parametrize("leaving", [_Planted, asyncio.CancelledError, GeneratorExit])
    def test_an_exception_is_passed_on_as_it_is(
        self, observer: Observer, activity: Activity, leaving: type[BaseException]
    ) -> None:
        """It is neither swallowed nor replaced."""
        planted = leaving("planted")
        with pytest.raises(leaving) as found, observer.observing(activity):
            raise planted
        assert found.value is planted

    def test_activities_nest(self, observer: Observer) -> None:
        """Each ends by itself, also when an inner one fails."""
        outer, *inner = _activities()
        with observer.observing(outer):
            for activity in inner:
                with pytest.raises(_Planted), observer.observing(activity):
                    raise _Planted
        with observer.observing(outer) as watch:
            watch.note(Answered(500, None, "INTERNAL"))

    async def test_tasks_do_not_meet(self, observer: Observer) -> None:
        """Activities of many tasks begin and end in any order; each task has its own."""

        async def busy(number: int) -> str | None:
            activity = RequestActivity("GET", f"/{number}", str(number), None)
            with observer.observing(activity) as watch:
                for inner in _activities()[1:]:
                    with observer.observing(inner):
                        await asyncio.sleep(number % 3 / 1000)
                return watch.trace_context

        contexts = await asyncio.gather(*(busy(number) for number in range(20)))
        traced = [one for one in contexts if one is not None]
        assert len(set(traced)) == len(traced)

    def test_a_gauge_can_be_offered_twice(self, observer: Observer) -> None:
        """As happens when an app is started again; the last one counts."""

        async def read() -> Mapping[str, float]:
            return {"one": 1.0}

        for _ in range(2):
            observer.offer(Gauge("things", "Things that are there.", "kind", read))
