"""Place a booking: the main job of Muster."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from muster.application.access import Forbidden, Permission
from muster.application.booking_changes import audited_booking
from muster.application.claims import ClaimDesk
from muster.application.deeds import change_between
from muster.application.fingerprints import fingerprint_of
from muster.application.identifiers import Identifiers
from muster.application.placement import PlacementDesk, PreparedPlacement
from muster.application.rulings import Ruling, receipt_of
from muster.application.use_case import CommandCase, Deed, PreparationStale, Request, Work
from muster.domain.assignment import Judgement
from muster.domain.bookings import (
    Booking,
    NearestZone,
    Purchase,
    ZoneOfBooking,
)
from muster.domain.events import BookingPlaced
from muster.domain.lifecycle import assigned, outcome_of
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.sessions import Session, SessionStatus
from muster.domain.zone_choice import ZoneChoice
from muster.ports.bookings import BookingReader, ReferenceConflict, ReferencedBooking

__all__ = [
    "PlaceBooking",
    "PlacedBooking",
    "PlacesBooking",
    "zone_of_choice",
    "zone_still_in_force",
]


class PlacedBooking(Struct, frozen=True):
    """The answer: the booking, and whether this request made it."""

    booking: Booking
    created: bool


class PlaceBooking(Request[PlacedBooking], frozen=True):
    """Store a purchase, with a trainer for all of its sessions if there is one."""

    purchase: Purchase


class PlacesBooking(CommandCase[PlaceBooking, PreparedPlacement | None]):
    """Finds the zone, asks who could teach, claims the best one's time, tells why.

    A reference that was used before answers the same booking for the same request.
    """

    handles = PlaceBooking
    permission = Permission.BOOKINGS_CREATE

    def __init__(
        self, desk: PlacementDesk, bookings: BookingReader, identifiers: Identifiers
    ) -> None:
        """Work with these."""
        self._desk = desk
        self._bookings = bookings
        self._identifiers = identifiers
        self._claims = ClaimDesk(identifiers)

    async def prepare(self, command: PlaceBooking, scope: Scope) -> PreparedPlacement | None:
        """Prepare the placement, unless the reference seems to be used already.

        What the reader says of the reference only spares the asking: the unit decides.
        """
        reference = command.purchase.booking_reference
        if (
            reference is not None
            and await self._bookings.by_reference(reference, scope.client_id) is not None
        ):
            return None
        return await self._desk.prepare(command.purchase)

    async def perform(
        self, command: PlaceBooking, prepared: PreparedPlacement | None, work: Work
    ) -> PlacedBooking:
        """Claim the best trainer's time and store everything, or store why not."""
        purchase = command.purchase
        fingerprint = fingerprint_of(purchase)
        if purchase.booking_reference is not None:
            known = await work.unit.bookings.by_reference(
                purchase.booking_reference, work.principal.scope.client_id
            )
            if known is not None:
                return _same_again(known, fingerprint, work)
        if prepared is None:
            raise PreparationStale
        await zone_still_in_force(prepared.choice, work)
        booking = self._planned_booking(purchase, prepared, work)
        if not work.principal.scope.holds_franchise(booking.franchise_id):
            raise Forbidden("Another operator serves this place, or none does.")
        judgement = await self._desk.judge(purchase, prepared, work.unit.schedule)
        if judgement is None:
            await work.unit.bookings.add(booking, fingerprint)
        else:
            booking, ruling = await self._claim_best(booking, prepared, judgement, work)
            await work.unit.bookings.add(booking, fingerprint)
            await work.keep(receipt_of(ReceiptKind.PLACE, booking, work.now, ruling=ruling))
        work.record(*_told(booking))
        return PlacedBooking(booking, created=True)

    def _planned_booking(
        self, purchase: Purchase, placement: PreparedPlacement, work: Work
    ) -> Booking:
        choice = placement.choice
        ids = self._identifiers.several(len(placement.sessions))
        return Booking(
            id=self._identifiers.new(),
            status=outcome_of(served=choice.chosen is not None, known=False, found=False),
            purchase=purchase,
            zone=zone_of_choice(choice),
            nearest_zone=_nearest_of(choice),
            trainer_id=None,
            trainer_name=None,
            sessions=tuple(
                Session(id_, plan, SessionStatus.PLANNED, None)
                for id_, plan in zip(ids, placement.sessions, strict=True)
            ),
            receipt_id=None,
            version=1,
            created_at=work.now,
            updated_at=work.now,
            client_id=work.principal.scope.client_id,
        )

    async def _claim_best(
        self, booking: Booking, prepared: PreparedPlacement, judgement: Judgement, work: Work
    ) -> tuple[Booking, Ruling]:
        assert prepared.known, "who was judged was known"
        claimed = await self._claims.claim_best(
            booking.id, booking.sessions, judgement.order, work.unit.schedule
        )
        ruling = self._desk.ruling(
            prepared.known, prepared.policy, judgement, claimed, prepared.choice
        )
        booking = replace(booking, receipt_id=self._identifiers.new())
        if claimed.chosen is None:
            waiting = outcome_of(served=True, known=True, found=False)
            return replace(booking, status=waiting), ruling
        return assigned(booking, claimed.chosen, judgement.names[claimed.chosen]), ruling


def _same_again(known: ReferencedBooking, fingerprint: bytes, work: Work) -> PlacedBooking:
    # The company's references are one set, so this may be another franchise's booking.
    seen = work.principal.scope.holds_booking(known.booking)
    if known.fingerprint != fingerprint or not seen:
        raise ReferenceConflict("This bookingReference was used for another request.")
    return PlacedBooking(known.booking, created=False)


async def zone_still_in_force(choice: ZoneChoice, work: Work) -> None:
    """See that the chosen zone is as it was when it was chosen, and keep it so in this unit.

    Raises:
        PreparationStale: It was edited or archived meanwhile.
    """
    if choice.chosen is None:
        return
    zone = choice.chosen.zone
    if await work.unit.zones.version_in_force(zone.id) != zone.version:
        raise PreparationStale


def zone_of_choice(choice: ZoneChoice) -> ZoneOfBooking | None:
    """Return the chosen zone as a booking remembers it."""
    if choice.chosen is None:
        return None
    zone = choice.chosen.zone
    return ZoneOfBooking(zone.id, zone.name, zone.franchise_id, zone.time_zone)


def _nearest_of(choice: ZoneChoice) -> NearestZone | None:
    if choice.nearest is None:
        return None
    away = choice.nearest
    return NearestZone(away.zone.id, away.zone.name, away.distance_metres)


def _told(booking: Booking) -> tuple[BookingPlaced, Deed]:
    return (
        BookingPlaced(booking.id, booking.status, booking.zone_id, booking.trainer_id),
        Deed(
            subject_kind="booking",
            subject_id=booking.id,
            franchise_id=booking.franchise_id,
            change=change_between(None, audited_booking(booking)),
        ),
    )
