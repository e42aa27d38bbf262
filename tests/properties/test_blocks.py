"""Blocks of time, on every clock there is, against a look at the wall minute by minute."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from muster.domain.blocks import (
    LONGEST_BLOCK_DAYS,
    BlockPeriod,
    BlockStretch,
    faults_of_periods,
    stretches_of,
)
from muster.testing.examples import a_trainer_block
from tests.strategies import TIME_ZONES, clock_change_days, clock_changes, timeslots
from tests.wall_clock import MINUTE, reached, wall

DAY = timedelta(days=1)
THIS_YEAR = datetime.now(UTC).year
MONDAY = date(2027, 1, 11)
Hours = tuple[str | None, str | None]

hours = st.tuples(st.none() | timeslots(), st.none() | timeslots()).filter(
    lambda at: at[1] is None or at[1] > (at[0] or "00:00")
)


def days_of(period: BlockPeriod) -> list[date]:
    number = (period.last_day - period.first_day).days + 1
    return [period.first_day + timedelta(days=later) for later in range(number)]


def by_wall(period: BlockPeriod, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Return what a period fills: from the wall reaching one time until it reaches the other."""
    filled = []
    for day in days_of(period):
        starts = reached(datetime.fromisoformat(f"{day} {period.from_time or '00:00'}"), zone)
        until = f"{day} {period.to_time}" if period.to_time else f"{day + DAY} 00:00"
        ends = reached(datetime.fromisoformat(until), zone)
        if starts != ends:
            filled.append((starts, ends))
    return filled


def minutes_of(stretches: list[tuple[datetime, datetime]]) -> Counter[datetime]:
    return Counter(
        starts + minute * MINUTE
        for starts, ends in stretches
        for minute in range(int((ends - starts) / MINUTE))
    )


def instants(stretches: tuple[BlockStretch, ...]) -> list[tuple[datetime, datetime]]:
    return [(one.starts_at, one.ends_at) for one in stretches]


@given(clock_change_days(), hours, st.integers(0, 3))
@example(("Europe/Berlin", date(2027, 3, 28)), ("02:30", "03:15"), 0)
@example(("Europe/Berlin", date(2027, 10, 31)), ("02:30", "03:15"), 0)
@example(("Pacific/Apia", date(2011, 12, 29)), ("10:00", "12:00"), 2)
@example(("Pacific/Apia", date(2011, 12, 29)), (None, None), 2)
@example(("America/Nuuk", date(2027, 3, 27)), ("23:15", "23:45"), 1)
@example(("America/Havana", date(2027, 3, 13)), (None, "00:30"), 1)
def test_a_block_fills_what_the_wall_shows(at: tuple[str, date], of: Hours, more: int) -> None:
    """Each day from the first minute at which the wall shows its beginning, to its end."""
    key, first = at
    zone = ZoneInfo(key)
    period = BlockPeriod(first, first + more * DAY, *of)
    stretches = stretches_of((period,), key)
    assert instants(stretches) == by_wall(period, zone)
    for one in stretches:
        assert f"{one.local_date} {one.timeslot}" == f"{wall(one.starts_at, zone):%Y-%m-%d %H:%M}"
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(stretches))
    assert len({(one.local_date, one.timeslot) for one in stretches}) == len(stretches)
    assert faults_of_periods((period,), key) == []


@pytest.mark.parametrize("key", TIME_ZONES)
def test_whole_days_are_the_local_days_and_touch(key: str) -> None:
    """Around each clock change of a year: near every midnight, each minute is of its own day."""
    zone = ZoneInfo(key)
    for change in clock_changes(key, THIS_YEAR, 1) or [datetime(THIS_YEAR, 3, 31, 1, tzinfo=UTC)]:
        day = wall(change, zone).date()
        stretches = stretches_of((BlockPeriod(day - DAY, day + DAY),), key)
        assert [one.local_date for one in stretches] == [day - DAY, day, day + DAY]
        assert all(one.ends_at == other.starts_at for one, other in pairwise(stretches))
        for midnight in (stretches[0].starts_at, *(one.ends_at for one in stretches)):
            for minute in (midnight + step * MINUTE for step in range(-121, 122)):
                within = [
                    one.local_date for one in stretches if one.starts_at <= minute < one.ends_at
                ]
                shown = wall(minute, zone).date()
                own = [shown] if abs(shown - day) <= DAY else []
                assert within == own, (change, minute)


def test_a_day_that_the_calendar_leaves_out_is_no_time() -> None:
    """Samoa had no 30 December 2011: it is neither a day nor hours of one."""
    left_out = date(2011, 12, 30)
    for of in ((None, None), ("10:00", None), ("10:00", "12:00")):
        assert stretches_of((BlockPeriod(left_out, left_out, *of),), "Pacific/Apia") == ()
        around = BlockPeriod(left_out - DAY, left_out + DAY, *of)
        told = [one.local_date for one in stretches_of((around,), "Pacific/Apia")]
        assert told == [left_out - DAY, left_out + DAY]


def test_hours_that_a_clock_change_skips_are_not_filled() -> None:
    """Berlin has no 02:00 to 03:00 on 28 March 2027; 03:00 there is 01:00 UTC."""
    day = date(2027, 3, 28)

    def filled(from_time: str, to_time: str) -> list[tuple[str, str]]:
        stretches = stretches_of((BlockPeriod(day, day, from_time, to_time),), "Europe/Berlin")
        return [(f"{one:%H:%M}", f"{two:%H:%M}") for one, two in instants(stretches)]

    assert filled("02:00", "03:00") == []
    assert filled("02:10", "02:50") == []
    assert filled("02:30", "03:15") == [("01:00", "01:15")]
    assert filled("01:30", "02:30") == [("00:30", "01:00")]
    assert filled("01:30", "03:30") == [("00:30", "01:30")]


def test_an_hour_that_comes_twice_is_filled_twice() -> None:
    """Berlin has 02:00 to 03:00 twice on 31 October 2027, from 00:00 to 02:00 UTC."""
    day = date(2027, 10, 31)
    twice = BlockPeriod(day, day, "02:00", "03:00")
    ((starts, ends),) = instants(stretches_of((twice,), "Europe/Berlin"))
    assert (starts.hour, ends.hour) == (0, 2)


periods = st.builds(
    lambda first, more, of: BlockPeriod(first, first + more * DAY, *of),
    st.dates(date(2027, 3, 25), date(2027, 4, 2)),
    st.integers(0, 3),
    hours,
)


@given(st.lists(periods, min_size=1, max_size=4), st.sampled_from(["Europe/Berlin", "Asia/Tokyo"]))
def test_periods_may_touch_and_not_overlap(of: list[BlockPeriod], key: str) -> None:
    """One fault, at a period with a minute that another one has too; else they all fit."""
    zone = ZoneInfo(key)
    each = [minutes_of(by_wall(one, zone)) for one in of]
    together = sum(each, Counter[datetime]())
    faults = faults_of_periods(tuple(of), key)
    if max(together.values(), default=0) <= 1:
        assert faults == []
        stretches = stretches_of(tuple(of), key)
        assert minutes_of(instants(stretches)) == together
        assert list(stretches) == sorted(stretches, key=lambda one: one.starts_at)
        return
    (fault,) = faults
    assert fault.code == "OVERLAP"
    place = int((fault.path or "").removeprefix("periods[").removesuffix("]"))
    assert max(together[minute] for minute in each[place]) > 1


@pytest.mark.parametrize(
    ("period", "field"),
    [
        (BlockPeriod(MONDAY, MONDAY - DAY), "toDate"),
        (BlockPeriod(MONDAY, MONDAY, "10:00", "09:59"), "toTime"),
        (BlockPeriod(MONDAY, MONDAY, "10:00", "10:00"), "toTime"),
        (BlockPeriod(MONDAY, MONDAY, None, "00:00"), "toTime"),
    ],
)
def test_a_period_does_not_end_before_it_begins(period: BlockPeriod, field: str) -> None:
    good = BlockPeriod(MONDAY, MONDAY, "23:59", None)
    (fault,) = faults_of_periods((good, period), "UTC")
    assert (fault.path, fault.code) == (f"periods[1].{field}", "BEFORE_FROM")


def test_all_that_is_backwards_is_told_at_once() -> None:
    wrong = BlockPeriod(MONDAY, MONDAY - DAY, "10:00", "09:00")
    told = [fault.path for fault in faults_of_periods((wrong, wrong), "UTC")]
    assert told == [
        f"periods[{place}].{field}" for place in (0, 1) for field in ("toDate", "toTime")
    ]


@pytest.mark.parametrize("days", [LONGEST_BLOCK_DAYS, LONGEST_BLOCK_DAYS + 1])
def test_a_block_has_so_many_days_at_most_in_all(days: int) -> None:
    """The days of all periods count together."""
    one = BlockPeriod(MONDAY, MONDAY + (days - 101) * DAY)
    other = BlockPeriod(MONDAY + 1000 * DAY, MONDAY + 1099 * DAY)
    told = [fault.code for fault in faults_of_periods((one, other), "UTC")]
    assert told == (["TOO_LONG"] if days > 400 else [])


@pytest.mark.parametrize("key", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("day", [date.min, date.max, date(1969, 12, 31)])
def test_the_ends_of_the_calendar_are_out_of_bounds(key: str, day: date) -> None:
    told = faults_of_periods((BlockPeriod(day, day),), key)
    assert [(fault.path, fault.code) for fault in told] == [
        ("periods[0].fromDate", "INVALID"),
        ("periods[0].toDate", "INVALID"),
    ]
    for border in (date(1970, 1, 1), date(9998, 12, 31)):
        period = BlockPeriod(border, border)
        assert faults_of_periods((period,), key) == []
        assert len(stretches_of((period,), key)) == 1


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), min_size=1), st.integers(-3, 25),
       st.integers(0, 6))  # fmt: skip
def test_a_block_touches_the_days_it_has(of: list[tuple[int, int]], first: int, more: int) -> None:
    block = a_trainer_block(
        periods=tuple(
            BlockPeriod(MONDAY + start * DAY, MONDAY + (start + length) * DAY)
            for start, length in of
        )
    )
    own = {day for period in block.periods for day in days_of(period)}
    asked = {MONDAY + (first + later) * DAY for later in range(more + 1)}
    assert block.touches(min(asked), max(asked)) is bool(own & asked)
