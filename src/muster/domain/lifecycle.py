"""The life of a booking: which change leads from which state to which."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.errors import DomainError
from muster.domain.sessions import Session, SessionStatus

__all__ = ["IllegalState", "cancelled"]

_OPEN_SESSIONS = frozenset({SessionStatus.PLANNED, SessionStatus.SCHEDULED, SessionStatus.STRANDED})
_OVER = frozenset({BookingStatus.COMPLETED, BookingStatus.EXPIRED})


class IllegalState(DomainError):
    """The state that a thing is in does not allow the command."""

    code: ClassVar[str] = "ILLEGAL_STATE"


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
