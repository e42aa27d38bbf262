"""Move one session to another time: its slot moves with it, or the move is refused."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from muster.application.access import Forbidden, Permission, Principal
from muster.application.booking_changes import BookingChange, booking_of_session
from muster.application.later_change import LaterChange
from muster.application.later_placement import Ground
from muster.application.use_case import Request, Work
from muster.domain.bookings import Booking
from muster.domain.lifecycle import altered, session_of
from muster.domain.new_times import TimeNotAllowed, at_new_time, faults_of_new_time
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.session_life import moved
from muster.domain.sessions import Session

__all__ = ["RescheduleSession", "ReschedulesSession"]


class RescheduleSession(Request[Booking], frozen=True):
    """Hold a session on another local day, at another local time ``HH:MM``."""

    session_id: UUID
    local_date: date
    local_time: str
    reason: str | None = None


class ReschedulesSession(LaterChange[RescheduleSession, Ground]):
    """Moves a session with its trainer, who must pass every rule at the new time too.

    Clients move the offline sessions of a hybrid course; any other needs a permission more.
    """

    handles = RescheduleSession
    permission = Permission.SESSIONS_RESCHEDULE

    async def prepare(self, command: RescheduleSession, scope: Scope) -> Ground:
        """Ask who could teach where the session's booking is."""
        return await self._ground_of_session(command.session_id, scope)

    async def perform(self, command: RescheduleSession, prepared: Ground, work: Work) -> Booking:
        """Free the old time, claim the new one, store the session."""
        before = await booking_of_session(command.session_id, work)
        session = session_of(before, command.session_id)
        _hold_to_permission(session, work.principal)
        plan = at_new_time(session.plan, command.local_date, command.local_time)
        after_move = moved(session, plan, work.now)
        if plan.starts_at == session.plan.starts_at:
            return before
        if faults := faults_of_new_time(plan, command.local_date, work.now):
            raise TimeNotAllowed(faults)
        schedule = work.unit.schedule
        await schedule.release([session.id])
        seating = await self._placements.seat(
            before, [after_move], prepared, schedule, among=session.trainer_id
        )
        after = altered(before, [after_move], work.now)
        change = BookingChange(
            ReceiptKind.RESCHEDULE, before, after, command.reason, seating.ruling
        )
        (stored,) = await self._ledger.store(work, change)
        return stored


def _hold_to_permission(session: Session, principal: Principal) -> None:
    if session.plan.movable or Permission.SESSIONS_RESCHEDULE_ANY in principal.permissions:
        return
    raise Forbidden(
        "Only the offline sessions of a hybrid course may be moved without the permission "
        f"{Permission.SESSIONS_RESCHEDULE_ANY.value}."
    )
