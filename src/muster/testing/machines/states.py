"""What a store shows of itself through its readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from muster.domain.blocks import TrainerBlock
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.certificates import Certificate
from muster.domain.receipts import Receipt
from muster.domain.slots import Slot, SlotState
from muster.domain.zones import Zone
from muster.ports.bookings import BookingFilter, BookingOrder
from muster.ports.journal import AuditEntry, RecordedEvent
from muster.ports.paging import PageRequest
from muster.ports.zones import ZoneFilter, ZoneOrder
from muster.testing.suites.store_under_test import StoreUnderTest

__all__ = ["NOTHING", "Journal", "State", "read_journal", "read_state"]

_DAYS = (date(2000, 1, 1), date(2100, 1, 1))
_ALL = 200


class State(Struct, frozen=True):
    """Everything of a store that commands change, but for its journal.

    Attributes:
        zones: Oldest first.
        bookings: Oldest first.
        slots: The live ones, in order of time.
        receipts: By booking, in order of the versions they made.
        blocks: By trainer, those that were not removed.
        certificates: By booking, oldest first.
        lines: By zone and course, the bookings that wait, first come first.
    """

    zones: tuple[Zone, ...] = ()
    bookings: tuple[Booking, ...] = ()
    slots: tuple[Slot, ...] = ()
    receipts: dict[UUID, tuple[Receipt, ...]] = {}
    blocks: dict[UUID, tuple[TrainerBlock, ...]] = {}
    certificates: dict[UUID, tuple[Certificate, ...]] = {}
    lines: dict[tuple[UUID, UUID], tuple[UUID, ...]] = {}

    def booking(self, booking_id: UUID) -> Booking:
        """Return a booking."""
        return next(one for one in self.bookings if one.id == booking_id)


NOTHING = State()
"""The state of an empty store."""


class Journal(Struct, frozen=True):
    """What a store has recorded, in order."""

    events: tuple[RecordedEvent, ...]
    audit: tuple[AuditEntry, ...]


async def read_journal(store: StoreUnderTest) -> Journal:
    """Read all events and audit entries."""
    return Journal(tuple(await store.events()), tuple(await store.audit()))


async def read_state(
    store: StoreUnderTest,
    trainers: Sequence[UUID],
    before: State = NOTHING,
    *,
    zones_too: bool = True,
) -> State:
    """Read a store.

    Bookings and live slots are read anew; of the rest only what belongs to those that have
    changed.

    Args:
        store: Which.
        trainers: Whose time to read.
        before: As it was read last; what its bookings say of receipts, blocks, certificates
            still holds where they are the same. ``NOTHING`` reads everything.
        zones_too: Whether zones may have changed.
    """
    zones = before.zones
    if zones_too:
        every: PageRequest[ZoneOrder] = PageRequest(ZoneOrder.CREATED_AT, limit=_ALL)
        zones = (await store.zone_reader.page(ZoneFilter(), every)).rows
    page = await store.booking_reader.page(
        BookingFilter(), PageRequest(BookingOrder.CREATED_AT, limit=_ALL)
    )
    bookings = page.rows
    slots = await store.schedule_reader.several(trainers, *_DAYS)
    known = {booking.id: booking for booking in before.bookings}
    changed = [one.id for one in bookings if known.get(one.id) != one]
    return State(
        zones=zones,
        bookings=bookings,
        slots=slots,
        receipts=before.receipts
        | {one: await store.booking_reader.receipts(one) for one in changed},
        blocks=before.blocks
        | {
            trainer: await store.block_reader.of_trainer(trainer, *_DAYS)
            for trainer in trainers
            if _blocked(slots, trainer) != _blocked(before.slots, trainer)
        },
        certificates={
            one.id: await store.certificate_reader.of_booking(one.id)
            for one in bookings
            if one.status is BookingStatus.COMPLETED or before.certificates.get(one.id)
        },
        lines={
            line: await store.booking_reader.line(*line)
            for line in sorted(_lines_of(bookings), key=str)
        },
    )


def _blocked(slots: Iterable[Slot], trainer: UUID) -> list[UUID]:
    return [one.id for one in slots if one.trainer_id == trainer and one.state is SlotState.BLOCKED]


def _lines_of(bookings: Iterable[Booking]) -> set[tuple[UUID, UUID]]:
    return {
        (one.zone.id, one.purchase.course_id)
        for one in bookings
        if one.zone is not None and one.status is BookingStatus.WAITLISTED
    }
