"""Place a booking: the main job of Muster."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.application.access import Permission
from muster.application.fingerprints import fingerprint_of
from muster.application.identifiers import Identifiers
from muster.application.placement import PlacementDesk, PreparedPlacement
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
from muster.domain.receipts import NamedVersion, Receipt, ReceiptKind, ReceiptZone
from muster.domain.sessions import Session, SessionStatus
from muster.domain.slots import Slot, SlotState
from muster.domain.zone_choice import ZoneChoice
from muster.ports.bookings import BookingReader, ReferenceConflict, ReferencedBooking
from muster.ports.schedule import ScheduleRepository

__all__ = ["PlaceBooking", "PlacedBooking", "PlacesBooking"]


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

    async def prepare(self, command: PlaceBooking) -> PreparedPlacement | None:
        """Prepare the placement, unless the reference seems to be used already.

        What the reader says of the reference only spares the asking: the unit decides.
        """
        reference = command.purchase.booking_reference
        if reference is not None and await self._bookings.by_reference(reference) is not None:
            return None
        return await self._desk.prepare(command.purchase)

    async def perform(
        self, command: PlaceBooking, prepared: PreparedPlacement | None, work: Work
    ) -> PlacedBooking:
        """Claim the best trainer's time and store everything, or store why not."""
        purchase = command.purchase
        fingerprint = fingerprint_of(purchase)
        if purchase.booking_reference is not None:
            known = await work.unit.bookings.by_reference(purchase.booking_reference)
            if known is not None:
                return _same_again(known, fingerprint)
        if prepared is None:
            raise PreparationStale
        await _zone_still_in_force(prepared.choice, work)
        booking = self._planned_booking(purchase, prepared, work)
        judgement = await self._desk.judge(purchase, prepared, work.unit.schedule)
        if judgement is not None:
            booking, lost = await self._claim_best(booking, judgement, work.unit.schedule)
            booking = replace(booking, receipt_id=self._identifiers.new())
            receipt = self._receipt(booking, prepared, judgement, lost, work)
            await work.unit.bookings.add(booking, fingerprint)
            await work.unit.receipts.add(receipt)
        else:
            await work.unit.bookings.add(booking, fingerprint)
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
            zone=_zone_of(choice),
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
        )

    async def _claim_best(
        self, booking: Booking, judgement: Judgement, schedule: ScheduleRepository
    ) -> tuple[Booking, tuple[UUID, ...]]:
        lost: list[UUID] = []
        for trainer_id in judgement.order:
            if await schedule.claim(self._slots(booking, trainer_id)):
                return assigned(booking, trainer_id, judgement.names[trainer_id]), tuple(lost)
            lost.append(trainer_id)
        waiting = outcome_of(served=True, known=True, found=False)
        return replace(booking, status=waiting), tuple(lost)

    def _slots(self, booking: Booking, trainer_id: UUID) -> list[Slot]:
        ids = self._identifiers.several(len(booking.sessions))
        return [
            Slot(
                id=id_,
                trainer_id=trainer_id,
                state=SlotState.BOOKED,
                local_date=session.plan.local_date,
                timeslot=session.plan.local_time,
                time_zone=session.plan.time_zone,
                starts_at=session.plan.starts_at,
                ends_at=session.plan.ends_at,
                booking_id=booking.id,
                session_id=session.id,
            )
            for id_, session in zip(ids, booking.sessions, strict=True)
        ]

    def _receipt(
        self,
        booking: Booking,
        placement: PreparedPlacement,
        judgement: Judgement,
        lost: tuple[UUID, ...],
        work: Work,
    ) -> Receipt:
        served_by, known = placement.choice.chosen, placement.known
        assert booking.receipt_id, "the caller has given it one"
        assert served_by, "who was judged had a zone"
        assert known, "who was judged was known"
        return Receipt(
            id=booking.receipt_id,
            booking_id=booking.id,
            kind=ReceiptKind.PLACE,
            created_at=work.now,
            policy=NamedVersion(placement.policy.name, placement.policy.version),
            rules=tuple(
                NamedVersion(rule.name, rule.version) for rule in self._desk.rules.eligibility
            ),
            directory=known.sighting,
            zone=ReceiptZone(served_by.zone.id, placement.choice.rule, served_by.distance_metres),
            candidates=judgement.candidates,
            chosen=booking.trainer_id,
            lost_claims=lost,
            ignored_preference=judgement.ignored_preference,
        )


def _same_again(known: ReferencedBooking, fingerprint: bytes) -> PlacedBooking:
    if known.fingerprint != fingerprint:
        raise ReferenceConflict("This bookingReference was used for another request.")
    return PlacedBooking(known.booking, created=False)


async def _zone_still_in_force(choice: ZoneChoice, work: Work) -> None:
    if choice.chosen is None:
        return
    zone = choice.chosen.zone
    if await work.unit.zones.version_in_force(zone.id) != zone.version:
        raise PreparationStale


def _zone_of(choice: ZoneChoice) -> ZoneOfBooking | None:
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
            change={
                "status": booking.status.value,
                "zoneId": booking.zone_id and str(booking.zone_id),
                "trainerId": booking.trainer_id and str(booking.trainer_id),
            },
        ),
    )
