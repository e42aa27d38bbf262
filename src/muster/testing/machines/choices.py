"""Whether trainers were judged as the law says, worked out anew from what was known then.

The receipts' verdicts are held against this; nothing here uses the rules under test. Times
are walked minute by minute, and distances go through the earth.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from muster.domain.bookings import Booking
from muster.domain.geography import Point
from muster.domain.receipts import CandidateVerdict, Receipt, ReceiptKind
from muster.domain.sessions import PlannedSession, Session, SessionMode, SessionStatus
from muster.domain.slots import Slot
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone
from muster.testing.machines.states import State

__all__ = ["trainers_are_judged_by_the_law"]

_EARTH_METRES = 6_371_009.0
_MOST_CERTIFICATIONS = 3
_LESSON_MINUTES = 40

_WHOLE = frozenset({ReceiptKind.PLACE, ReceiptKind.PROMOTE})
"""Changes that judge all sessions of a booking; the others judge those that they touch."""


class _Choice(Struct, frozen=True):
    """What a receipt with candidates was about."""

    receipt: Receipt
    booking: Booking
    zone: Zone
    sessions: tuple[Session, ...]


def trainers_are_judged_by_the_law(
    before: State, after: State, trainers: Mapping[UUID, Trainer]
) -> None:
    """Check property 4 at its root: whoever was chosen was allowed, whoever was refused was not.

    Args:
        before: What was there before a step.
        after: What is there after it.
        trainers: As the trainer service knew them during the step, by id.

    Raises:
        AssertionError: A verdict of a receipt that the step wrote is not what the law says.
    """
    for choice in _choices(before, after):
        for verdict in choice.receipt.candidates:
            trainer = trainers[verdict.trainer_id]
            _hold_to_standing_rules(choice, verdict, trainer)
            _hold_to_exclusions(choice, verdict)
            _hold_to_slots(choice, verdict, before.slots, after.slots)


def _choices(before: State, after: State) -> Iterator[_Choice]:
    zones = {zone.id: zone for zone in after.zones}
    for booking in after.bookings:
        seen = len(before.receipts.get(booking.id, ()))
        for receipt in after.receipts[booking.id][seen:]:
            if receipt.candidates:
                assert booking.zone is not None, f"property 4: {receipt} judged for no zone"
                judged = tuple(_judged(receipt, booking))
                assert judged, f"property 4: {receipt} judged for no session"
                yield _Choice(receipt, booking, zones[booking.zone.id], judged)


def _judged(receipt: Receipt, booking: Booking) -> Iterator[Session]:
    placed = {
        change.session_id
        for change in receipt.sessions
        if change.after.status is SessionStatus.SCHEDULED
    }
    for session in booking.sessions:
        if receipt.kind in _WHOLE or session.id in placed:
            yield session


def _hold_to_standing_rules(choice: _Choice, verdict: CandidateVerdict, trainer: Trainer) -> None:
    asked_elsewhere = {"EXCLUDED", "SLOT_CONFLICT"}
    said = {refusal.rule for refusal in verdict.refusals} - asked_elsewhere
    law = set(_broken_by(trainer, choice))
    assert said == law, (
        f"property 4: {trainer} breaks {sorted(law)} and was refused for {sorted(said)}"
        f" in {choice.receipt.kind} {choice.receipt.id} of {choice.booking} in {choice.zone}"
    )


def _broken_by(trainer: Trainer, choice: _Choice) -> Iterator[str]:
    if not trainer.active:
        yield "INACTIVE"
    if any(session.plan.mode is SessionMode.OFFLINE for session in choice.sessions):
        yield from _broken_on_site(trainer, choice)
    if choice.booking.purchase.course_id not in trainer.certified_courses:
        yield "NOT_CERTIFIED"
    if len(trainer.certified_courses) > _MOST_CERTIFICATIONS:
        yield "TOO_MANY_CERTIFICATIONS"
    plans = [session.plan for session in choice.sessions]
    if not all(_works_through(trainer, plan) for plan in plans):
        yield "OUTSIDE_HOURS"
    if any(_is_away(trainer, plan) for plan in plans):
        yield "ON_LEAVE"


def _broken_on_site(trainer: Trainer, choice: _Choice) -> Iterator[str]:
    ours, theirs = choice.zone.franchise_id, trainer.franchise_id
    if (ours is None) != (theirs is None):
        yield "OPERATOR_MISMATCH"
    elif ours != theirs:
        yield "FRANCHISE_MISMATCH"
    if choice.zone.id not in trainer.zone_ids:
        yield "OUT_OF_ZONE"
    student = choice.booking.purchase.student_location
    if trainer.location is not None:
        metres = _metres_between(trainer.location, student)
        if metres > choice.zone.radius_km * 1000:
            yield "TOO_FAR"


def _works_through(trainer: Trainer, plan: PlannedSession) -> bool:
    if trainer.weekly_hours is None:
        return True
    wall = ZoneInfo(plan.time_zone)
    for minute in range(_LESSON_MINUTES):
        shown = (plan.starts_at + timedelta(minutes=minute)).astimezone(wall)
        at = shown.hour * 60 + shown.minute
        if not any(
            stretch.weekday == shown.isoweekday() and stretch.from_minute <= at < stretch.to_minute
            for stretch in trainer.weekly_hours
        ):
            return False
    return True


def _is_away(trainer: Trainer, plan: PlannedSession) -> bool:
    return any(leave.first_day <= plan.local_date <= leave.last_day for leave in trainer.leave)


def _metres_between(one: Point, other: Point) -> float:
    straight = math.dist(_on_unit_sphere(one), _on_unit_sphere(other))
    return 2 * _EARTH_METRES * math.asin(min(1.0, straight / 2))


def _on_unit_sphere(point: Point) -> tuple[float, float, float]:
    north, east = math.radians(point.latitude), math.radians(point.longitude)
    return (
        math.cos(north) * math.cos(east),
        math.cos(north) * math.sin(east),
        math.sin(north),
    )


def _hold_to_exclusions(choice: _Choice, verdict: CandidateVerdict) -> None:
    """Whom the client excludes is refused; whoever hands sessions over may be, too."""
    refused = any(refusal.rule == "EXCLUDED" for refusal in verdict.refusals)
    if verdict.trainer_id in choice.booking.purchase.excluded_trainer_ids:
        assert refused, f"property 4: {verdict} is excluded from {choice.booking.id}"
        return
    handed_over_by = {
        change.before.trainer_id for change in choice.receipt.sessions if change.before is not None
    }
    allowed = choice.receipt.kind is ReceiptKind.REASSIGN and verdict.trainer_id in handed_over_by
    assert allowed or not refused, f"property 4: nobody excludes {verdict} in {choice.receipt}"


def _hold_to_slots(
    choice: _Choice, verdict: CandidateVerdict, before: Collection[Slot], after: Collection[Slot]
) -> None:
    """What was live throughout the step was in the way; what was live at neither end was not."""
    placed = {session.id for session in choice.sessions}

    def others(slots: Collection[Slot]) -> set[Slot]:
        return {
            slot
            for slot in slots
            if slot.trainer_id == verdict.trainer_id and slot.session_id not in placed
        }

    refused = any(refusal.rule == "SLOT_CONFLICT" for refusal in verdict.refusals)
    at_first, at_last = others(before), others(after)
    throughout, ever = at_first & at_last, at_first | at_last
    assert refused or not _in_the_way(throughout, choice), f"property 4: {verdict} has no time"
    assert not refused or _in_the_way(ever, choice), f"property 4: {verdict} has time"


def _in_the_way(slots: Collection[Slot], choice: _Choice) -> bool:
    for slot in slots:
        for plan in (session.plan for session in choice.sessions):
            overlaps = slot.starts_at < plan.ends_at and plan.starts_at < slot.ends_at
            same = (slot.local_date, slot.timeslot) == (plan.local_date, plan.local_time)
            if overlaps or same:
                return True
    return False
