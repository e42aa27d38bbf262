"""The example's own tests: no server, no database; Muster's memory adapters where one is needed."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from muster_example.daily_limit import daily_limit
from muster_example.diary import Diary
from muster_example.fewest_hours import FEWEST_HOURS
from muster_example.plugin import ExamplePlugin

from muster.domain.bookings import BookingStatus
from muster.domain.eligibility import Candidate
from muster.domain.events import BookingPlaced
from muster.domain.placement import Placement, placement_of
from muster.domain.planning import plan_sessions
from muster.domain.ranking import DistanceBand, RankingParts
from muster.domain.slots import Availability
from muster.plugin_api import HealthStatus
from muster.runtime.bootstrap import bootstrap
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import a_purchase, a_trainer, a_zone, new_id

ANY: Any = None


def a_placement() -> Placement:
    zone, purchase = a_zone(), a_purchase()
    return placement_of(purchase, zone, plan_sessions(purchase, zone.time_zone))


def candidate_with(placement: Placement, sessions: int) -> Candidate:
    booked = {placement.sessions[1].local_date: sessions}
    return Candidate(a_trainer(), Availability(booked_days=booked), None)


@pytest.mark.parametrize(("booked", "passes"), [(0, True), (2, True), (3, False), (9, False)])
def test_nobody_teaches_more_than_three_sessions_a_day(booked: int, passes: bool) -> None:
    placement = a_placement()
    refusal = daily_limit(3).check(placement, candidate_with(placement, booked))
    if passes:
        assert refusal is None
        return
    assert refusal is not None
    assert refusal.details == {"limit": 3, "days": [str(placement.sessions[1].local_date)]}


def test_the_least_work_comes_first() -> None:
    def key(minutes: int, metres: float | None) -> Any:
        return FEWEST_HOURS.key(RankingParts(False, DistanceBand.UNKNOWN, metres, minutes))

    assert key(0, None) < key(40, 1.0) < key(40, 2.0) < key(40, None)


def test_an_event_that_is_told_twice_is_remembered_once() -> None:
    diary = Diary()
    diary.most = 2
    events = [
        a_recorded_event(BookingPlaced(new_id(), BookingStatus.PENDING, None, None))
        for _ in range(3)
    ]
    for told in (events[0], events[0], events[1], events[2]):
        asyncio.run(diary.hear(told, ANY))
    assert [UUID(page["id"]) for page in diary.pages()] == [one.id for one in events[:2]]
    assert asyncio.run(diary.health(ANY)).status is HealthStatus.DEGRADED


def test_it_composes() -> None:
    app = bootstrap({"MUSTER_PLUGINS__ENABLED": "memory,example"})
    assert app.rules.eligibility[-1].name == "EXAMPLE_DAILY_LIMIT"
    assert app.rules.policies[-1].name == FEWEST_HOURS.name
    assert [one.name for one in app.subscriptions] == ["example/diary"]
    assert ExamplePlugin in {type(plugin.instance) for plugin in app.hooks.plugins}
