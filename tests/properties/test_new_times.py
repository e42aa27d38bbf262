"""New times of single sessions, on every clock there is, against a look at the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.new_times import TimeNotAllowed, at_new_time, faults_of_new_time
from muster.domain.sessions import PlannedSession
from muster.testing.examples import a_purchase, sessions_for
from tests.strategies import TIME_ZONES, clock_change_days, clock_changes, timeslots
from tests.wall_clock import MINUTE, by_table, walked, wall

LESSON = timedelta(minutes=40)
THIS_YEAR = datetime.now(UTC).year
PLAN = sessions_for(a_purchase(), "UTC")[6].plan


def moved(key: str, day: date, clock: str) -> PlannedSession:
    before = replace(PLAN, time_zone=key, movable=True, time_adjusted=True)
    after = at_new_time(before, day, clock)
    own = {
        name: getattr(PLAN, name) for name in ("local_date", "local_time", "starts_at", "ends_at")
    }
    assert replace(after, time_adjusted=True, **own) == before
    return after


def codes(plan: PlannedSession, day: date, now: datetime) -> list[tuple[str | None, str]]:
    return [(fault.path, fault.code) for fault in faults_of_new_time(plan, day, now)]


def by_law(plan: PlannedSession, day: date, now: datetime) -> list[tuple[str, str]]:
    """Return what is wrong with a time, by looking at the wall each minute of the lesson."""
    zone = ZoneInfo(plan.time_zone)
    days = {wall(plan.starts_at + minute * MINUTE, zone).date() for minute in range(40)}
    told = {
        ("localDate", "START_IN_PAST"): plan.starts_at < now,
        ("localDate", "START_TOO_FAR"): (day - wall(now, zone).date()).days > 366,
        ("localTime", "SESSION_CROSSES_MIDNIGHT"): days != {day},
    }
    return [fault for fault, is_so in told.items() if is_so]


@pytest.mark.parametrize("key", TIME_ZONES)
def test_every_time_zone_over_the_clock_changes_of_a_year(key: str) -> None:
    """Skipped times with the offset before the change, repeated ones at their first occurrence."""
    zone = ZoneInfo(key)
    for change in clock_changes(key, THIS_YEAR, 1) or [datetime(THIS_YEAR, 3, 31, 1, tzinfo=UTC)]:
        for corner in {wall(change, zone), wall(change - MINUTE, zone) + MINUTE}:
            for minutes in (-61, -40, -39, -1, 0, 1, 30, 59, 60):
                asked = corner + minutes * MINUTE
                plan = moved(key, asked.date(), f"{asked:%H:%M}")
                told = plan.starts_at, plan.time_adjusted
                assert told == by_table(asked, zone, change), (asked, change)
                assert plan.ends_at - plan.starts_at == LESSON
                shown = f"{plan.local_date} {plan.local_time}"
                assert shown == f"{wall(plan.starts_at, zone):%Y-%m-%d %H:%M}"
                for now in (plan.starts_at - MINUTE, plan.starts_at, plan.starts_at + MINUTE):
                    found = codes(plan, asked.date(), now)
                    assert found == by_law(plan, asked.date(), now), (asked, change)


@given(
    clock_change_days(),
    timeslots(),
    st.sampled_from([0, 1, -1, 364, 365, 366, 367, 368, 3000]),
    st.integers(-900, 900),
)
@example(("Pacific/Apia", date(2011, 12, 30)), "10:00", 1, 0)
@example(("America/Nuuk", date(2027, 3, 27)), "23:30", 1, 0)
def test_a_time_is_refused_for_what_the_wall_says(
    at: tuple[str, date], clock: str, ahead: int, minutes: int
) -> None:
    key, day = at
    plan = moved(key, day, clock)
    zone = ZoneInfo(key)
    asked = datetime.fromisoformat(f"{day} {clock}")
    assert (plan.starts_at, plan.time_adjusted) == walked(asked, zone)
    now = plan.starts_at - timedelta(days=ahead) + minutes * MINUTE
    assert codes(plan, day, now) == by_law(plan, day, now)


@pytest.mark.parametrize(
    ("day", "clock", "code"),
    [
        (date(9999, 12, 31), "23:30", "START_TOO_FAR"),
        (date(9999, 12, 31), "12:00", "START_TOO_FAR"),
        (date(1, 1, 1), "00:00", "START_IN_PAST"),
    ],
)
@pytest.mark.parametrize("key", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_ends_of_the_calendar_are_refused_as_any_other_day(
    key: str, day: date, clock: str, code: str
) -> None:
    """Where an instant would lie beyond the last one there is, too."""
    now = datetime(2027, 1, 1, tzinfo=UTC)
    plan = replace(PLAN, time_zone=key)
    try:
        found = codes(at_new_time(plan, day, clock), day, now)
    except TimeNotAllowed as refused:
        found = [(fault.path, fault.code) for fault in refused.faults]
    assert ("localDate", code) in found
