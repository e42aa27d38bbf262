"""The purchase rules 1 to 8, each alone and all together, against a table of the law."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.bookings import ClassType, DeliveryMode, Purchase, Student
from muster.domain.errors import Fault
from muster.domain.geography import Point
from muster.domain.planning import plan_sessions
from muster.domain.purchase_rules import (
    InvalidPurchase,
    faults_of_sessions,
    faults_of_start,
    faults_of_terms,
    faults_of_unserved_start,
    faults_of_unserved_wall_clock,
)
from tests.strategies import (
    any_purchases,
    clock_change_days,
    dates,
    instants,
    purchases,
    time_zones,
    timeslots,
)

MINUTE = timedelta(minutes=1)
DAY = date(2026, 6, 1)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALLOWED_STUDENTS = {"ONE_ON_ONE": "1", "ONE_ON_TWO": "2", "ONE_ON_THREE": "3", "HYBRID": "123"}

LAW: dict[str, tuple[str, Callable[[Purchase], bool]]] = {
    # code: (field, is it broken)
    "SESSION_COUNT_NOT_SOLD": ("totalSessions", lambda p: p.total_sessions not in {10, 20, 30}),
    "HYBRID_NOT_30": (
        "totalSessions",
        lambda p: p.class_type.name == "HYBRID" and p.total_sessions != 30,
    ),
    "STUDENT_COUNT": (
        "students",
        lambda p: str(len(p.students)) not in [*ALLOWED_STUDENTS[p.class_type.name]],
    ),
    "DUPLICATE_STUDENT": (
        "students[].id",
        lambda p: len({student.id for student in p.students}) < len(p.students),
    ),
    "ODD_SUNDAY_COUNT": (
        "totalSessions",
        lambda p: p.delivery_mode.name == "SUNDAY_ONLY" and p.total_sessions % 2 != 0,
    ),
    "HYBRID_ON_SUNDAYS": (
        "deliveryMode",
        lambda p: (p.class_type.name, p.delivery_mode.name) == ("HYBRID", "SUNDAY_ONLY"),
    ),
}
"""Rules 1 to 6."""


def purchase(
    day: date = DAY,
    slot: str = "10:00",
    mode: DeliveryMode = DeliveryMode.DAILY,
    class_type: ClassType = ClassType.ONE_ON_ONE,
    count: int = 10,
    students: tuple[int, ...] = (1,),
) -> Purchase:
    return Purchase(
        UUID(int=1), class_type, count, mode, day, slot, Point(0.0, 0.0),
        tuple(Student(UUID(int=one), "Ada") for one in students),
    )  # fmt: skip


def codes(faults: list[Fault]) -> list[str]:
    return [fault.code for fault in faults]


def shown(instant: datetime, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(instant.timestamp(), zone).replace(tzinfo=None)


def assert_as_the_law_says(asked: Purchase) -> None:
    faults = faults_of_terms(asked)
    broken = {(field, code) for code, (field, is_broken) in LAW.items() if is_broken(asked)}
    assert {(re.sub(r"\d", "", fault.path), fault.code) for fault in faults} == broken
    twice = [
        f"students[{place}].id"
        for place, one in enumerate(asked.students)
        if any(one.id == other.id for other in asked.students[:place])
    ]
    assert [fault.path for fault in faults if fault.code == "DUPLICATE_STUDENT"] == twice


@pytest.mark.parametrize("class_type", ClassType)
def test_rules_1_to_6_in_every_combination(class_type: ClassType) -> None:
    """ "All broken rules are reported at once, each with its code and field"."""
    students = [(), (1,), (1, 1), (1, 2), (1, 2, 3), (1, 2, 1), (1, 1, 1), (1, 2, 3, 4)]
    counts = (-10, 0, 1, 9, 10, 11, 15, 20, 21, 29, 30, 31, 40, 300)
    for mode, count, who in product(DeliveryMode, counts, students):
        assert_as_the_law_says(
            purchase(mode=mode, class_type=class_type, count=count, students=who)
        )


@given(any_purchases())
def test_rules_1_to_6_for_any_purchase(asked: Purchase) -> None:
    """Rules 1 to 6, told by a table straight from the law."""
    assert_as_the_law_says(asked)


@given(purchases())
def test_what_keeps_rules_1_to_6_is_not_refused_by_them(asked: Purchase) -> None:
    """Rules 1 to 6 refuse nothing that keeps them."""
    assert faults_of_terms(asked) == []


ALONE = [
    (1, purchase(count=40), ["SESSION_COUNT_NOT_SOLD"]),
    (2, purchase(class_type=ClassType.HYBRID, count=20), ["HYBRID_NOT_30"]),
    (3, purchase(students=(1, 2)), ["STUDENT_COUNT"]),
    (3, purchase(class_type=ClassType.HYBRID, count=30, students=()), ["STUDENT_COUNT"]),
    (3, purchase(class_type=ClassType.HYBRID, count=30, students=(1, 2, 3, 4)), ["STUDENT_COUNT"]),
    (4, purchase(class_type=ClassType.ONE_ON_TWO, students=(1, 1)), ["DUPLICATE_STUDENT"]),
    (
        5,  # an odd count is never sold, so rule 1 speaks too
        purchase(mode=DeliveryMode.SUNDAY_ONLY, count=15),
        ["SESSION_COUNT_NOT_SOLD", "ODD_SUNDAY_COUNT"],
    ),
    (
        6,
        purchase(mode=DeliveryMode.SUNDAY_ONLY, class_type=ClassType.HYBRID, count=30),
        ["HYBRID_ON_SUNDAYS"],
    ),
]


@pytest.mark.parametrize(("rule", "asked", "expected"), ALONE)
def test_each_of_rules_1_to_6_alone(rule: int, asked: Purchase, expected: list[str]) -> None:
    assert codes(faults_of_terms(asked)) == expected, f"rule {rule}"


def test_the_refusal_carries_every_fault() -> None:
    """ "A booking is refused as `INVALID_PURCHASE`"."""
    faults = faults_of_terms(purchase(count=15, mode=DeliveryMode.SUNDAY_ONLY))
    refusal = InvalidPurchase(iter(faults))
    assert (refusal.code, refusal.faults, refusal.retryable) == (
        "INVALID_PURCHASE",
        tuple(faults),
        False,
    )


# Rule 7: "`startDate` is over 366 days ahead, or the first session would begin before now".


@pytest.mark.parametrize(("ahead", "expected"), [(366, []), (367, ["START_TOO_FAR"])])
@pytest.mark.parametrize("key", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_rule_7_counts_days_from_the_local_today(key: str, ahead: int, expected: list[str]) -> None:
    for now in (NOW, NOW + timedelta(hours=11, minutes=59), NOW - timedelta(hours=12)):
        today = shown(now, ZoneInfo(key)).date()
        asked = purchase(today + timedelta(days=ahead))
        assert codes(faults_of_start(asked, key, now)) == expected
        assert [fault.path for fault in faults_of_start(asked, key, now)] == (
            ["startDate"] if expected else []
        )


@pytest.mark.parametrize("mode", DeliveryMode)
@pytest.mark.parametrize("key", ["Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_rule_7_lets_a_first_session_begin_exactly_now(key: str, mode: DeliveryMode) -> None:
    asked = purchase(date(2026, 6, 7), mode=mode)  # a Sunday
    begins = plan_sessions(asked, key)[0].starts_at
    assert faults_of_start(asked, key, begins) == []
    for late in (timedelta(microseconds=1), MINUTE, timedelta(days=8), timedelta(days=3000)):
        faults = faults_of_start(asked, key, begins + late)
        assert [(fault.path, fault.code) for fault in faults] == [("startDate", "START_IN_PAST")]


def test_rule_7_looks_at_the_first_session_not_at_the_start_date() -> None:
    """A Sunday course may start on a day gone by, while its first Sunday is still to come."""
    monday = date(2026, 6, 1)
    asked = purchase(monday, mode=DeliveryMode.SUNDAY_ONLY)
    assert faults_of_start(asked, "UTC", datetime(2026, 6, 7, 10, tzinfo=UTC)) == []
    assert codes(faults_of_start(asked, "UTC", datetime(2026, 6, 7, 10, 1, tzinfo=UTC))) == [
        "START_IN_PAST"
    ]


@given(clock_change_days(), st.integers(-400, 400), st.sampled_from(DeliveryMode), timeslots(),
       st.integers(0, 1439))  # fmt: skip
def test_rule_7_by_the_plan(
    at: tuple[str, date], ahead: int, mode: DeliveryMode, slot: str, minute: int
) -> None:
    """Rule 7 and the plan agree on when the first session begins."""
    key, day = at
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + minute * MINUTE
    asked = purchase(day + timedelta(days=ahead), slot, mode)
    today = shown(now, ZoneInfo(key)).date()
    too_far = asked.start_date.toordinal() > today.toordinal() + 366
    past = plan_sessions(asked, key)[0].starts_at.timestamp() < now.timestamp()
    expected = ["START_TOO_FAR"] * too_far + ["START_IN_PAST"] * past
    assert codes(faults_of_start(asked, key, now)) == expected


@given(st.dates() | st.sampled_from([date.min, date.max]), timeslots(),
       st.sampled_from(DeliveryMode), time_zones(), instants())  # fmt: skip
@example(date.min, "00:00", DeliveryMode.SUNDAY_ONLY, "Pacific/Kiritimati", NOW)
@example(date.max, "23:59", DeliveryMode.SUNDAY_ONLY, "Etc/GMT+12", NOW)
@example(date.min, "00:00", DeliveryMode.DAILY, "Pacific/Kiritimati", NOW)
@example(date.max, "23:59", DeliveryMode.DAILY, "Etc/GMT+12", NOW)
def test_absurd_dates_are_refused_and_never_raise(
    day: date, slot: str, mode: DeliveryMode, key: str, now: datetime
) -> None:
    """Rule 7, and 8 where the first seven hold, for any date there is."""
    asked = purchase(day, slot, mode)
    faults = faults_of_start(asked, key, now)
    if day.year < 1999:
        assert codes(faults) == codes(faults_of_unserved_start(asked, now)) == ["START_IN_PAST"]
    if day.year > 2039:
        assert codes(faults) == ["START_TOO_FAR"]
        assert faults_of_unserved_start(asked, now) == []
    faults_of_unserved_wall_clock(asked)
    if not faults:
        faults_of_sessions(asked, plan_sessions(asked, key))


@given(st.integers(-3, 3), timeslots(), st.sampled_from(DeliveryMode), instants())
def test_rule_7_without_a_zone_refuses_what_is_past_everywhere_on_earth(
    ahead: int, slot: str, mode: DeliveryMode, now: datetime
) -> None:
    """Past everywhere: in each whole-hour offset from UTC-12 to UTC+14 it is over."""
    asked = purchase(now.date() + timedelta(days=ahead), slot, mode)
    offsets = [f"Etc/GMT{-hours:+}" for hours in range(-12, 15)]
    past = [plan_sessions(asked, key)[0].starts_at < now for key in offsets]
    assert bool(faults_of_unserved_start(asked, now)) is all(past)


def test_rule_7_without_a_zone_lets_begin_exactly_now_at_the_last_place() -> None:
    asked = purchase(DAY, "10:00")
    border = datetime(2026, 6, 1, 22, tzinfo=UTC)
    assert faults_of_unserved_start(asked, border) == []
    assert codes(faults_of_unserved_start(asked, border + MINUTE)) == ["START_IN_PAST"]


# Rule 8: "a session would not end on its own local date, the end being exclusive".

BORDERS = [
    (DeliveryMode.DAILY, "23:20", False),
    (DeliveryMode.DAILY, "23:21", True),
    (DeliveryMode.SUNDAY_ONLY, "22:40", False),
    (DeliveryMode.SUNDAY_ONLY, "22:41", True),
]


@pytest.mark.parametrize(("mode", "slot", "broken"), BORDERS)
def test_rule_8_at_its_borders(mode: DeliveryMode, slot: str, broken: bool) -> None:
    """ "a daily one starts by 23:20, a Sunday pair by 22:40"."""
    asked = purchase(slot=slot, mode=mode)
    expected = [("preferredTimeSlot", "SESSION_CROSSES_MIDNIGHT")] * broken
    served = faults_of_sessions(asked, plan_sessions(asked, "UTC"))
    assert [(fault.path, fault.code) for fault in served] == expected
    unserved = faults_of_unserved_wall_clock(asked)
    assert [(fault.path, fault.code) for fault in unserved] == expected


@given(timeslots(), st.sampled_from(DeliveryMode), dates())
def test_rule_8_without_a_zone_is_that_of_a_clock_without_changes(
    slot: str, mode: DeliveryMode, day: date
) -> None:
    """ "8 uses the wall clock"."""
    asked = purchase(day, slot, mode)
    served = faults_of_sessions(asked, plan_sessions(asked, "UTC"))
    assert codes(faults_of_unserved_wall_clock(asked)) == codes(served)


@given(clock_change_days(), timeslots(), st.sampled_from(DeliveryMode))
def test_rule_8_by_looking_at_the_wall_in_each_minute(
    at: tuple[str, date], slot: str, mode: DeliveryMode
) -> None:
    """ "on days with a clock change the real local times count"."""
    key, day = at
    zone, asked = ZoneInfo(key), purchase(day, slot, mode)
    plan = plan_sessions(asked, key)
    own = asked.start_date
    crosses = False
    for planned in plan:
        while mode is DeliveryMode.SUNDAY_ONLY and own.isoweekday() != 7:
            own += timedelta(days=1)
        days = {shown(planned.starts_at + later * MINUTE, zone).date() for later in range(40)}
        crosses = crosses or days != {own}
        if mode is DeliveryMode.DAILY or planned.number % 2 == 0:
            own += timedelta(days=1)
    assert bool(faults_of_sessions(asked, plan)) is crosses


@pytest.mark.parametrize(
    ("key", "day", "slot", "crosses"),
    [
        # Lebanon: 00:00 becomes 01:00, so 00:20 is 01:20 of the same day.
        ("Asia/Beirut", date(2026, 3, 29), "00:20", False),
        # Cuba: 01:00 becomes 00:00; the first 00:50 runs into the second 00:00 to 00:30.
        ("America/Havana", date(2026, 11, 1), "00:50", False),
        # Greenland, Saturday: 23:00 becomes 00:00, so the evening lessons fall on Sunday.
        ("America/Nuuk", date(2026, 3, 28), "22:20", False),
        ("America/Nuuk", date(2026, 3, 28), "22:21", True),
        ("America/Nuuk", date(2026, 3, 28), "23:00", True),
        # Samoa left out 30 December 2011: it has no sessions.
        ("Pacific/Apia", date(2011, 12, 25), "10:00", True),
        ("Pacific/Apia", date(2011, 12, 31), "10:00", False),
        ("Pacific/Apia", date(2011, 12, 20), "10:00", False),
    ],
)
def test_rule_8_on_days_with_a_clock_change(key: str, day: date, slot: str, crosses: bool) -> None:
    asked = purchase(day, slot)
    assert bool(faults_of_sessions(asked, plan_sessions(asked, key))) is crosses


@given(purchases(), time_zones())
def test_rule_8_looks_at_every_session(asked: Purchase, key: str) -> None:
    """One session that ends late, whichever it is, is told by its number."""
    plan = plan_sessions(asked, key)
    assume(not faults_of_sessions(asked, plan))
    last = plan[-1]
    late = replace(last, ends_at=last.ends_at + timedelta(days=1))
    (fault,) = faults_of_sessions(asked, (*plan[:-1], late))
    assert f"Session {last.number} " in fault.message
