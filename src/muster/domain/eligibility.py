"""The eligibility rules: who may take a placement, and the coded reason why not.

Each rule is a pure named function. All of them are asked for every candidate, so that
a receipt is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import distances_from
from muster.domain.placement import Placement, WallStretch
from muster.domain.slots import Availability
from muster.domain.trainers import Trainer, WeeklyHours

__all__ = [
    "ELIGIBILITY_RULES",
    "MAX_CERTIFICATIONS",
    "Candidate",
    "EligibilityRule",
    "Refusal",
    "candidate_of",
    "candidates_of",
    "refusals_of",
    "refusals_of_each",
]

MAX_CERTIFICATIONS = 3
"""A trainer certified for more courses than this is not assigned."""

WorkingWeek = dict[int, list[tuple[int, int]]]
"""By ISO weekday: the stretches worked, in minutes after midnight, in order and apart."""

_FREE = Availability()


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Why a rule turned a candidate down.

    Attributes:
        rule: The rule's name.
        message: One sentence for a person.
        details: What the rule saw, in plain JSON values.
    """

    rule: str
    message: str
    details: dict[str, Any] | None = None


class Candidate(Struct, frozen=True, gc=False):
    """A trainer as the rules see them.

    Attributes:
        trainer: The snapshot from the trainer service.
        availability: What the trainer's live slots say about the plan.
        distance_metres: From trainer to student; ``None`` when unknown.
    """

    trainer: Trainer
    availability: Availability
    distance_metres: float | None


class EligibilityRule(Struct, frozen=True):
    """A named, versioned rule.

    Attributes:
        name: As shown in receipts; upper case.
        version: Grows when the rule's verdicts change.
        check: A pure function: ``None`` lets the candidate pass.
        needs_booked_days: Whether it asks how many sessions the candidate has on each day of
            the plan (``candidate.availability.booked_on``), which is read only then.
    """

    name: str
    version: int
    check: Callable[[Placement, Candidate], Refusal | None]
    needs_booked_days: bool = False


def candidate_of(placement: Placement, trainer: Trainer, availability: Availability) -> Candidate:
    """Return a trainer as the rules see them, the distance taken once for all of them."""
    return candidates_of(placement, [trainer], {trainer.id: availability})[0]


def candidates_of(
    placement: Placement, trainers: Iterable[Trainer], availability: Mapping[UUID, Availability]
) -> list[Candidate]:
    """Return many trainers as the rules see them, in the order given.

    Args:
        placement: What is to be placed.
        trainers: Who might take it.
        availability: By trainer; one without an entry has no live slot.
    """
    metres_to = distances_from(placement.student_location)
    return [
        Candidate(
            trainer,
            availability.get(trainer.id, _FREE),
            None if (location := trainer.location) is None else metres_to(location),
        )
        for trainer in trainers
    ]


def refusals_of(
    placement: Placement, candidate: Candidate, rules: tuple[EligibilityRule, ...]
) -> tuple[Refusal, ...]:
    """Return every rule's refusal of a candidate, in the order of the rules."""
    return refusals_of_each(placement, [candidate], rules)[0]


def refusals_of_each(
    placement: Placement, candidates: Sequence[Candidate], rules: tuple[EligibilityRule, ...]
) -> list[tuple[Refusal, ...]]:
    """Return every rule's refusal of every candidate, in the order of both.

    Rule by rule, since with a thousand candidates half of the time went into calling the
    rules: ``map`` does that without a turn of the interpreter's loop for each.
    """
    refusals: list[tuple[Refusal, ...]] = [()] * len(candidates)
    for rule in rules:
        verdicts = list(map(rule.check, repeat(placement), candidates))
        if any(verdicts):
            for place, verdict in enumerate(verdicts):
                if verdict is not None:
                    refusals[place] += (verdict,)
    return refusals


def working_week(hours: tuple[WeeklyHours, ...]) -> WorkingWeek:
    """Return weekly hours with those joined that touch or overlap."""
    week: WorkingWeek = {}
    for stretch in sorted(hours, key=lambda stretch: (stretch.weekday, stretch.from_minute)):
        day = week.setdefault(stretch.weekday, [])
        if day and stretch.from_minute <= day[-1][1]:
            day[-1] = (day[-1][0], max(day[-1][1], stretch.to_minute))
        else:
            day.append((stretch.from_minute, stretch.to_minute))
    return week


def works_through(part: WallStretch, week: WorkingWeek) -> bool:
    """Return whether somebody with such a week works through the whole of a stretch."""
    return any(
        begins <= part.from_minute and part.to_minute <= ends
        for begins, ends in week.get(part.day.isoweekday(), ())
    )


def inactive(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer who does not work."""
    if candidate.trainer.active:
        return None
    return Refusal("INACTIVE", "The trainer is not active.")


def operator_mismatch(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse, on site, where of zone and trainer one has a franchise and the other none."""
    zone_has = placement.zone.franchise_id is not None
    if not placement.on_site or zone_has == (candidate.trainer.franchise_id is not None):
        return None
    return Refusal(
        "OPERATOR_MISMATCH",
        "The zone belongs to a franchise and the trainer to the company."
        if zone_has
        else "The zone belongs to the company and the trainer to a franchise.",
    )


def franchise_mismatch(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse, on site, a trainer of another franchise."""
    ours, theirs = placement.zone.franchise_id, candidate.trainer.franchise_id
    if not placement.on_site or ours is None or theirs is None or ours == theirs:
        return None
    return Refusal("FRANCHISE_MISMATCH", "The trainer works for another franchise.")


def out_of_zone(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse, on site, a trainer who does not teach in the zone."""
    if not placement.on_site or placement.zone.id in candidate.trainer.zone_ids:
        return None
    return Refusal("OUT_OF_ZONE", "The trainer does not teach in this zone.")


def too_far(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse, on site, a trainer further from the student than the zone's radius.

    A trainer with no known location passes, and ranks last.
    """
    metres = candidate.distance_metres
    if not placement.on_site or metres is None:
        return None
    limit = placement.zone.radius_km * 1000
    if metres <= limit:
        return None
    return Refusal(
        "TOO_FAR",
        "The trainer is further from the student than the zone's radius.",
        {"distanceMetres": round(metres, 1), "limitMetres": round(limit, 1)},
    )


def not_certified(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer without the course's certification."""
    if placement.course_id in candidate.trainer.certified_courses:
        return None
    return Refusal("NOT_CERTIFIED", "The trainer is not certified for this course.")


def too_many_certifications(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer certified for more than three courses."""
    count = len(candidate.trainer.certified_courses)
    if count <= MAX_CERTIFICATIONS:
        return None
    return Refusal(
        "TOO_MANY_CERTIFICATIONS",
        f"The trainer is certified for more than {MAX_CERTIFICATIONS} courses.",
        {"certifications": count},
    )


def outside_hours(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer who does not work through the whole of every session, on the wall clock."""
    hours = candidate.trainer.weekly_hours
    if hours is None:
        return None
    week = working_week(hours)
    outside = sorted(
        {part.number for part in placement.stretches if not works_through(part, week)},
    )
    if not outside:
        return None
    return Refusal(
        "OUTSIDE_HOURS", "Sessions lie outside the trainer's weekly hours.", {"sessions": outside}
    )


def on_leave(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer who is away on the day of a session; both dates of a leave count."""
    leave = candidate.trainer.leave
    if not leave:
        return None
    away = [
        planned.number
        for planned in placement.sessions
        if any(period.first_day <= planned.local_date <= period.last_day for period in leave)
    ]
    if not away:
        return None
    return Refusal("ON_LEAVE", "The trainer is on leave on days of sessions.", {"sessions": away})


def excluded(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer whom the client does not want."""
    unwanted = placement.excluded_trainer_ids
    if not unwanted or candidate.trainer.id not in unwanted:
        return None
    return Refusal("EXCLUDED", "The booking excludes this trainer.")


def slot_conflict(placement: Placement, candidate: Candidate) -> Refusal | None:
    """Refuse a trainer whose time is already claimed, as the two guards of slots say."""
    conflicts = candidate.availability.conflicts
    if not conflicts:
        return None
    return Refusal(
        "SLOT_CONFLICT",
        "The trainer's time is already claimed.",
        {"sessions": list(conflicts)},
    )


ELIGIBILITY_RULES: tuple[EligibilityRule, ...] = (
    EligibilityRule("INACTIVE", 1, inactive),
    EligibilityRule("OPERATOR_MISMATCH", 1, operator_mismatch),
    EligibilityRule("FRANCHISE_MISMATCH", 1, franchise_mismatch),
    EligibilityRule("OUT_OF_ZONE", 1, out_of_zone),
    EligibilityRule("TOO_FAR", 1, too_far),
    EligibilityRule("NOT_CERTIFIED", 1, not_certified),
    EligibilityRule("TOO_MANY_CERTIFICATIONS", 1, too_many_certifications),
    EligibilityRule("OUTSIDE_HOURS", 1, outside_hours),
    EligibilityRule("ON_LEAVE", 1, on_leave),
    EligibilityRule("EXCLUDED", 1, excluded),
    EligibilityRule("SLOT_CONFLICT", 1, slot_conflict),
)
"""The rules of the law, in the order in which receipts show them."""
