"""Preview a booking: what would happen, with nothing written."""

from __future__ import annotations

from msgspec import Struct

from muster.application.access import Permission
from muster.application.placement import PlacementDesk, PreparedPlacement
from muster.application.use_case import QueryCase, Request
from muster.domain.assignment import Judgement
from muster.domain.bookings import BookingStatus, Purchase
from muster.domain.lifecycle import outcome_of
from muster.domain.scopes import Scope
from muster.ports.unit_of_work import UnitOfWorkFactory

__all__ = ["Preview", "PreviewBooking", "PreviewsBooking"]


class Preview(Struct, frozen=True):
    """What a booking would become now.

    Attributes:
        status: The outcome that it would have.
        placement: The zone, the plan and the age of the trainer data.
        judgement: Every candidate; ``None`` where nobody could be judged.
    """

    status: BookingStatus
    placement: PreparedPlacement
    judgement: Judgement | None


class PreviewBooking(Request[Preview], frozen=True):
    """Tell what placing a purchase would do."""

    purchase: Purchase


class PreviewsBooking(QueryCase[PreviewBooking]):
    """Judges a purchase as placing would, then lets go of it."""

    handles = PreviewBooking
    permission = Permission.BOOKINGS_CREATE

    def __init__(self, desk: PlacementDesk, units: UnitOfWorkFactory) -> None:
        """Work with these."""
        self._desk = desk
        self._units = units

    async def answer(self, query: PreviewBooking, scope: Scope) -> Preview:
        """Return the outcome, the plan and the candidates."""
        prepared = await self._desk.prepare(query.purchase)
        served, known = prepared.choice.chosen is not None, prepared.known is not None
        judgement = None
        if known:
            async with self._units(scope) as unit:
                judgement = await self._desk.judge(query.purchase, prepared, unit.schedule)
        found = judgement is not None and bool(judgement.order)
        return Preview(outcome_of(served=served, known=known, found=found), prepared, judgement)
