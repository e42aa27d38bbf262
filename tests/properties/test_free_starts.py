"""Free starts, against an oracle that walks every minute and judges every start by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.assignment import judge
from muster.domain.eligibility import ELIGIBILITY_RULES
from muster.domain.free_starts import (
    ClaimedTime,
    DayOfStarts,
    NoStartReason,
    free_starts,
)
from muster.domain.placement import Placement, wall_stretches
from muster.domain.ranking import RANKING_POLICIES
from muster.domain.sessions import SESSION_LENGTH, PlannedSession, SessionMode
from muster.domain.slots import Availability, Slot, SlotState, conflicting_numbers
from muster.domain.start_grid import start_grid
from muster.domain.trainers import Leave, Trainer, WeeklyHours
from muster.domain.zones import Zone, ZoneStatus
from muster.testing.examples import a_trainer, a_zone
from tests.strategies import clock_change_days, dates, time_zones, uuids, weekly_hours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
COURSE, OTHER_COURSE = UUID(int=71), UUID(int=72)
LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)
STEPS = [10, 15, 20, 30, 60]
REFUSED_AT = {
    NoStartReason.NONE_IN_ZONE: {
        "INACTIVE", "OPERATOR_MISMATCH", "FRANCHISE_MISMATCH", "OUT_OF_ZONE",
    },
    NoStartReason.NOT_CERTIFIED: {"NOT_CERTIFIED", "TOO_MANY_CERTIFICATIONS"},
    NoStartReason.OUTSIDE_HOURS: {"OUTSIDE_HOURS"},
    NoStartReason.ON_LEAVE: {"ON_LEAVE", "BLOCKED"},
    NoStartReason.BOOKED: {"SLOT_CONFLICT"},
}  # fmt: skip


@cache
def first_shown(day: date, key: str) -> dict[tuple[date, int], datetime]:
    """When the wall first shows each minute, watched from a day before to a day after in UTC."""
    zone = ZoneInfo(key)
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    shown: dict[tuple[date, int], datetime] = {}
    for passed in range(3 * 1440):
        instant = begins + passed * MINUTE
        wall = instant.astimezone(zone)
        shown.setdefault((wall.date(), wall.hour * 60 + wall.minute), instant)
    return shown


def sessions_of(day: date, step: int, key: str, now: datetime) -> list[PlannedSession]:
    """Every session that may begin on a day's grid, as the wall shows its minutes."""
    zone = ZoneInfo(key)
    shown = first_shown(day, key)
    sessions = []
    for minute in range(0, 1440, step):
        instant = shown.get((day, minute))
        if instant is None or instant < now:
            continue
        last = instant + SESSION_LENGTH - MINUTE
        if last.astimezone(zone).date() != day:
            continue
        sessions.append(
            PlannedSession(
                1, SessionMode.OFFLINE, day, f"{minute // 60:02}:{minute % 60:02}", key, instant,
                instant + SESSION_LENGTH, time_adjusted=False, movable=False,
            )
        )  # fmt: skip
    return sessions


def alone(zone: Zone, planned: PlannedSession) -> Placement:
    return Placement(
        zone, COURSE, zone.centre, (planned,), wall_stretches(planned), True, frozenset(), None
    )


def count_by_the_rules(
    zone: Zone, planned: PlannedSession, trainers: list[Trainer], slots: list[Slot]
) -> int:
    held = {one.id: Availability(conflicts_of(one, slots, planned)) for one in trainers}
    judged = judge(alone(zone, planned), trainers, held, ELIGIBILITY_RULES, RANKING_POLICIES[0])
    return len(judged.order)


def conflicts_of(
    trainer: Trainer, slots: Iterable[Slot], planned: PlannedSession
) -> tuple[int, ...]:
    return conflicting_numbers((one for one in slots if one.trainer_id == trainer.id), [planned])


def reason_by_the_rules(
    zone: Zone, sessions: list[PlannedSession], trainers: list[Trainer], slots: list[Slot]
) -> NoStartReason:
    if not sessions:
        return NoStartReason.DAY_OVER
    order = list(REFUSED_AT)
    furthest = 0
    for planned in sessions:
        for trainer in trainers:
            blocked = [one for one in slots if one.state is SlotState.BLOCKED]
            held = {trainer.id: Availability(conflicts_of(trainer, slots, planned))}
            judged = judge(
                alone(zone, planned), [trainer], held, ELIGIBILITY_RULES, RANKING_POLICIES[0]
            )
            refused = {refusal.rule for refusal in judged.candidates[0].refusals}
            if conflicts_of(trainer, blocked, planned):
                refused.add("BLOCKED")
            stopped_at = min(at for at, reason in enumerate(order) if refused & REFUSED_AT[reason])
            furthest = max(furthest, stopped_at)
    return order[furthest]


def claims(trainers: Iterable[Trainer], slots: Iterable[Slot]) -> list[ClaimedTime]:
    places = {trainer.id: place for place, trainer in enumerate(trainers)}
    return [
        ClaimedTime(
            slot.starts_at,
            slot.ends_at,
            slot.local_date,
            slot.timeslot,
            slot.state,
            [places[slot.trainer_id]],
        )
        for slot in slots
    ]


def found(
    zone: Zone,
    days: tuple[date, date],
    step: int,
    trainers: Sequence[Trainer],
    slots: Iterable[Slot] = (),
    now: datetime = LONG_AGO,
) -> tuple[DayOfStarts, ...]:
    grid = start_grid(*days, step, zone.time_zone, now)
    return free_starts(zone, COURSE, trainers, claims(trainers, slots), grid)


@st.composite
def staff(draw: st.DrawFn, zone: Zone, day: date) -> list[Trainer]:
    """Trainers who fit, mostly; hours and leave about the day."""
    ids = draw(st.lists(uuids(), unique=True, max_size=4))
    hours = st.lists(weekly_hours(), min_size=1, max_size=9).map(tuple)
    always = tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(1, 8))
    mostly = st.sampled_from([True] * 7 + [False])
    leave = st.integers(-2, 2).map(lambda days: Leave(day + days * DAY, day + (days + 1) * DAY))
    return [
        Trainer(
            id=id_,
            name="Meera",
            active=draw(mostly),
            franchise_id=zone.franchise_id if draw(mostly) else draw(st.none() | uuids()),
            zone_ids=frozenset([zone.id] if draw(mostly) else []),
            certified_courses=frozenset([COURSE if draw(mostly) else OTHER_COURSE])
            | (frozenset() if draw(mostly) else MORE_COURSES - {COURSE}),
            weekly_hours=draw(st.none() | st.just(always) | hours),
            leave=(draw(leave),) if draw(st.booleans()) else (),
        )
        for id_ in ids
    ]


@st.composite
def slots_around(draw: st.DrawFn, trainers: list[Trainer], zone: Zone, day: date) -> list[Slot]:
    """Slots from two days before to two after, short and very long, on any wall."""
    if not trainers:
        return []
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    slots = []
    for number in range(draw(st.integers(0, 12))):
        # On the hour often, so that walls of other time zones show a time of the grid.
        hours = st.integers(-48, 48).map(lambda hour: hour * 60)
        starts_at = noon + timedelta(minutes=draw(hours | st.integers(-2880, 2880)))
        minutes = draw(st.sampled_from([40, 40, 40, 1, 20, 300, 1440, 4000]))
        key = draw(st.sampled_from([zone.time_zone, zone.time_zone, "UTC", "Asia/Tokyo"]))
        wall = starts_at.astimezone(ZoneInfo(key))
        state = draw(st.sampled_from(SlotState))
        slots.append(
            Slot(
                UUID(int=1000 + number), draw(st.sampled_from(trainers)).id, state, wall.date(),
                f"{wall.hour:02}:{wall.minute:02}", key, starts_at, starts_at + minutes * MINUTE,
            )
        )  # fmt: skip
    return slots


@st.composite
def questions(
    draw: st.DrawFn,
) -> tuple[Zone, tuple[date, date], int, list[Trainer], list[Slot], datetime]:
    key, day = draw(clock_change_days() | st.tuples(time_zones(), dates()))
    zone = a_zone(franchise_id=draw(st.none() | uuids()), time_zone=key)
    trainers = draw(staff(zone, day))
    slots = draw(slots_around(trainers, zone, day))
    now = draw(
        st.just(LONG_AGO)
        | st.integers(-2880, 2880).map(
            lambda at: datetime(day.year, day.month, day.day, tzinfo=UTC) + at * MINUTE
        )
    )
    days = (day, day + draw(st.integers(0, 1)) * DAY)
    return zone, days, draw(st.sampled_from([20, 30, 60, 60])), trainers, slots, now


@given(questions())
def test_every_start_is_what_the_rules_say(
    question: tuple[Zone, tuple[date, date], int, list[Trainer], list[Slot], datetime],
) -> None:
    """Times, instants and numbers of trainers; and of a day without one, the reason."""
    zone, days, step, trainers, slots, now = question
    answer = found(zone, days, step, trainers, slots, now)
    assert [day.date for day in answer] == [days[0], days[1]][: len(answer)]
    assert len(answer) == (days[1] - days[0]).days + 1
    for day in answer:
        sessions = sessions_of(day.date, step, zone.time_zone, now)
        counted = [
            (planned, count_by_the_rules(zone, planned, trainers, slots)) for planned in sessions
        ]
        assert [
            (one.start.local_date, one.start.local_time, one.start.starts_at, one.trainers)
            for one in day.starts
        ] == [
            (planned.local_date, planned.local_time, planned.starts_at, count)
            for planned, count in counted
            if count
        ]
        expected = None
        if not day.starts:
            expected = reason_by_the_rules(zone, sessions, trainers, slots)
        assert day.reason is expected


@given(clock_change_days(), st.sampled_from(STEPS))
@example(("Pacific/Apia", date(2011, 12, 30)), 60)
@example(("America/St_Johns", date(2005, 10, 29)), 30)
@example(("Africa/Cairo", date(2024, 4, 26)), 30)
def test_the_grid_is_what_the_wall_shows(at: tuple[str, date], step: int) -> None:
    """On days with a clock change: a skipped time is no start, one that comes twice is one."""
    key, day = at
    grid = start_grid(day, day, step, key, LONG_AGO)
    assert [
        (start.local_date, start.local_time, start.starts_at, start.stretches)
        for start in grid.starts
    ] == [
        (one.local_date, one.local_time, one.starts_at, wall_stretches(one))
        for one in sessions_of(day, step, key, LONG_AGO)
    ]
    assert all(one.starts_at < other.starts_at for one, other in pairwise(grid.starts))


# One zone and one month by hand.

ZONE = a_zone(time_zone="Europe/Berlin", status=ZoneStatus.ACTIVE)
MONDAY = date(2027, 3, 1)
FITTING = a_trainer(zone_ids=frozenset([ZONE.id]), certified_courses=frozenset([COURSE]))


def times(day: DayOfStarts) -> list[str]:
    return [one.start.local_time for one in day.starts]


def on_monday(*trainers: Trainer, slots: Iterable[Slot] = (), step: int = 60) -> DayOfStarts:
    (day,) = found(ZONE, (MONDAY, MONDAY), step, trainers, slots)
    return day


def a_slot(hour: int, state: SlotState = SlotState.BOOKED, minutes: int = 40) -> Slot:
    starts_at = datetime(2027, 3, 1, tzinfo=UTC) + timedelta(hours=hour - 1)
    return Slot(
        UUID(int=hour), FITTING.id, state, MONDAY, f"{hour:02}:00", "Europe/Berlin", starts_at,
        starts_at + minutes * MINUTE,
    )  # fmt: skip


def test_whoever_works_at_any_hour_is_free_all_day() -> None:
    assert times(on_monday(FITTING)) == [f"{hour:02}:00" for hour in range(24)]


@pytest.mark.parametrize("step", STEPS)
def test_the_last_start_ends_by_midnight(step: int) -> None:
    """23:20 is the last of all; a step that does not meet it ends sooner."""
    last = {10: "23:20", 15: "23:15", 20: "23:20", 30: "23:00", 60: "23:00"}
    assert times(on_monday(FITTING, step=step))[-1] == last[step]


def test_hours_hold_the_whole_session() -> None:
    until = replace(FITTING, weekly_hours=(WeeklyHours(1, 9 * 60, 10 * 60 + 40),))
    assert times(on_monday(until)) == ["09:00", "10:00"]
    less = replace(FITTING, weekly_hours=(WeeklyHours(1, 9 * 60, 10 * 60 + 39),))
    assert times(on_monday(less)) == ["09:00"]


def test_a_slot_takes_the_starts_that_it_overlaps_and_no_other() -> None:
    assert {"09:20", "09:30", "10:00", "10:30"} & set(
        times(on_monday(FITTING, slots=[a_slot(10)], step=10))
    ) == {"09:20"}
    assert "10:40" in times(on_monday(FITTING, slots=[a_slot(10)], step=10))


MORE_COURSES = frozenset([COURSE, *(UUID(int=number) for number in (80, 81, 82))])
NOBODY_HERE = [
    (NoStartReason.NONE_IN_ZONE, [], []),
    (NoStartReason.NONE_IN_ZONE, [replace(FITTING, active=False)], []),
    (NoStartReason.NONE_IN_ZONE, [replace(FITTING, zone_ids=frozenset())], []),
    (NoStartReason.NONE_IN_ZONE, [replace(FITTING, franchise_id=UUID(int=5))], []),
    (NoStartReason.NOT_CERTIFIED, [replace(FITTING, certified_courses=frozenset())], []),
    (
        NoStartReason.NOT_CERTIFIED,
        [replace(FITTING, certified_courses=MORE_COURSES)],
        [],
    ),
    (NoStartReason.OUTSIDE_HOURS, [replace(FITTING, weekly_hours=(WeeklyHours(2, 0, 1440),))], []),
    (NoStartReason.OUTSIDE_HOURS, [replace(FITTING, weekly_hours=(WeeklyHours(1, 0, 39),))], []),
    (NoStartReason.ON_LEAVE, [replace(FITTING, leave=(Leave(MONDAY, MONDAY),))], []),
    (NoStartReason.ON_LEAVE, [FITTING], [a_slot(0, SlotState.BLOCKED, 1440)]),
    (NoStartReason.BOOKED, [FITTING], [a_slot(0, SlotState.BOOKED, 1440)]),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "trainers", "slots"), NOBODY_HERE)
def test_a_day_without_a_start_says_why(
    reason: NoStartReason, trainers: list[Trainer], slots: list[Slot]
) -> None:
    day = on_monday(*trainers, slots=slots)
    assert (day.starts, day.reason) == ((), reason)


def test_who_came_furthest_gives_the_reason() -> None:
    """Of a zone where one is not certified, one on leave and one booked, the day is booked."""
    uncertified = a_trainer(zone_ids=frozenset([ZONE.id]))
    away = replace(FITTING, id=UUID(int=6), leave=(Leave(MONDAY, MONDAY),))
    whole_day = [a_slot(0, SlotState.BOOKED, 1440)]
    assert on_monday(uncertified, away, FITTING, slots=whole_day).reason is NoStartReason.BOOKED
    assert on_monday(uncertified, away).reason is NoStartReason.ON_LEAVE
    assert on_monday(uncertified).reason is NoStartReason.NOT_CERTIFIED


def test_what_is_past_is_no_start_and_a_day_that_is_over_says_so() -> None:
    now = datetime(2027, 3, 1, 21, 0, tzinfo=UTC)
    days = found(ZONE, (MONDAY - DAY, MONDAY + DAY), 60, [FITTING], (), now)
    assert [(day.date, len(day.starts), day.reason) for day in days] == [
        (MONDAY - DAY, 0, NoStartReason.DAY_OVER),
        (MONDAY, 2, None),
        (MONDAY + DAY, 24, None),
    ]
    assert times(days[1]) == ["22:00", "23:00"]


def test_very_old_days_are_over() -> None:
    (day,) = found(ZONE, (date.min, date.min), 60, [FITTING], (), datetime(2027, 1, 1, tzinfo=UTC))
    assert day.reason is NoStartReason.DAY_OVER


def test_the_wall_behind_utc_has_its_own_today() -> None:
    """At 05:00 UTC it is yesterday evening in Los Angeles."""
    west = a_zone(time_zone="America/Los_Angeles")
    trainer = replace(FITTING, zone_ids=frozenset([west.id]))
    now = datetime(2027, 3, 2, 5, 0, tzinfo=UTC)
    (day,) = found(west, (MONDAY, MONDAY), 60, [trainer], (), now)
    assert times(day) == ["21:00", "22:00", "23:00"]


def test_the_same_wall_time_elsewhere_is_taken_hours_apart() -> None:
    """ "or an equal local date and timeslot": 10:00 in Tokyo takes 10:00 in Berlin."""
    tokyo = replace(a_slot(2), local_date=MONDAY, timeslot="10:00", time_zone="Asia/Tokyo")
    taken = set(times(on_monday(FITTING))) - set(times(on_monday(FITTING, slots=[tokyo])))
    assert taken == {"02:00", "10:00"}


@pytest.mark.parametrize(
    ("hours", "free"),
    [([(60, 120), (180, 240)], ["01:00", "01:30", "03:00"]), ([(60, 150)], ["01:00"])],
)
def test_hours_are_those_of_the_wall_when_the_clock_changes(
    hours: list[tuple[int, int]], free: list[str]
) -> None:
    """28 March 2027: 02:00 becomes 03:00, so that a session from 01:30 ends at 03:10."""
    sunday = date(2027, 3, 28)
    trainer = replace(FITTING, weekly_hours=tuple(WeeklyHours(7, *one) for one in hours))
    (day,) = found(ZONE, (sunday, sunday), 30, [trainer])
    assert times(day) == free
