"""The eligibility rules, each against an oracle that is written otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.bookings import ClassType, DeliveryMode, Purchase, Student
from muster.domain.eligibility import (
    ELIGIBILITY_RULES,
    Candidate,
    EligibilityRule,
    candidate_of,
    refusals_of,
)
from muster.domain.geography import Point, distance_metres
from muster.domain.placement import Placement, placement_of, wall_stretches
from muster.domain.planning import plan_sessions
from muster.domain.sessions import PlannedSession, SessionMode
from muster.domain.slots import Availability
from muster.domain.trainers import MINUTES_A_DAY, Leave, Trainer, WeeklyHours
from muster.domain.zones import Zone, ZoneStatus
from tests.strategies import availabilities, clock_change_days, placements, timeslots, trainers

MINUTE = timedelta(minutes=1)
RULES = {rule.name: rule for rule in ELIGIBILITY_RULES}
ON_SITE_ONLY = {"OPERATOR_MISMATCH", "FRANCHISE_MISMATCH", "OUT_OF_ZONE", "TOO_FAR"}
THE_LAW = [
    "INACTIVE", "OPERATOR_MISMATCH", "FRANCHISE_MISMATCH", "OUT_OF_ZONE", "TOO_FAR",
    "NOT_CERTIFIED", "TOO_MANY_CERTIFICATIONS", "OUTSIDE_HOURS", "ON_LEAVE", "EXCLUDED",
    "SLOT_CONFLICT",
]  # fmt: skip


def minutes_worked(hours: tuple[WeeklyHours, ...]) -> set[tuple[int, int]]:
    return {
        (stretch.weekday, minute)
        for stretch in hours
        for minute in range(stretch.from_minute, stretch.to_minute)
    }


def minutes_taught(planned: PlannedSession) -> list[datetime]:
    """Return what the wall shows in each of a session's minutes."""
    zone = ZoneInfo(planned.time_zone)
    count = (planned.ends_at - planned.starts_at) // MINUTE
    return [(planned.starts_at + step * MINUTE).astimezone(zone) for step in range(count)]


def works_through(planned: PlannedSession, hours: tuple[WeeklyHours, ...] | None) -> bool:
    if hours is None:
        return True
    worked = minutes_worked(hours)
    return all(
        (wall.isoweekday(), wall.hour * 60 + wall.minute) in worked
        for wall in minutes_taught(planned)
    )


def outside(placement: Placement, hours: tuple[WeeklyHours, ...] | None) -> list[int]:
    return [one.number for one in placement.sessions if not works_through(one, hours)]


def days_away(leave: tuple[Leave, ...]) -> set[int]:
    return {
        day
        for one in leave
        for day in range(one.first_day.toordinal(), one.last_day.toordinal() + 1)
    }


def away(placement: Placement, trainer: Trainer) -> list[int]:
    free = days_away(trainer.leave)
    return [one.number for one in placement.sessions if one.local_date.toordinal() in free]


def on_site(placement: Placement) -> bool:
    return SessionMode.OFFLINE in [planned.mode for planned in placement.sessions]


ORACLE: dict[str, Callable[[Placement, Trainer, Availability], bool]] = {
    "INACTIVE": lambda p, t, a: not t.active,
    "OPERATOR_MISMATCH": lambda p, t, a: [p.zone.franchise_id, t.franchise_id].count(None) == 1,
    "FRANCHISE_MISMATCH": lambda p, t, a: len({p.zone.franchise_id, t.franchise_id} - {None}) == 2,
    "OUT_OF_ZONE": lambda p, t, a: not t.zone_ids & {p.zone.id},
    "TOO_FAR": lambda p, t, a: (
        t.location is not None
        and distance_metres(p.student_location, t.location) > p.zone.radius_km * 1000
    ),
    "NOT_CERTIFIED": lambda p, t, a: not t.certified_courses & {p.course_id},
    "TOO_MANY_CERTIFICATIONS": lambda p, t, a: len([*t.certified_courses]) >= 4,
    "OUTSIDE_HOURS": lambda p, t, a: outside(p, t.weekly_hours) != [],
    "ON_LEAVE": lambda p, t, a: away(p, t) != [],
    "EXCLUDED": lambda p, t, a: bool(p.excluded_trainer_ids & {t.id}),
    "SLOT_CONFLICT": lambda p, t, a: a.conflicts != (),
}
"""By rule: whether it refuses, at least where a session is offline."""


def expected_refusals(placement: Placement, trainer: Trainer, held: Availability) -> list[str]:
    return [
        name
        for name, refuses in ORACLE.items()
        if refuses(placement, trainer, held) and (name not in ON_SITE_ONLY or on_site(placement))
    ]


PAIRS = placements().flatmap(lambda one: st.tuples(st.just(one), trainers(one)))


def test_the_rules_are_those_of_the_law() -> None:
    assert [rule.name for rule in ELIGIBILITY_RULES] == THE_LAW == list(ORACLE)
    assert all(rule.version >= 1 for rule in ELIGIBILITY_RULES)


@given(PAIRS, availabilities())
def test_every_rule_says_what_its_oracle_says(
    pair: tuple[Placement, Trainer], held: Availability
) -> None:
    """ "all rules are evaluated for every candidate, so that the receipt is complete"."""
    placement, trainer = pair
    refusals = refusals_of(placement, candidate_of(placement, trainer, held), ELIGIBILITY_RULES)
    assert [refusal.rule for refusal in refusals] == expected_refusals(placement, trainer, held)
    details = {refusal.rule: refusal.details for refusal in refusals}
    assert all(refusal.message for refusal in refusals)
    assert details.get("OUTSIDE_HOURS", {"sessions": []}) == {
        "sessions": outside(placement, trainer.weekly_hours)
    }
    assert details.get("ON_LEAVE", {"sessions": []}) == {"sessions": away(placement, trainer)}
    assert details.get("SLOT_CONFLICT", {"sessions": []}) == {"sessions": list(held.conflicts)}


@given(PAIRS, availabilities())
def test_online_placements_know_no_operator_franchise_zone_or_distance(
    pair: tuple[Placement, Trainer], held: Availability
) -> None:
    """ "hold when at least one of the sessions being placed is offline"."""
    placement, trainer = pair
    remote = replace(
        placement,
        sessions=tuple(replace(one, mode=SessionMode.ONLINE) for one in placement.sessions),
        on_site=False,
    )
    told = {
        one.rule
        for one in refusals_of(remote, candidate_of(remote, trainer, held), ELIGIBILITY_RULES)
    }
    assert not told & ON_SITE_ONLY
    assert told == set(expected_refusals(remote, trainer, held))


@given(PAIRS, st.lists(st.booleans(), min_size=1, max_size=12))
def test_every_rule_is_asked_even_after_a_refusal(
    pair: tuple[Placement, Trainer], verdicts: list[bool]
) -> None:
    """ "all rules are evaluated for every candidate"."""
    placement, trainer = pair
    asked: list[int] = []
    refusal = refusals_of(
        replace(placement, excluded_trainer_ids=frozenset([trainer.id])),
        candidate_of(placement, trainer, Availability()),
        (RULES["EXCLUDED"],),
    )[0]

    def rule(place: int, refuses: bool) -> EligibilityRule:
        def check(_placement: Placement, _candidate: Candidate) -> object:
            asked.append(place)
            return replace(refusal, rule=str(place)) if refuses else None

        return EligibilityRule(str(place), 1, check)  # type: ignore[arg-type]

    rules = tuple(rule(place, refuses) for place, refuses in enumerate(verdicts))
    told = refusals_of(placement, candidate_of(placement, trainer, Availability()), rules)
    assert asked == list(range(len(verdicts)))
    assert [one.rule for one in told] == [str(at) for at, no in enumerate(verdicts) if no]


# One placement by hand, and for each rule the trainer who just passes and who just does not.

COURSE, FRANCHISE, ZONE_ID, TRAINER_ID = (UUID(int=number) for number in range(1, 5))
STUDENT = Point(48.0, 11.0)
MONDAY = date(2026, 6, 1)
COURSES = [COURSE, *(UUID(int=number) for number in range(100, 104))]


def placement(
    key: str = "UTC", day: date = MONDAY, slot: str = "10:00", franchise: UUID | None = FRANCHISE
) -> Placement:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    zone = Zone(
        ZONE_ID, "Munich", franchise, STUDENT, 10.0, key, 0, ZoneStatus.ACTIVE, 1, made, made
    )
    purchase = Purchase(
        COURSE, ClassType.ONE_ON_ONE, 10, DeliveryMode.DAILY, day, slot, STUDENT,
        (Student(UUID(int=9), "Ada"),), excluded_trainer_ids=(UUID(int=8),),
    )  # fmt: skip
    return placement_of(purchase, zone, plan_sessions(purchase, key))


FITTING = Trainer(
    TRAINER_ID, "Grace", True, FRANCHISE, frozenset([ZONE_ID]), frozenset(COURSES[:3]),
    STUDENT, tuple(WeeklyHours(day, 600, 640) for day in range(1, 8)),
    (Leave(date(2026, 5, 1), date(2026, 5, 31)), Leave(date(2026, 6, 11), date(2026, 6, 12))),
)  # fmt: skip

ONE_MINUTE_LESS = tuple(WeeklyHours(day, 600, 640 - (day == 3)) for day in range(1, 8))

JUST_REFUSED = [
    ("INACTIVE", replace(FITTING, active=False)),
    ("OPERATOR_MISMATCH", replace(FITTING, franchise_id=None)),
    ("FRANCHISE_MISMATCH", replace(FITTING, franchise_id=UUID(int=77))),
    ("OUT_OF_ZONE", replace(FITTING, zone_ids=frozenset([UUID(int=77)]))),
    ("TOO_FAR", replace(FITTING, location=Point(48.0 + 0.0899325, 11.0))),
    ("NOT_CERTIFIED", replace(FITTING, certified_courses=frozenset())),
    ("TOO_MANY_CERTIFICATIONS", replace(FITTING, certified_courses=frozenset(COURSES[:4]))),
    ("OUTSIDE_HOURS", replace(FITTING, weekly_hours=ONE_MINUTE_LESS)),
    ("OUTSIDE_HOURS", replace(FITTING, weekly_hours=())),
    ("ON_LEAVE", replace(FITTING, leave=(Leave(date(2026, 5, 1), MONDAY),))),
    ("ON_LEAVE", replace(FITTING, leave=(Leave(date(2026, 6, 10), date(2026, 7, 1)),))),
    ("EXCLUDED", replace(FITTING, id=UUID(int=8))),
]


def refused_by(one: Trainer, of: Placement, held: Availability | None = None) -> list[str]:
    candidate = candidate_of(of, one, held or Availability())
    return [refusal.rule for refusal in refusals_of(of, candidate, ELIGIBILITY_RULES)]


def test_a_fitting_trainer_passes_every_rule() -> None:
    assert refused_by(FITTING, placement()) == []


@pytest.mark.parametrize(("rule", "trainer"), JUST_REFUSED)
def test_each_rule_refuses_alone(rule: str, trainer: Trainer) -> None:
    assert refused_by(trainer, placement()) == [rule]


def test_a_slot_conflict_refuses_alone() -> None:
    assert refused_by(FITTING, placement(), Availability((3,))) == ["SLOT_CONFLICT"]


def test_a_company_zone_wants_a_trainer_of_the_company() -> None:
    """ "`OPERATOR_MISMATCH` (one has a franchise, the other none)", both ways."""
    of_company = placement(franchise=None)
    assert refused_by(FITTING, of_company) == ["OPERATOR_MISMATCH"]
    assert refused_by(replace(FITTING, franchise_id=None), of_company) == []


def test_a_trainer_within_the_radius_is_not_too_far() -> None:
    """10 km are 0.089932 degrees of a meridian."""
    assert refused_by(replace(FITTING, location=Point(48.0 + 0.0899315, 11.0)), placement()) == []


def test_a_trainer_with_no_known_location_or_hours_passes() -> None:
    """ "A trainer with no known location passes `TOO_FAR`"; no weekly hours mean any hour."""
    unknown = replace(FITTING, location=None, weekly_hours=None)
    assert refused_by(unknown, placement()) == []


@pytest.mark.parametrize("cut", [1, 20, 39])
def test_adjacent_and_overlapping_hours_are_one_stretch(cut: int) -> None:
    """ "the whole session within the weekly hours", however they are written."""
    halves = [(600 + cut, 640), (600, 600 + cut), (605, 606), (600, 600 + cut)]
    joined = tuple(WeeklyHours(day, *half) for day in range(1, 8) for half in halves)
    assert refused_by(replace(FITTING, weekly_hours=joined), placement()) == []
    gap = tuple(replace(one, to_minute=600 + cut - 1) if one.to_minute == 600 + cut else one
                for one in joined if one.to_minute != 606 or cut > 6)  # fmt: skip
    if cut > 1:
        assert refused_by(replace(FITTING, weekly_hours=gap), placement()) == ["OUTSIDE_HOURS"]


@pytest.mark.parametrize(
    ("slot", "hours", "passes"),
    [
        # Berlin, 29 March 2026: 02:00 becomes 03:00. 01:40 to 03:20 on the wall.
        ("01:40", [(100, 120), (180, 200)], True),
        ("01:40", [(100, 140)], False),
        ("01:40", [(100, 120), (181, 200)], False),
        # 25 October: 03:00 becomes 02:00. 02:40 to 03:00, and once more 02:00 to 02:20.
        ("02:40", [(120, 180)], True),
        ("02:40", [(160, 200)], False),
    ],
)
def test_hours_are_those_of_the_wall_on_days_with_a_clock_change(
    slot: str, hours: list[tuple[int, int]], passes: bool
) -> None:
    day = date(2026, 3, 29) if slot == "01:40" else date(2026, 10, 25)
    sunday = tuple(WeeklyHours(7, *stretch) for stretch in hours)
    other_days = tuple(WeeklyHours(weekday, 0, MINUTES_A_DAY) for weekday in range(1, 7))
    whole = placement("Europe/Berlin", day, slot)
    first = replace(whole, sessions=whole.sessions[:1],
                    stretches=wall_stretches(whole.sessions[0]))  # fmt: skip
    trainer = replace(FITTING, weekly_hours=other_days + sunday)
    assert refused_by(trainer, first) == ([] if passes else ["OUTSIDE_HOURS"])


@given(clock_change_days(), timeslots())
def test_stretches_are_the_minutes_on_the_wall(at: tuple[str, date], slot: str) -> None:
    """A session fills the minutes that the wall shows while it lasts, in order, on their days."""
    key, day = at
    for planned in placement(key, day, slot).sessions:
        walls = minutes_taught(planned)
        told = [
            (stretch.day, minute)
            for stretch in wall_stretches(planned)
            for minute in range(stretch.from_minute, stretch.to_minute)
        ]
        assert told == [(wall.date(), wall.hour * 60 + wall.minute) for wall in walls]
        assert {stretch.number for stretch in wall_stretches(planned)} == {planned.number}


def test_a_session_through_midnight_needs_the_hours_of_both_days() -> None:
    """No purchase gives such a session (rule 8), but the hours must not be misread in one."""
    through = placement(slot="23:40")
    late = replace(through, sessions=through.sessions[:1], stretches=through.stretches[:2])
    both = (WeeklyHours(1, 1420, MINUTES_A_DAY), WeeklyHours(2, 0, 20))
    assert refused_by(replace(FITTING, weekly_hours=both), late) == []
    assert refused_by(replace(FITTING, weekly_hours=both[:1]), late) == ["OUTSIDE_HOURS"]
