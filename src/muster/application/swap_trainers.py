"""Swap the trainers of two bookings: both or neither."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange
from muster.application.errors import InvalidRequest, NotFound
from muster.application.later_change import LaterChange
from muster.application.later_placement import Ground
from muster.application.use_case import Request, Work
from muster.domain.bookings import Booking
from muster.domain.errors import Fault, IllegalState
from muster.domain.lifecycle import remaining, taken_over
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.sessions import Session

__all__ = ["SwapTrainers", "SwapsTrainers"]


class SwapTrainers(Request[tuple[Booking, Booking]], frozen=True):
    """Let each of two bookings' trainers teach what remains of the other one."""

    booking_id: UUID
    other_booking_id: UUID
    reason: str | None = None


class _Side(Struct, frozen=True):
    booking: Booking
    sessions: tuple[Session, ...]
    trainer_id: UUID
    ground: Ground


class SwapsTrainers(LaterChange[SwapTrainers, tuple[Ground, Ground]]):
    """Exchanges trainers; each must pass every rule for what they take over."""

    handles = SwapTrainers
    permission = Permission.BOOKINGS_REASSIGN

    async def prepare(self, command: SwapTrainers, scope: Scope) -> tuple[Ground, Ground]:
        """Ask who could teach where each booking is."""
        if command.booking_id == command.other_booking_id:
            raise InvalidRequest(
                Fault("otherBookingId", "SAME_BOOKING", "A booking is not swapped with itself.")
            )
        return (
            await self._ground_of_booking(command.booking_id, scope),
            await self._ground_of_booking(command.other_booking_id, scope),
        )

    async def perform(
        self, command: SwapTrainers, prepared: tuple[Ground, Ground], work: Work
    ) -> tuple[Booking, Booking]:
        """Free both trainers' time, claim it crosswise, store both bookings."""
        wanted = (command.booking_id, command.other_booking_id)
        found = {booking.id: booking for booking in await work.unit.bookings.several(wanted)}
        one, other = (
            _side(_known(found, booking_id), ground, work)
            for booking_id, ground in zip(wanted, prepared, strict=True)
        )
        if one.trainer_id == other.trainer_id:
            return one.booking, other.booking
        schedule = work.unit.schedule
        await schedule.hold([one.trainer_id, other.trainer_id])
        await schedule.release([session.id for session in one.sessions + other.sessions])
        changes = [
            await self._crosswise(one, other.trainer_id, command, work),
            await self._crosswise(other, one.trainer_id, command, work),
        ]
        first, second = await self._ledger.store(work, *changes)
        return first, second

    async def _crosswise(
        self, side: _Side, trainer_id: UUID, command: SwapTrainers, work: Work
    ) -> BookingChange:
        seating = await self._placements.seat(
            side.booking, side.sessions, side.ground, work.unit.schedule, among=trainer_id
        )
        after = taken_over(side.booking, side.sessions, trainer_id, seating.name, work.now)
        return BookingChange(ReceiptKind.SWAP, side.booking, after, command.reason, seating.ruling)


def _known(found: dict[UUID, Booking], booking_id: UUID) -> Booking:
    if booking_id not in found:
        raise NotFound("booking", booking_id)
    return found[booking_id]


def _side(booking: Booking, ground: Ground, work: Work) -> _Side:
    sessions = remaining(booking, work.now)
    trainers = {session.trainer_id for session in sessions}
    if len(trainers) != 1 or any(session.is_stranded for session in sessions):
        raise IllegalState(
            f"What remains of booking {booking.id} is not taught by one trainer alone."
        )
    (trainer_id,) = trainers
    assert trainer_id is not None, "a scheduled session has a trainer"
    return _Side(booking, sessions, trainer_id, ground)
