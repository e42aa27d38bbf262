"""Make up for a session that was missed or called off: a new one takes its number."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange, BookingLedger, booking_of_session
from muster.application.identifiers import Identifiers
from muster.application.later_change import LaterChange
from muster.application.later_placement import Ground, LaterPlacements
from muster.application.use_case import Request, Work
from muster.domain.bookings import Booking
from muster.domain.lifecycle import altered, replaced_by_make_up, session_of
from muster.domain.new_times import TimeNotAllowed, at_new_time, faults_of_new_time
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.session_life import handed_over
from muster.domain.sessions import Session, SessionStatus
from muster.ports.bookings import BookingReader

__all__ = ["MakeUpSession", "MakesUpSession"]


class MakeUpSession(Request[Booking], frozen=True):
    """Hold a missed session after all, with a trainer if one is named, else the best."""

    session_id: UUID
    local_date: date
    local_time: str
    trainer_id: UUID | None = None
    reason: str | None = None


class MakesUpSession(LaterChange[MakeUpSession, Ground]):
    """Puts a new session in the place of one that was not held.

    The booking's own trainer comes first where nobody is named.
    """

    handles = MakeUpSession
    permission = Permission.SESSIONS_MAKE_UP

    def __init__(
        self,
        placements: LaterPlacements,
        bookings: BookingReader,
        ledger: BookingLedger,
        identifiers: Identifiers,
    ) -> None:
        """Work with these."""
        super().__init__(placements, bookings, ledger)
        self._identifiers = identifiers

    async def prepare(self, command: MakeUpSession, scope: Scope) -> Ground:
        """Ask who could teach where the session's booking is."""
        return await self._ground_of_session(command.session_id, scope)

    async def perform(self, command: MakeUpSession, prepared: Ground, work: Work) -> Booking:
        """Claim the new session's time and store it beside the replaced one."""
        before = await booking_of_session(command.session_id, work)
        missed = session_of(before, command.session_id)
        plan = at_new_time(missed.plan, command.local_date, command.local_time)
        planned = Session(self._identifiers.new(), plan, SessionStatus.PLANNED, None)
        replaced = replaced_by_make_up(before, missed, work.now)
        if faults := faults_of_new_time(plan, command.local_date, work.now):
            raise TimeNotAllowed(faults)
        seating = await self._placements.seat(
            before,
            [planned],
            prepared,
            work.unit.schedule,
            among=command.trainer_id,
            preferred=before.trainer_id,
        )
        held_after_all = handed_over(planned, seating.trainer_id, work.now)
        after = altered(before, [replaced, held_after_all], work.now)
        change = BookingChange(ReceiptKind.MAKE_UP, before, after, command.reason, seating.ruling)
        (stored,) = await self._ledger.store(work, change)
        return stored
