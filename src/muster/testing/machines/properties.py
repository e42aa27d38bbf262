"""The ten properties that always hold, each read from the law and not from the code.

Where the code under test has a function for something, it is not used here. The tenth stands
in ``replays``.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from muster.domain.bookings import Booking, BookingStatus, DeliveryMode
from muster.domain.certificates import CertificateStatus
from muster.domain.ranking import RankingPolicy
from muster.domain.receipts import Receipt, ReceiptKind
from muster.domain.sessions import Session, SessionStatus
from muster.testing.machines.replays import choices_replay
from muster.testing.machines.states import State

__all__ = [
    "candidates_in_any_order_give_one_outcome",
    "certificates_are_earned_and_unique",
    "failures_leave_nothing",
    "hold_all",
    "live_slots_have_one_owner",
    "live_slots_never_overlap",
    "newest_placing",
    "plans_are_whole_and_in_order",
    "sessions_hold_what_they_may",
    "trainers_passed_every_rule",
    "zone_names_are_unique",
]

_LESSON = timedelta(minutes=40)
_DAY = timedelta(days=1)
_SUNDAY = 7

_PLACING = frozenset(
    {
        ReceiptKind.PLACE,
        ReceiptKind.PROMOTE,
        ReceiptKind.REASSIGN,
        ReceiptKind.SWAP,
        ReceiptKind.RESCHEDULE,
        ReceiptKind.MAKE_UP,
    }
)

_HOLDS: dict[SessionStatus, int] = {
    SessionStatus.PLANNED: 0,
    SessionStatus.SCHEDULED: 1,
    SessionStatus.STRANDED: 0,
    SessionStatus.COMPLETED: 1,
    SessionStatus.VOIDED: 1,
    SessionStatus.NO_SHOW: 1,
    SessionStatus.CANCELLED: 0,
}
"""The table of the law; ``REPLACED`` is "as before"."""

_WITHOUT_TRAINER = frozenset(
    {BookingStatus.WAITLISTED, BookingStatus.PENDING, BookingStatus.SERVICE_NOT_AVAILABLE}
)


def hold_all(state: State, policies: Sequence[RankingPolicy]) -> None:
    """Check every property that one state of one store can break.

    Args:
        state: All of it.
        policies: By which trainers were ranked.

    Raises:
        AssertionError: One does not hold.
    """
    live_slots_never_overlap(state)
    live_slots_have_one_owner(state)
    sessions_hold_what_they_may(state)
    trainers_passed_every_rule(state)
    certificates_are_earned_and_unique(state)
    zone_names_are_unique(state)
    plans_are_whole_and_in_order(state)
    choices_replay(state, policies)


def live_slots_never_overlap(state: State) -> None:
    """Check property 1: no two live slots of one trainer overlap in absolute time.

    Nor have they the same local date and timeslot: both guards are the law's.
    """
    for one, other in combinations(state.slots, 2):
        if one.trainer_id != other.trainer_id:
            continue
        apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
        assert apart, f"property 1: {one} overlaps {other}"
        shown = [(slot.local_date, slot.timeslot) for slot in (one, other)]
        assert shown[0] != shown[1], f"property 1: {one} is shown at the time of {other}"


def live_slots_have_one_owner(state: State) -> None:
    """Check property 2: a live slot belongs to exactly one session or one block."""
    sessions = {session.id: session for _, session in _sessions(state)}
    blocks = {block.id: block for found in state.blocks.values() for block in found}
    for slot in state.slots:
        owners = (slot.session_id in sessions) + (slot.block_id in blocks)
        assert owners == 1, f"property 2: {slot} has {owners} owners"
        if slot.block_id is not None:
            assert slot.trainer_id == blocks[slot.block_id].trainer_id, f"property 2: {slot}"
            continue
        assert slot.session_id is not None, "it has an owner"
        session = sessions[slot.session_id]
        claimed = (slot.trainer_id, slot.starts_at, slot.ends_at, slot.local_date, slot.timeslot)
        plan = session.plan
        held = (session.trainer_id, plan.starts_at, plan.ends_at, plan.local_date, plan.local_time)
        assert claimed == held, f"property 2: {slot} is not the time of {session}"


def sessions_hold_what_they_may(state: State) -> None:
    """Check property 3: one live slot exactly when the table says so; each number once."""
    held = Counter(slot.session_id for slot in state.slots)
    for booking, session in _sessions(state):
        if session.status is SessionStatus.REPLACED:
            allowed = _HOLDS[_status_before_replaced(session, state.receipts[booking.id])]
        else:
            allowed = _HOLDS[session.status]
        assert held[session.id] == allowed, f"property 3: {session} holds {held[session.id]} slots"
    for booking in state.bookings:
        _numbers_are_whole(booking)
        _status_follows(booking)


def trainers_passed_every_rule(state: State) -> None:
    """Check property 4: each scheduled session's trainer is who its receipt chose, and passed.

    So all of a booking's sessions agree, unless a receipt of a change says otherwise.
    """
    for booking, session in _sessions(state):
        if session.status is not SessionStatus.SCHEDULED:
            continue
        receipt = newest_placing(session, state.receipts[booking.id])
        assert receipt is not None, f"property 4: no receipt placed {session}"
        assert receipt.chosen == session.trainer_id, f"property 4: {session} is not as {receipt}"
        verdicts = [one for one in receipt.candidates if one.trainer_id == receipt.chosen]
        passed = len(verdicts) == 1 and verdicts[0].eligible and not verdicts[0].refusals
        assert passed, f"property 4: {verdicts} in {receipt.id}"
        assert receipt.chosen not in booking.purchase.excluded_trainer_ids, "property 4: excluded"


def certificates_are_earned_and_unique(state: State) -> None:
    """Check property 5: one in force for a student, none before 30, numbers unique for ever."""
    every = [one for found in state.certificates.values() for one in found]
    numbers = Counter(one.number for one in every)
    assert not [one for one in numbers.values() if one > 1], f"property 5: {numbers}"
    dead = (CertificateStatus.REVOKED, CertificateStatus.SUPERSEDED)
    in_force = Counter((one.booking_id, one.student_id) for one in every if one.status not in dead)
    assert not [one for one in in_force.values() if one > 1], f"property 5: {in_force}"
    for certificate in every:
        booking = state.booking(certificate.booking_id)
        assert booking.purchase.total_sessions == 30, f"property 5: {certificate}"
        states = Counter(session.status for session in booking.sessions)
        earned, voided = states[SessionStatus.COMPLETED], states[SessionStatus.VOIDED]
        assert earned + voided == 30, f"property 5: {certificate} before 30 completions"
        if certificate.status is CertificateStatus.VALID:
            assert earned == 30, f"property 5: {certificate} is valid, {voided} are voided"
        if certificate.status is CertificateStatus.SUSPENDED:
            assert voided, f"property 5: {certificate} is suspended, and nothing is voided"


def zone_names_are_unique(state: State) -> None:
    """Check property 6: zone names are unique for each operator."""
    names = Counter((zone.franchise_id, _folded(zone.name)) for zone in state.zones)
    assert not [one for one in names.values() if one > 1], f"property 6: {names}"


def plans_are_whole_and_in_order(state: State) -> None:
    """Check property 7: exactly as many sessions as bought, strictly increasing in time."""
    for booking in state.bookings:
        kinds = {receipt.kind for receipt in state.receipts[booking.id]}
        if booking.zone is None or kinds & {ReceiptKind.RESCHEDULE, ReceiptKind.MAKE_UP}:
            continue
        plans = [session.plan for session in booking.sessions]
        assert len(plans) == booking.purchase.total_sessions, f"property 7: {booking}"
        assert [plan.number for plan in plans] == list(range(1, len(plans) + 1)), "property 7"
        for one, following in pairwise(plans):
            assert one.starts_at < following.starts_at, f"property 7: {one}, {following}"
        for plan, day in zip(plans, _days_of(booking), strict=False):
            wall = plan.starts_at.astimezone(ZoneInfo(booking.zone.time_zone))
            shown = (plan.local_date, plan.local_time)
            assert shown == (wall.date(), f"{wall:%H:%M}"), f"property 7: {plan} shows {wall}"
            assert plan.local_date == day, f"property 7: {plan} is not on {day}"
            assert plan.ends_at - plan.starts_at == _LESSON, f"property 7: {plan}"


def candidates_in_any_order_give_one_outcome(states: Sequence[State]) -> None:
    """Check property 8: stores to which candidates came in different orders are alike."""
    for one, other in pairwise(states):
        for part in State.__struct_fields__:
            ours, theirs = getattr(one, part), getattr(other, part)
            assert ours == theirs, f"{part} differ: {_first_difference(ours, theirs)}"


def failures_leave_nothing(before: object, after: object) -> None:
    """Check property 9: what was refused has changed nothing."""
    assert before == after, f"property 9: a refused command left {after}, before it was {before}"


def newest_placing(session: Session, receipts: Iterable[Receipt]) -> Receipt | None:
    """Return the last receipt that gave a session its trainer or its time."""
    placed = [
        receipt
        for receipt in receipts
        if receipt.kind in _PLACING
        and receipt.chosen is not None
        and (
            any(one.session_id == session.id for one in receipt.sessions)
            or (receipt.kind is ReceiptKind.PLACE and not receipt.sessions)
        )
    ]
    return max(placed, key=lambda one: one.version, default=None)


def _sessions(state: State) -> Iterator[tuple[Booking, Session]]:
    return ((booking, one) for booking in state.bookings for one in booking.sessions)


def _status_before_replaced(session: Session, receipts: Iterable[Receipt]) -> SessionStatus:
    for receipt in receipts:
        for change in receipt.sessions:
            if change.session_id == session.id and change.after.status is SessionStatus.REPLACED:
                assert change.before is not None, "what is replaced was there before"
                return change.before.status
    raise AssertionError(f"property 3: no receipt says how {session} was replaced")


def _numbers_are_whole(booking: Booking) -> None:
    if booking.zone is None:
        assert not booking.sessions, f"property 3: {booking} is not served"
        return
    numbers = sorted(
        session.plan.number
        for session in booking.sessions
        if session.status is not SessionStatus.REPLACED
    )
    every = list(range(1, booking.purchase.total_sessions + 1))
    assert numbers == every, f"property 3: {booking.id} has the numbers {numbers}"


def _status_follows(booking: Booking) -> None:
    states = {session.status for session in booking.sessions}
    is_open = states & {SessionStatus.PLANNED, SessionStatus.SCHEDULED, SessionStatus.STRANDED}
    if booking.status is BookingStatus.COMPLETED:
        over = not is_open and SessionStatus.COMPLETED in states
        assert over, f"{booking.id} is completed with {states}"
    elif booking.status in (BookingStatus.CANCELLED, BookingStatus.EXPIRED):
        assert not is_open, f"{booking.id} is over with {states}"
    elif booking.status in _WITHOUT_TRAINER:
        assert states <= {SessionStatus.PLANNED}, f"{booking.id} waits with {states}"
        assert booking.trainer_id is None, f"{booking.id} waits with a trainer"
    else:
        done = not is_open and SessionStatus.COMPLETED in states
        assert not done, f"{booking.id} is assigned with {states}"


def _days_of(booking: Booking) -> Iterator[date]:
    day = booking.purchase.start_date
    if booking.purchase.delivery_mode is DeliveryMode.DAILY:
        while True:
            yield day
            day += _DAY
    while day.isoweekday() != _SUNDAY:
        day += _DAY
    while True:
        yield day
        yield day
        day += 7 * _DAY


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", " ".join(name.split()).casefold())


def _first_difference(ours: object, theirs: object) -> str:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *theirs]:
            if ours.get(key) != theirs.get(key):
                return f"{key}: {_first_difference(ours.get(key), theirs.get(key))}"
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        for one, other in zip(ours, theirs, strict=False):
            if one != other:
                return f"{one}\n    instead of {other}"
    return f"{ours}\n    instead of {theirs}"
