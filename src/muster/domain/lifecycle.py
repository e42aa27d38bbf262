"""The life of a booking: which change leads from which state to which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus, ZoneOfBooking
from muster.domain.errors import IllegalState
from muster.domain.session_life import SessionCommand, after_command, handed_over
from muster.domain.sessions import PlannedSession, Session, SessionStatus

__all__ = [
    "OPEN_SESSIONS",
    "WAITING",
    "altered",
    "assigned",
    "cancelled",
    "expired",
    "outcome_of",
    "remaining",
    "replaced_by_make_up",
    "replanned",
    "session_of",
    "taken_over",
]

OPEN_SESSIONS = frozenset({SessionStatus.PLANNED, SessionStatus.SCHEDULED, SessionStatus.STRANDED})
"""The states of a session that is still to be held."""

WAITING = frozenset({BookingStatus.WAITLISTED, BookingStatus.PENDING})
"""The states of a booking that may still get a trainer."""

_IN_COURSE = frozenset({BookingStatus.ASSIGNED, BookingStatus.COMPLETED})
_OVER = frozenset({BookingStatus.COMPLETED, BookingStatus.EXPIRED})


def outcome_of(*, served: bool, known: bool, found: bool) -> BookingStatus:
    """Return what becomes of a purchase.

    Args:
        served: Whether a zone covers the place.
        known: Whether somebody could say who the trainers are. Unknown is never read as
            "no trainer".
        found: Whether one of them is eligible, and all slots claimed.
    """
    if not served:
        return BookingStatus.SERVICE_NOT_AVAILABLE
    if not known:
        return BookingStatus.PENDING
    return BookingStatus.ASSIGNED if found else BookingStatus.WAITLISTED


def assigned(booking: Booking, trainer_id: UUID, trainer_name: str) -> Booking:
    """Return a waiting booking with a trainer: every planned session is scheduled."""
    return replace(
        booking,
        status=BookingStatus.ASSIGNED,
        trainer_id=trainer_id,
        trainer_name=trainer_name,
        sessions=tuple(
            handed_over(session, trainer_id, booking.updated_at)
            if session.status is SessionStatus.PLANNED
            else session
            for session in booking.sessions
        ),
    )


def cancelled(booking: Booking, now: datetime) -> Booking:
    """Return the booking once cancelled; the same one where it already is.

    Every session that has not been held is cancelled with it, and so holds no slot.

    Args:
        booking: As it is.
        now: UTC instant of the change.

    Raises:
        IllegalState: The booking is completed or expired.
    """
    if booking.status is BookingStatus.CANCELLED:
        return booking
    if booking.status in _OVER:
        raise IllegalState(f"A booking that is {booking.status.value} cannot be cancelled.")
    return _closed(booking, BookingStatus.CANCELLED, now)


def expired(booking: Booking, now: datetime) -> Booking:
    """Return a waiting booking once its first session can no longer begin in time.

    The same booking where it need not wait any more, or may still wait.

    Args:
        booking: As it is.
        now: UTC instant.
    """
    if booking.status not in WAITING or booking.sessions[0].plan.starts_at >= now:
        return booking
    return _closed(booking, BookingStatus.EXPIRED, now)


def replanned(
    booking: Booking, zone: ZoneOfBooking, plan: Sequence[PlannedSession], now: datetime
) -> Booking:
    """Return the next version of a waiting booking, its sessions planned anew in a zone.

    Args:
        booking: As it is; its sessions are planned and claim nothing.
        zone: The zone that serves it now.
        plan: As many sessions as it has, by number.
        now: UTC instant of the change.
    """
    return replace(
        booking,
        zone=zone,
        sessions=tuple(
            replace(session, plan=planned)
            for session, planned in zip(booking.sessions, plan, strict=True)
        ),
        version=booking.version + 1,
        updated_at=now,
    )


def altered(booking: Booking, sessions: Iterable[Session], now: datetime) -> Booking:
    """Return a booking with some of its sessions changed, or with new ones among them.

    Its state follows from its sessions. The same booking where nothing differs.

    Args:
        booking: As it is.
        sessions: Those that may have changed, in any order.
        now: UTC instant of the change.
    """
    by_id = {session.id: session for session in booking.sessions}
    by_id.update((session.id, session) for session in sessions)
    after = tuple(sorted(by_id.values(), key=lambda one: (one.plan.number, one.id.int)))
    if after == booking.sessions:
        return booking
    return replace(
        booking,
        status=_status_of(booking.status, after),
        sessions=after,
        version=booking.version + 1,
        updated_at=now,
    )


def taken_over(
    booking: Booking, sessions: Iterable[Session], trainer_id: UUID, name: str, now: datetime
) -> Booking:
    """Return a booking some of whose sessions have another trainer.

    Whoever teaches all that is open of it is the booking's trainer.

    Args:
        booking: As it is.
        sessions: The sessions handed over, as they were.
        trainer_id: Who takes them.
        name: That trainer's name.
        now: UTC instant of the change.

    Raises:
        IllegalState: A session cannot be handed over.
    """
    after = altered(booking, [handed_over(one, trainer_id, now) for one in sessions], now)
    teaching = {one.trainer_id for one in after.sessions if one.status in OPEN_SESSIONS}
    if after is booking or teaching != {trainer_id}:
        return after
    return replace(after, trainer_id=trainer_id, trainer_name=name)


def replaced_by_make_up(booking: Booking, session: Session, now: datetime) -> Session:
    """Return a session that gives its number to a make-up.

    Raises:
        IllegalState: It was neither missed nor called off, or its booking is not in its
            course.
    """
    if booking.status not in _IN_COURSE:
        raise IllegalState(f"Nothing of a booking that is {booking.status.value} is made up.")
    return after_command(session, SessionCommand.MAKE_UP, now)


def session_of(booking: Booking, session_id: UUID) -> Session:
    """Return the session of a booking that has this id.

    Raises:
        LookupError: It has none.
    """
    for session in booking.sessions:
        if session.id == session_id:
            return session
    raise LookupError(f"booking {booking.id} has no session {session_id}")


def remaining(booking: Booking, now: datetime) -> tuple[Session, ...]:
    """Return the sessions that are still to be held by somebody, and have not begun."""
    return tuple(
        session
        for session in booking.sessions
        if session.status in (SessionStatus.SCHEDULED, SessionStatus.STRANDED)
        and session.plan.starts_at > now
    )


def _closed(booking: Booking, status: BookingStatus, now: datetime) -> Booking:
    return replace(
        booking,
        status=status,
        sessions=tuple(
            after_command(session, SessionCommand.CLOSE, now)
            if session.status in OPEN_SESSIONS
            else session
            for session in booking.sessions
        ),
        version=booking.version + 1,
        updated_at=now,
    )


def _status_of(before: BookingStatus, sessions: tuple[Session, ...]) -> BookingStatus:
    """Return what the sessions make of a booking that is in its course.

    It is completed when none is open and one at least is completed, and cancelled when
    each of them was cancelled. Where all were missed or voided it stays assigned: a
    make-up or a restored completion may follow.
    """
    if before not in _IN_COURSE:
        return before
    states = {session.status for session in sessions} - {SessionStatus.REPLACED}
    if states & OPEN_SESSIONS:
        return BookingStatus.ASSIGNED
    if SessionStatus.COMPLETED in states:
        return BookingStatus.COMPLETED
    if states == {SessionStatus.CANCELLED}:
        return BookingStatus.CANCELLED
    return BookingStatus.ASSIGNED
