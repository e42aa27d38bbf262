"""Local time: "HH:MM", and "local wall time becomes an instant in the zone's time zone"."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from muster.domain.local_time import at_wall_time, local_of, parse_timeslot, timeslot_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "9:00", "09:0", "009:00", "09:000", "0900", "09-00", "09:00:00", " 9:00", "09: 5",
        "+9:00", "09:+5", "-0:00", "24:00", "23:60", "aa:bb", "1_:00", "٠٩:٠٠", "09：00", "0\n:00",
    ],
)  # fmt: skip
def test_a_timeslot_is_hh_mm_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"HH:MM|must be in"):
        parse_timeslot(text)


@pytest.mark.parametrize(
    ("text", "clock"), [("00:00", time(0)), ("09:05", time(9, 5)), ("23:59", time(23, 59))]
)
def test_a_timeslot_reads_as_it_is_written(text: str, clock: time) -> None:
    assert parse_timeslot(text) == clock
    assert timeslot_of(clock) == text


def test_a_skipped_time_is_read_with_the_offset_before_the_change() -> None:
    begun = at_wall_time(date(2026, 3, 29), time(2, 30), BERLIN)
    assert begun.instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert timeslot_of(begun.local) == "03:30"
    assert begun.adjusted


def test_a_time_that_comes_twice_is_its_first_occurrence() -> None:
    begun = at_wall_time(date(2026, 10, 25), time(2, 30), BERLIN)
    assert begun.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert not begun.adjusted


def test_an_ordinary_time_is_not_adjusted() -> None:
    begun = at_wall_time(date(2026, 6, 1), time(2, 30), BERLIN)
    assert begun.instant == datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
    assert not begun.adjusted


def test_a_skipped_day_is_read_as_the_next_day() -> None:
    begun = at_wall_time(date(2011, 12, 30), time(10), ZoneInfo("Pacific/Apia"))
    assert (begun.local.date(), timeslot_of(begun.local)) == (date(2011, 12, 31), "10:00")
    assert begun.adjusted


def test_the_wall_clock_is_naive() -> None:
    wall = local_of(datetime(2026, 1, 1, 23, 30, tzinfo=UTC), BERLIN)
    assert (wall.date(), timeslot_of(wall), wall.tzinfo) == (date(2026, 1, 2), "00:30", None)
