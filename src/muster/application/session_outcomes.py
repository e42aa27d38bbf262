"""What becomes of one session: held, missed, called off; and taking a completion back."""

from __future__ import annotations

from typing import ClassVar, TypeVar
from uuid import UUID

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange, BookingLedger, booking_of_session
from muster.application.certificates import restore_certificates, suspend_certificates
from muster.application.use_case import DirectCommandCase, Request, Work
from muster.domain.bookings import Booking
from muster.domain.lifecycle import altered, session_of
from muster.domain.receipts import ReceiptKind
from muster.domain.session_changes import sessions_let_go
from muster.domain.session_life import SessionCommand, after_command

__all__ = [
    "CancelSession",
    "CancelsSession",
    "CompleteSession",
    "CompletesSession",
    "MarkNoShow",
    "MarksNoShow",
    "RestoreSession",
    "RestoresSession",
    "VoidSession",
    "VoidsSession",
]


class _SessionRequest(Request[Booking], frozen=True):
    session_id: UUID
    reason: str | None = None


class CompleteSession(_SessionRequest, frozen=True):
    """A session was held; not before it has begun."""


class MarkNoShow(_SessionRequest, frozen=True):
    """Nobody came to a session; not before it has begun."""


class CancelSession(_SessionRequest, frozen=True):
    """Call one session off; its time is free at once."""


class VoidSession(_SessionRequest, frozen=True):
    """Take a completion back, for a reason."""


class RestoreSession(_SessionRequest, frozen=True):
    """A completion that was taken back counts after all."""


C = TypeVar("C", bound=_SessionRequest)


class _ChangesSession(DirectCommandCase[C]):
    """Changes one session as ``domain.session_life`` says; a second time changes nothing."""

    does: ClassVar[SessionCommand]
    kind: ClassVar[ReceiptKind]

    def __init__(self, ledger: BookingLedger) -> None:
        """Store changes by this ledger."""
        self._ledger = ledger

    async def perform(self, command: C, prepared: None, work: Work) -> Booking:
        """Store the session's new state, and what follows for its booking."""
        before = await booking_of_session(command.session_id, work)
        session = session_of(before, command.session_id)
        after = altered(before, [after_command(session, self.does, work.now)], work.now)
        if after is before:
            return before
        await work.unit.schedule.release(sessions_let_go(before, after))
        change = BookingChange(self.kind, before, after, command.reason)
        (stored,) = await self._ledger.store(work, change)
        await self.follow(stored, work)
        return stored

    async def follow(self, booking: Booking, work: Work) -> None:
        """Do what follows in the same unit: nothing."""


class CompletesSession(_ChangesSession[CompleteSession]):
    """Records that a session was held."""

    handles = CompleteSession
    permission = Permission.SESSIONS_COMPLETE
    does = SessionCommand.COMPLETE
    kind = ReceiptKind.COMPLETE


class MarksNoShow(_ChangesSession[MarkNoShow]):
    """Records that nobody came."""

    handles = MarkNoShow
    permission = Permission.SESSIONS_COMPLETE
    does = SessionCommand.NO_SHOW
    kind = ReceiptKind.NO_SHOW


class CancelsSession(_ChangesSession[CancelSession]):
    """Calls one session off."""

    handles = CancelSession
    permission = Permission.SESSIONS_CANCEL
    does = SessionCommand.CANCEL
    kind = ReceiptKind.CANCEL_SESSION


class VoidsSession(_ChangesSession[VoidSession]):
    """Takes a completion back, and with it the certificates that stood on it."""

    handles = VoidSession
    permission = Permission.SESSIONS_VOID
    does = SessionCommand.VOID
    kind = ReceiptKind.VOID

    async def follow(self, booking: Booking, work: Work) -> None:
        """Suspend the certificates."""
        await suspend_certificates(booking, work)


class RestoresSession(_ChangesSession[RestoreSession]):
    """Lets a completion count again."""

    handles = RestoreSession
    permission = Permission.SESSIONS_VOID
    does = SessionCommand.RESTORE
    kind = ReceiptKind.RESTORE

    async def follow(self, booking: Booking, work: Work) -> None:
        """Lift the suspension of the certificates once everything counts again."""
        await restore_certificates(booking, work)
