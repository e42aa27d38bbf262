"""What clients send to change a booking or a session."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from muster.application.make_up_session import MakeUpSession
from muster.application.move_session import RescheduleSession
from muster.application.reassign_booking import ReassignBooking
from muster.application.swap_trainers import SwapTrainers
from muster.http.shapes.fields import IdText, Note, Reason, TimeSlot

__all__ = ["HandOver", "LineToPromote", "MakeUp", "Motive", "NewTime", "StatedReason", "Swap"]


class Motive(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, if a reason is given."""

    reason: Note | None = None


class StatedReason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why; a reason must be given."""

    reason: Reason


class NewTime(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Another time for a session, on the wall clock of its zone."""

    local_date: date
    local_time: TimeSlot
    reason: Note | None = None

    def command(self, session_id: UUID) -> RescheduleSession:
        """Return the command that this asks for."""
        return RescheduleSession(session_id, self.local_date, self.local_time, self.reason)


class MakeUp(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """When to hold a missed session after all, and with whom if somebody is wanted."""

    local_date: date
    local_time: TimeSlot
    trainer_id: IdText | None = None
    reason: Note | None = None

    def command(self, session_id: UUID) -> MakeUpSession:
        """Return the command that this asks for."""
        wanted = UUID(self.trainer_id) if self.trainer_id else None
        return MakeUpSession(session_id, self.local_date, self.local_time, wanted, self.reason)


class HandOver(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which sessions go to whom: one or all that remain, to somebody named or the best."""

    session_id: IdText | None = None
    trainer_id: IdText | None = None
    reason: Note | None = None

    def command(self, booking_id: UUID) -> ReassignBooking:
        """Return the command that this asks for."""
        return ReassignBooking(
            booking_id,
            UUID(self.session_id) if self.session_id else None,
            UUID(self.trainer_id) if self.trainer_id else None,
            self.reason,
        )


class Swap(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """With which other booking trainers are swapped."""

    other_booking_id: IdText
    reason: Note | None = None

    def command(self, booking_id: UUID) -> SwapTrainers:
        """Return the command that this asks for."""
        return SwapTrainers(booking_id, UUID(self.other_booking_id), self.reason)


class LineToPromote(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The course in whose line is tried again."""

    course_id: IdText
