"""Planning: "pure, exact count, numbered from 1, in order of time", on every clock there is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from muster.domain.bookings import ClassType, DeliveryMode, Purchase, Student
from muster.domain.geography import Point
from muster.domain.planning import first_teaching_day, plan_sessions
from muster.domain.purchase_rules import faults_of_sessions
from muster.domain.sessions import PlannedSession, SessionMode
from tests.strategies import (
    TIME_ZONES,
    clock_change_days,
    clock_changes,
    dates,
    purchases,
    served_purchases,
    time_zones,
    timeslots,
)
from tests.wall_clock import MINUTE, by_table, walked, wall

LESSON = timedelta(minutes=40)
THIS_YEAR = datetime.now(UTC).year


def expected(purchase: Purchase, zone: ZoneInfo) -> list[tuple[datetime, bool]]:
    """Return start and adjustment of each session, told straight from the law."""
    hour, minute = purchase.preferred_time_slot.split(":")
    clock = time(int(hour), int(minute))
    day = purchase.start_date
    starts: list[tuple[datetime, bool]] = []
    while len(starts) < purchase.total_sessions:
        first, skipped = walked(datetime.combine(day, clock), zone)
        if purchase.delivery_mode is DeliveryMode.DAILY:
            starts.append((first, skipped))
        elif day.isoweekday() == 7:
            # 40 real minutes after: the wall may show another time than 40 minutes later.
            usual = datetime.combine(day, clock) + LESSON
            starts += [(first, skipped), (first + LESSON, wall(first + LESSON, zone) != usual)]
        day += timedelta(days=1)
    return starts


def daily(day: date, slot: str, count: int = 10) -> Purchase:
    return Purchase(
        UUID(int=1), ClassType.ONE_ON_ONE, count, DeliveryMode.DAILY, day, slot,
        Point(0.0, 0.0), (Student(UUID(int=2), "Ada"),),
    )  # fmt: skip


def assert_wall_agrees(planned: PlannedSession, zone: ZoneInfo) -> None:
    shown = f"{planned.local_date:%Y-%m-%d} {planned.local_time}"
    assert f"{wall(planned.starts_at, zone):%Y-%m-%d %H:%M}" == shown
    assert planned.time_zone == zone.key


@given(
    st.one_of(clock_change_days(), st.tuples(time_zones(), dates())).flatmap(
        lambda at: st.tuples(st.just(at[0]), purchases(st.just(at[1])))
    )
)
@example(("Pacific/Apia", daily(date(2011, 12, 29), "10:00")))
@example(("Australia/Lord_Howe", daily(date(2026, 10, 4), "02:10")))
@example(("America/Havana", daily(date(2026, 3, 7), "00:30")))
@example(("Africa/Casablanca", daily(date(2026, 2, 14), "02:30", 30)))
def test_sessions_are_what_walking_the_minutes_says(at: tuple[str, Purchase]) -> None:
    """Exact count, numbered from 1; skipped times with the offset before; first occurrences."""
    key, purchase = at
    zone = ZoneInfo(key)
    plan = plan_sessions(purchase, key)
    assert [planned.number for planned in plan] == list(range(1, purchase.total_sessions + 1))
    assert [(one.starts_at, one.time_adjusted) for one in plan] == expected(purchase, zone)
    for planned in plan:
        assert planned.ends_at - planned.starts_at == LESSON
        assert_wall_agrees(planned, zone)


@pytest.mark.parametrize("key", TIME_ZONES)
def test_every_time_zone_over_its_clock_changes_of_the_next_three_years(key: str) -> None:
    """Both ways, at any hour, midnight too: around each change, the two offsets decide."""
    zone = ZoneInfo(key)
    changes = [at for at in clock_changes(key, THIS_YEAR, 4) if at.year < THIS_YEAR + 4]
    for change in changes or [datetime(THIS_YEAR, 3, 31, 1, tzinfo=UTC)]:
        for corner in {wall(change, zone), wall(change - MINUTE, zone) + MINUTE}:
            for minutes in (-61, -40, -1, 0, 1, 30, 59, 60):
                asked = corner + timedelta(minutes=minutes)
                first = asked.date() - timedelta(days=2)
                plan = plan_sessions(daily(first, f"{asked:%H:%M}"), key)
                on_the_day = plan[2]
                told = on_the_day.starts_at, on_the_day.time_adjusted
                assert told == by_table(asked, zone, change), (asked, change)
                assert_wall_agrees(on_the_day, zone)
                starts = [planned.starts_at for planned in plan]
                assert len(plan) == 10
                assert starts == sorted(set(starts)), (asked, change)


@given(served_purchases())
def test_an_allowed_plan_is_strictly_increasing_and_never_overlaps(
    served: tuple[Purchase, str, datetime],
) -> None:
    """Property 7: "exactly `totalSessions`, strictly increasing in time"."""
    purchase, key, now = served
    plan = plan_sessions(purchase, key)
    assert len(plan) == purchase.total_sessions
    assert plan[0].starts_at >= now
    for earlier, later in pairwise(plan):
        assert earlier.ends_at <= later.starts_at
        assert earlier.local_date <= later.local_date


@given(purchases(), time_zones())
def test_daily_dates_are_consecutive_and_sundays_come_in_pairs(
    purchase: Purchase, key: str
) -> None:
    """ "consecutive calendar days, weekends included" / "two back-to-back sessions each Sunday"."""
    plan = plan_sessions(purchase, key)
    assume(not faults_of_sessions(purchase, plan))
    told = [planned.local_date for planned in plan]
    if purchase.delivery_mode is DeliveryMode.DAILY:
        first = purchase.start_date.toordinal()
        assert [day.toordinal() for day in told] == list(range(first, first + len(plan)))
        return
    assert {day.strftime("%u") for day in told} == {"7"}
    assert told[0::2] == told[1::2]
    assert {b - a for a, b in zip(told[0::2], told[2::2], strict=False)} == {timedelta(days=7)}
    assert all(a.ends_at == b.starts_at for a, b in zip(plan[0::2], plan[1::2], strict=True))


@given(dates(date(1, 1, 1), date(9999, 12, 24)))
def test_the_first_sunday_is_on_or_after_the_start_date(day: date) -> None:
    """ "from the first Sunday on or after `startDate`"."""
    sunday = first_teaching_day(day, DeliveryMode.SUNDAY_ONLY)
    week = [day + timedelta(days=later) for later in range(7)]
    assert [one for one in week if one.ctime().startswith("Sun")] == [sunday]
    assert first_teaching_day(day, DeliveryMode.DAILY) == day


@given(purchases(), time_zones())
def test_modes_of_sessions(purchase: Purchase, key: str) -> None:
    """ "18 online and 12 offline; sessions 1 to 6 online, then online and offline in turn"."""
    modes = "".join(planned.mode.value[1] for planned in plan_sessions(purchase, key))
    hybrid = purchase.class_type is ClassType.HYBRID
    assert modes == ("NNNNNN" + "NF" * 12 if hybrid else "F" * purchase.total_sessions)
    assert not hybrid or (modes.count("N"), modes.count("F")) == (18, 12)


@given(purchases(), time_zones())
def test_only_a_hybrids_offline_sessions_may_be_moved(purchase: Purchase, key: str) -> None:
    """ "Online times are fixed; an offline one may later be moved by the client"."""
    for planned in plan_sessions(purchase, key):
        offline = planned.mode is SessionMode.OFFLINE
        assert planned.movable is (offline and purchase.class_type is ClassType.HYBRID)


@given(clock_change_days(), timeslots())
def test_a_sunday_pair_lies_40_real_minutes_apart(at: tuple[str, date], slot: str) -> None:
    """ "40 real minutes: its local time follows from its instant"."""
    key, day = at
    purchase = Purchase(
        UUID(int=1), ClassType.ONE_ON_ONE, 10, DeliveryMode.SUNDAY_ONLY, day, slot,
        Point(0.0, 0.0), (Student(UUID(int=2), "Ada"),),
    )  # fmt: skip
    plan = plan_sessions(purchase, key)
    for first, second in zip(plan[0::2], plan[1::2], strict=True):
        assert second.starts_at - first.starts_at == LESSON
        assert_wall_agrees(second, ZoneInfo(key))
