"""The life of a booking: which change leads from which state to which."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.errors import DomainError
from muster.domain.sessions import Session, SessionStatus

__all__ = ["IllegalState", "assigned", "cancelled", "outcome_of"]

_OPEN_SESSIONS = frozenset({SessionStatus.PLANNED, SessionStatus.SCHEDULED, SessionStatus.STRANDED})
_OVER = frozenset({BookingStatus.COMPLETED, BookingStatus.EXPIRED})


class IllegalState(DomainError):
    """The state that a thing is in does not allow the command."""

    code: ClassVar[str] = "ILLEGAL_STATE"


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
            replace(session, status=SessionStatus.SCHEDULED, trainer_id=trainer_id)
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
    return replace(
        booking,
        status=BookingStatus.CANCELLED,
        sessions=tuple(_cancelled_session(session) for session in booking.sessions),
        version=booking.version + 1,
        updated_at=now,
    )


def _cancelled_session(session: Session) -> Session:
    if session.status not in _OPEN_SESSIONS:
        return session
    return replace(session, status=SessionStatus.CANCELLED)
