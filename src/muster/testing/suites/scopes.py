"""The conformance suite of scopes: what lies outside is not there, in any port of a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count, product
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.domain.blocks import TrainerBlock
from muster.domain.bookings import Booking, BookingStatus, NearestZone
from muster.domain.certificates import Certificate
from muster.domain.demand import GridSize
from muster.domain.franchises import Franchise
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.slots import Slot
from muster.domain.zones import Zone
from muster.ports.bookings import BookingFilter, BookingOrder, ReferenceConflict
from muster.ports.certificates import CertificateOrder
from muster.ports.demand import DemandFilter, DemandOrder
from muster.ports.franchises import FranchiseFilter, FranchiseOrder
from muster.ports.paging import PageRequest
from muster.ports.zones import ZoneFilter, ZoneOrder
from muster.testing.example_certificates import a_certificate
from muster.testing.example_records import a_bare_receipt
from muster.testing.examples import (
    A_MONDAY,
    a_booking,
    a_franchise,
    a_purchase,
    a_trainer_block,
    a_zone,
    new_id,
    slots_for,
)
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["ScopeSuite"]

_FIRST, _LAST = A_MONDAY - timedelta(days=400), A_MONDAY + timedelta(days=4_000)


class _Company(Struct, frozen=True):
    """Two franchises beside the company, two trainers, two clients: a booking of each sort."""

    franchises: tuple[Franchise, ...]
    zones: tuple[Zone, ...]
    trainers: tuple[UUID, ...]
    clients: tuple[UUID | None, ...]
    bookings: tuple[Booking, ...]
    slots: tuple[Slot, ...]
    certificates: tuple[Certificate, ...]
    blocks: tuple[TrainerBlock, ...]

    def scopes(self) -> list[Scope]:
        """Return every scope of somebody here, of strangers, and of nobody in particular."""
        franchises = [None, self.franchises[0].id, new_id()]
        trainers = [None, self.trainers[0], new_id()]
        clients = [None, self.clients[0], new_id()]
        return [Scope(*bounds) for bounds in product(franchises, trainers, clients)]

    def of_slot(self, slot: Slot) -> Booking | None:
        """Return the booking that a slot serves."""
        return next((one for one in self.bookings if one.id == slot.booking_id), None)


async def _a_company(store: StoreUnderTest) -> _Company:
    franchises = (a_franchise(), a_franchise())
    zones = (a_zone(), *(a_zone(franchise_id=one.id) for one in franchises))
    trainers, clients = (new_id(), new_id()), (new_id(), new_id(), None)
    await store.keep(*franchises, *zones)
    weeks = count(1)
    bookings: list[Booking] = []
    slots: list[Slot] = []
    certificates: list[Certificate] = []
    for zone, trainer_id, client_id in product(zones, trainers, clients):
        purchase = a_purchase(
            start_date=A_MONDAY + timedelta(weeks=3 * next(weeks)), booking_reference="order-1"
        )
        if any((one.client_id, "order-1") == (client_id, "order-1") for one in bookings):
            purchase = a_purchase(start_date=purchase.start_date)
        booking = a_booking(zone, purchase=purchase, trainer_id=trainer_id, client_id=client_id)
        bookings.append(booking)
        claimed = slots_for(booking)
        slots.extend(claimed)
        certificates.append(a_certificate(booking))
        await store.keep(booking, a_bare_receipt(booking), claimed, certificates[-1])
    blocks = tuple(a_trainer_block(trainer_id=one) for one in trainers)
    await store.keep(*blocks)
    return _Company(
        franchises,
        zones,
        trainers,
        clients,
        tuple(bookings),
        tuple(slots),
        tuple(certificates),
        blocks,
    )


def _ids(found: Sequence[Booking | Zone | Franchise | Certificate | Slot | None]) -> set[UUID]:
    return {one.id for one in found if one is not None}


class ScopeSuite(StoreSuite):
    """Holds every port of a store to the rules of ``muster.domain.scopes``."""

    async def test_bookings(self, store: StoreUnderTest) -> None:
        """By id, by session, in lists and lines, with receipts: those inside and no other."""
        company = await _a_company(store)
        reader, everything = store.booking_reader, PageRequest(BookingOrder.CREATED_AT, limit=200)
        for scope in company.scopes():
            inside = _ids([one for one in company.bookings if scope.holds_booking(one)])
            got = [await reader.get(one.id, scope) for one in company.bookings]
            assert _ids(got) == inside, scope
            found = [await reader.of_session(one.sessions[3].id, scope) for one in company.bookings]
            assert _ids(found) == inside, scope
            assert _ids((await reader.page(BookingFilter(), everything, scope)).rows) == inside
            told = [one for one in company.bookings if await reader.receipts(one.id, scope)]
            assert _ids(told) == inside, scope

    async def test_a_session_of_somebody_else_is_not_a_trainers(
        self, store: StoreUnderTest
    ) -> None:
        """A booking of two trainers is seen by both, each of its sessions by one."""
        own, other, zone = new_id(), new_id(), a_zone()
        booking = a_booking(zone, trainer_id=own)
        handed_over = booking.sessions[-1]
        shared = _taught_by(booking, handed_over.id, other)
        await store.keep(zone, shared)
        for trainer_id, session_id, seen in (
            (own, booking.sessions[0].id, True),
            (own, handed_over.id, False),
            (other, handed_over.id, True),
            (other, booking.sessions[0].id, False),
        ):
            scope = Scope(trainer_id=trainer_id)
            assert await store.booking_reader.get(shared.id, scope) == shared
            found = await store.booking_reader.of_session(session_id, scope)
            assert (found is not None) is seen
            async with store.unit_of_work(scope) as unit:
                assert (await unit.bookings.of_session(session_id) is not None) is seen

    async def test_the_line(self, store: StoreUnderTest) -> None:
        """Who waits is shown as far as it is somebody's own."""
        zone, course = a_zone(), new_id()
        clients = [new_id(), new_id(), None]
        waiting = [
            a_booking(zone, purchase=a_purchase(course_id=course), client_id=one) for one in clients
        ]
        await store.keep(zone, *waiting)
        for booking in waiting[:2]:
            scope = Scope(client_id=booking.client_id)
            line = await store.booking_reader.line(zone.id, course, scope)
            assert line == (booking.id,)
        assert set(await store.booking_reader.line(zone.id, course)) == _ids(waiting)

    async def test_units_of_work(self, store: StoreUnderTest) -> None:
        """What is read to be changed is bounded as what is shown."""
        company = await _a_company(store)
        for scope in company.scopes():
            async with store.unit_of_work(scope) as unit:
                wanted = [one.id for one in company.bookings]
                inside = _ids([one for one in company.bookings if scope.holds_booking(one)])
                assert _ids(await unit.bookings.several(wanted)) == inside, scope
                zones = [await unit.zones.get(one.id) for one in company.zones]
                assert _ids(zones) == _ids([z for z in company.zones if scope.holds_zone(z)])
                found = [await unit.franchises.get(one.id) for one in company.franchises]
                owned = [one for one in company.franchises if scope.holds_franchise(one.id)]
                assert _ids(found) == _ids(owned), scope
                blocks = [await unit.blocks.get(one.id) for one in company.blocks]
                assert [one for one in blocks if one is not None] == [
                    one for one in company.blocks if scope.holds_trainer(one.trainer_id)
                ]

    async def test_zones_and_franchises(self, store: StoreUnderTest) -> None:
        """A franchise sees its own; trainers and clients are not bound by zones."""
        company = await _a_company(store)
        by_name = PageRequest(ZoneOrder.NAME, limit=200)
        for scope in company.scopes():
            zones = _ids([one for one in company.zones if scope.holds_zone(one)])
            got = [await store.zone_reader.get(one.id, scope) for one in company.zones]
            assert _ids(got) == zones, scope
            assert _ids((await store.zone_reader.page(ZoneFilter(), by_name, scope)).rows) == zones
            owned = _ids([one for one in company.franchises if scope.holds_franchise(one.id)])
            reader = store.franchise_reader
            found = [await reader.get(one.id, scope) for one in company.franchises]
            assert _ids(found) == owned, scope
            listed = PageRequest(FranchiseOrder.NAME, limit=200)
            assert _ids((await reader.page(FranchiseFilter(), listed, scope)).rows) == owned

    async def test_trainers_time(self, store: StoreUnderTest) -> None:
        """Slots, calendar and blocks: a trainer's own, or what is done for whoever asks."""
        company = await _a_company(store)
        for scope in company.scopes():
            for trainer_id in company.trainers:
                slots = [one for one in company.slots if one.trainer_id == trainer_id]
                inside = _ids([s for s in slots if scope.holds_slot(s, company.of_slot(s))])
                shown = await store.schedule_reader.slots(trainer_id, _FIRST, _LAST, scope)
                assert _ids(shown) == inside, scope
                entries = await store.calendar_reader.of_trainer(
                    trainer_id, _FIRST, _LAST, 5_000, scope
                )
                assert {entry.slot.id for entry in entries} == inside, scope
                found = await store.block_reader.of_trainer(trainer_id, _FIRST, _LAST, scope)
                assert bool(found) is scope.holds_trainer(trainer_id), scope

    async def test_certificates(self, store: StoreUnderTest) -> None:
        """They are seen by whoever sees their booking."""
        company = await _a_company(store)
        reader, page = store.certificate_reader, PageRequest(CertificateOrder.CREATED_AT, limit=200)
        for scope in company.scopes():
            for booking, certificate in zip(company.bookings, company.certificates, strict=True):
                wanted = {certificate.id} if scope.holds_booking(booking) else set()
                assert _ids(await reader.of_booking(booking.id, scope)) == wanted, scope
                student_id = certificate.student_id
                assert _ids((await reader.of_student(student_id, page, scope)).rows) == wanted
                by_number = await reader.by_number(certificate.number, scope)
                assert _ids([] if by_number is None else [by_number]) == wanted

    async def test_unserved_demand(self, store: StoreUnderTest) -> None:
        """It is shown to the franchise to whose zone it is nearest, and to the company."""
        franchise = a_franchise()
        own, other = a_zone(franchise_id=franchise.id), a_zone()
        await store.keep(franchise, own, other)
        await store.keep(*(_unserved(nearest) for nearest in (own, other, None)))
        page = PageRequest(DemandOrder.BOOKINGS, limit=200)
        wanted = DemandFilter(size=GridSize.TENTH)
        for scope, zones in (
            (EVERYTHING, {own.id, other.id, None}),
            (Scope(franchise_id=franchise.id), {own.id}),
            (Scope(franchise_id=new_id()), set()),
            (Scope(trainer_id=new_id()), set()),
            (Scope(client_id=new_id()), set()),
        ):
            found = await store.demand_reader.page(wanted, page, scope)
            assert {one.zone_id for one in found.rows} == zones

    async def test_references_are_each_owners_own(self, store: StoreUnderTest) -> None:
        """Two clients and the company call their bookings alike; none of them does so twice."""
        zone, owners = a_zone(), (new_id(), new_id(), None)
        await store.keep(zone)
        named = {one: _referenced(zone, one) for one in owners}
        await store.keep(*named.values())
        for owner, booking in named.items():
            found = await store.booking_reader.by_reference("order-7", owner)
            assert found is not None
            assert found.booking == booking
            async with store.unit_of_work() as unit:
                within = await unit.bookings.by_reference("order-7", owner)
                assert within is not None
                assert within.booking == booking
            try:
                await store.keep(_referenced(zone, owner))
            except ReferenceConflict:
                continue
            raise AssertionError("a reference was taken twice by one owner")
        assert await store.booking_reader.by_reference("order-7", new_id()) is None


def _taught_by(booking: Booking, session_id: UUID, trainer_id: UUID) -> Booking:
    sessions = tuple(
        replace(one, trainer_id=trainer_id) if one.id == session_id else one
        for one in booking.sessions
    )
    return replace(booking, sessions=sessions)


def _unserved(nearest: Zone | None) -> Booking:
    away = None if nearest is None else NearestZone(nearest.id, nearest.name, 9_000.0)
    return a_booking(None, nearest_zone=away, status=BookingStatus.SERVICE_NOT_AVAILABLE)


def _referenced(zone: Zone, client_id: UUID | None) -> Booking:
    return a_booking(zone, purchase=a_purchase(booking_reference="order-7"), client_id=client_id)
