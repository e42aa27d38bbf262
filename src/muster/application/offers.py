"""Offer stranded sessions to trainers: to one for all if any can, else to as few as will do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange, booking_of
from muster.application.errors import NotFound
from muster.application.later_change import LaterChange
from muster.application.later_placement import Ground, LaterPlacements, Seating
from muster.application.use_case import PreparationStale, Request, Work
from muster.domain.bookings import Booking
from muster.domain.lifecycle import remaining, taken_over
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.sessions import Session
from muster.ports.schedule import TrainersTime

__all__ = ["Offer", "OfferStranded", "OffersStranded", "offers_for", "stranded_of"]


class Offer(Struct, frozen=True):
    """Sessions that one trainer takes over; the time is claimed."""

    sessions: tuple[Session, ...]
    seating: Seating


class OfferStranded(Request[Booking], frozen=True):
    """Find new trainers for the stranded sessions of a booking."""

    booking_id: UUID


class OffersStranded(LaterChange[OfferStranded, Ground | None]):
    """Gives stranded sessions to trainers; whom nobody can take stays stranded."""

    handles = OfferStranded
    permission = Permission.BOOKINGS_REASSIGN

    async def prepare(self, command: OfferStranded, scope: Scope) -> Ground | None:
        """Ask who could teach where the booking is, unless nothing seems stranded."""
        booking = await self._bookings.get(command.booking_id, scope)
        if booking is None:
            raise NotFound("booking", command.booking_id)
        if not any(session.is_stranded for session in booking.sessions):
            return None
        return await self._placements.ground_of(booking)

    async def perform(self, command: OfferStranded, prepared: Ground | None, work: Work) -> Booking:
        """Claim time for as many stranded sessions as can be, a receipt for each trainer."""
        booking = await booking_of(command.booking_id, work)
        if not stranded_of(booking, work.now):
            return booking
        if prepared is None:
            raise PreparationStale
        schedule = work.unit.schedule
        for offer in await offers_for(booking, prepared, self._placements, schedule, work.now):
            seating = offer.seating
            after = taken_over(booking, offer.sessions, seating.trainer_id, seating.name, work.now)
            change = BookingChange(ReceiptKind.REASSIGN, booking, after, ruling=seating.ruling)
            (booking,) = await self._ledger.store(work, change)
        return booking


async def offers_for(
    booking: Booking,
    ground: Ground,
    placements: LaterPlacements,
    schedule: TrainersTime,
    now: datetime,
) -> tuple[Offer, ...]:
    """Claim time for the stranded sessions of a booking.

    The booking's own trainer comes first, who may be free again.

    Args:
        booking: As it is.
        ground: The zone and the trainers.
        placements: Judges and claims.
        schedule: Where time is claimed.
        now: UTC instant.

    Returns:
        One offer for each trainer who takes sessions over; none where nobody can.
    """
    stranded = stranded_of(booking, now)
    offers: list[Offer] = []
    for sessions in await placements.shares(booking, stranded, ground, schedule):
        _, seating = await placements.judge_and_claim(
            booking, sessions, ground, schedule, preferred=booking.trainer_id
        )
        if seating is not None:
            offers.append(Offer(sessions, seating))
    return tuple(offers)


def stranded_of(booking: Booking, now: datetime) -> tuple[Session, ...]:
    """Return the stranded sessions of a booking that have not begun."""
    return tuple(session for session in remaining(booking, now) if session.is_stranded)
