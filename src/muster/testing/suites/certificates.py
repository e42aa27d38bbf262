"""The conformance suites of certificates: repository and reader."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.certificates import Certificate, CertificateStatus, revoked, superseded
from muster.ports.certificates import AlreadyCertified, CertificateOrder
from muster.ports.paging import Position
from muster.testing.example_certificates import a_certificate, a_completed_booking
from muster.testing.examples import AN_INSTANT, a_zone, new_id
from muster.testing.suites.pages import Walk, check_pages, walks
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["CertificateReaderSuite", "CertificateRepositorySuite"]

VALID, SUSPENDED = CertificateStatus.VALID, CertificateStatus.SUSPENDED
LATER = AN_INSTANT + timedelta(days=400)


class CertificateRepositorySuite(StoreSuite):
    """Holds a ``CertificateRepository`` to its port."""

    async def test_what_was_added_is_got(self, store: StoreUnderTest) -> None:
        """Every field of every state comes back as it was, oldest first."""
        booking = await _kept(store, "Ā “Śrī”", "Bela", "漢")
        certificates = _in_every_state(booking)
        await store.keep(*certificates)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            assert await unit.certificates.of_booking(booking.id) == certificates

    async def test_an_unknown_booking_has_none(self, store: StoreUnderTest) -> None:
        """A booking without certificates has none; a number without one belongs to nobody."""
        booking, other = await _kept(store), await _kept(store)
        await store.keep(a_certificate(other))
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            assert await unit.certificates.of_booking(booking.id) == ()
            assert await unit.certificates.booking_of(a_certificate(booking).number) is None

    async def test_a_number_belongs_to_its_booking(self, store: StoreUnderTest) -> None:
        """``booking_of`` needs no lock, and sees what its own unit has written."""
        booking = await _kept(store)
        certificate = a_certificate(booking)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            assert await unit.certificates.add(certificate)
            assert await unit.certificates.booking_of(certificate.number) == booking.id
            await unit.commit()
        async with store.unit_of_work() as unit:
            assert await unit.certificates.booking_of(certificate.number) == booking.id

    async def test_a_taken_number_stores_nothing(self, store: StoreUnderTest) -> None:
        """``add`` says so, and the unit goes on with another number; "unique for ever"."""
        booking, other = await _kept(store, "Asha", "Bela"), await _kept(store)
        theirs = revoked(a_certificate(other), "Forged.", AN_INSTANT)
        await store.keep(theirs)
        first, second = (a_certificate(booking, one) for one in booking.purchase.students)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            assert not await unit.certificates.add(replace(first, number=theirs.number))
            assert await unit.certificates.of_booking(booking.id) == ()
            assert await unit.certificates.add(first)
            assert not await unit.certificates.add(replace(second, number=first.number))
            assert await unit.certificates.of_booking(booking.id) == (first,)
            await unit.commit()
        assert await store.certificate_reader.of_booking(booking.id) == (first,)
        assert await store.certificate_reader.by_number(theirs.number) == theirs

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_who_stores_a_number_first_has_it(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Another unit with the same number waits, and learns whether it is taken."""
        mine, theirs = await _kept(store), await _kept(store)
        certificate = a_certificate(mine)

        async def add() -> bool:
            async with store.unit_of_work() as unit:
                await unit.bookings.get(theirs.id)
                same = a_certificate(theirs, number=certificate.number)
                return await unit.certificates.add(same)

        async with Rival[bool]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.get(mine.id)
                assert await unit.certificates.add(certificate)
                rival.start(add())
                assert await rival.waits()
                if committed:
                    await unit.commit()
            assert await rival.result() is not committed

    @pytest.mark.parametrize("first", [VALID, SUSPENDED])
    @pytest.mark.parametrize("second", [VALID, SUSPENDED])
    async def test_a_student_has_one_in_force(
        self, store: StoreUnderTest, first: CertificateStatus, second: CertificateStatus
    ) -> None:
        """However it comes to be: a second one in force is refused, a suspended one too."""
        booking = await _kept(store)
        before = a_certificate(booking, status=first)
        await store.keep(before)
        with pytest.raises(AlreadyCertified):
            await store.keep(a_certificate(booking, status=second))
        assert await store.certificate_reader.of_booking(booking.id) == (before,)

    async def test_what_is_revoked_is_not_in_force(self, store: StoreUnderTest) -> None:
        """It stands beside one in force; to bring it back beside that is refused."""
        booking = await _kept(store)
        gone = revoked(a_certificate(booking), "Forged.", AN_INSTANT)
        await store.keep(gone, a_certificate(booking, created_at=LATER))
        with pytest.raises(AlreadyCertified):
            await _replace(store, booking, replace(gone, status=VALID, revocation_reason=None))
        assert await store.certificate_reader.get(gone.id) == gone

    async def test_others_have_their_own(self, store: StoreUnderTest) -> None:
        """Another student of the booking, and the same one in another booking."""
        booking = await _kept(store, "Asha", "Bela")
        asha, bela = booking.purchase.students
        again = await _kept(store)
        other = a_certificate(again, student_id=asha.id)
        await store.keep(a_certificate(booking, asha), a_certificate(booking, bela), other)
        assert await store.certificate_reader.of_booking(again.id) == (other,)

    async def test_changed_certificates_are_stored(self, store: StoreUnderTest) -> None:
        """``replace`` stores state, reason, version and instant of all, and of no other."""
        booking = await _kept(store, "Asha", "Bela", "Chitra")
        certificates = [a_certificate(booking, one) for one in booking.purchase.students]
        await store.keep(*certificates)
        changed = (
            revoked(certificates[0], "Größe „falsch“", LATER),
            replace(certificates[2], status=SUSPENDED, version=2, updated_at=LATER),
        )
        await _replace(store, booking, *changed)
        expected = (changed[0], certificates[1], changed[1])
        assert await store.certificate_reader.of_booking(booking.id) == expected

    async def test_one_takes_anothers_place(self, store: StoreUnderTest) -> None:
        """The old one goes out of force, then the new one comes in; each knows the other."""
        booking = await _kept(store)
        certificate = a_certificate(booking)
        await store.keep(certificate)
        successor = _successor_of(certificate)
        old = superseded(certificate, successor.id, LATER)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.certificates.replace([old])
            assert await unit.certificates.add(successor)
            assert await unit.certificates.of_booking(booking.id) == (old, successor)
            await unit.commit()
        assert await store.certificate_reader.of_booking(booking.id) == (old, successor)

    async def test_what_is_not_there_is_not_changed(self, store: StoreUnderTest) -> None:
        """``replace`` of what was never stored is a fault of the caller."""
        booking = await _kept(store)
        known = a_certificate(booking)
        await store.keep(known)
        with pytest.raises(LookupError):
            await _replace(store, booking, replace(known, version=2), a_certificate(booking))
        assert await store.certificate_reader.get(known.id) == known

    async def test_what_is_not_committed_is_undone(self, store: StoreUnderTest) -> None:
        """A unit that is left leaves no certificate, and its number is free."""
        booking = await _kept(store)
        certificate = a_certificate(booking)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            assert await unit.certificates.add(certificate)
        assert await store.certificate_reader.by_number(certificate.number) is None
        await store.keep(certificate)

    async def test_of_many_units_at_once_one_issues(self, store: StoreUnderTest) -> None:
        """Looking under the booking's lock, one unit adds and the others find it."""
        booking = await _kept(store)

        async def issue() -> Certificate:
            async with store.unit_of_work() as unit:
                await unit.bookings.get(booking.id)
                for found in await unit.certificates.of_booking(booking.id):
                    return found
                certificate = a_certificate(booking)
                assert await unit.certificates.add(certificate)
                await unit.commit()
            return certificate

        async with asyncio.timeout(30):
            issued = await asyncio.gather(*(issue() for _ in range(8)))
        assert len({one.id for one in issued}) == 1


class CertificateReaderSuite(StoreSuite):
    """Holds a ``CertificateReader`` to its port."""

    async def test_a_certificate_is_read(self, store: StoreUnderTest) -> None:
        """By its number, its id and its booking; by nothing else."""
        booking = await _kept(store, "Asha", "Bela", "Chitra")
        certificates = _in_every_state(booking)
        await store.keep(*certificates)
        reader = store.certificate_reader
        for one in certificates:
            assert await reader.by_number(one.number) == one
            assert await reader.get(one.id) == one
        assert await reader.of_booking(booking.id) == certificates
        assert await reader.by_number(certificates[0].number.lower()) is None
        assert await reader.get(booking.id) is None
        assert await reader.of_booking(new_id()) == ()

    async def test_a_student_without_any_has_an_empty_page(self, store: StoreUnderTest) -> None:
        """There is no row and no next page."""
        walk = Walk(order=CertificateOrder.CREATED_AT, descending=False, limits=(1,))
        await check_pages([], store.certificate_reader.of_student, new_id(), walk, _position)

    @pytest.fixture
    async def listed(self, store: StoreUnderTest) -> list[Certificate]:
        """Certificates of one student over several bookings, and of others in between."""
        student = new_id()
        certificates: list[Certificate] = []
        for place in range(14):
            booking = await _kept(store, "Asha", "Bela")
            asha, bela = booking.purchase.students
            created = AN_INSTANT + timedelta(microseconds=(place * 5) % 4)
            own = a_certificate(booking, asha, student_id=student, created_at=created)
            await store.keep(own, a_certificate(booking, bela, created_at=created))
            certificates.append(own)
        return certificates

    @AGAINST_A_PORT
    @given(walk=walks(CertificateOrder))
    async def test_pages_make_up_a_students_list(
        self, store: StoreUnderTest, listed: list[Certificate], walk: Walk[CertificateOrder]
    ) -> None:
        """Pages of any size give each of the student's certificates once, in order."""
        page = store.certificate_reader.of_student
        await check_pages(listed, page, listed[0].student_id, walk, _position)


async def _kept(store: StoreUnderTest, *names: str) -> Booking:
    zone = a_zone()
    booking = a_completed_booking(zone, *names)
    await store.keep(zone, booking)
    return booking


async def _replace(store: StoreUnderTest, booking: Booking, *changed: Certificate) -> None:
    async with store.unit_of_work() as unit:
        await unit.bookings.get(booking.id)
        await unit.certificates.of_booking(booking.id)
        await unit.certificates.replace(changed)
        await unit.commit()


def _successor_of(certificate: Certificate) -> Certificate:
    number = certificate.number.replace("CERT-2027", "CERT-2028")
    return replace(
        certificate,
        id=new_id(),
        number=number,
        supersedes=certificate.id,
        reissue_reason="The name was misspelt: “Śrī”.",
        created_at=LATER,
        updated_at=LATER,
    )


def _in_every_state(booking: Booking) -> tuple[Certificate, ...]:
    """A booking of three students: superseded, revoked and suspended ones, and their heirs."""
    asha, bela, chitra = booking.purchase.students
    first = a_certificate(booking, asha, issued_on=date(2027, 2, 28), franchise_id=new_id())
    heir = _successor_of(first)
    forged = revoked(a_certificate(booking, bela), "Forged.", LATER)
    waiting = a_certificate(booking, chitra, status=SUSPENDED, version=4)
    oldest: Sequence[Certificate] = sorted(
        [superseded(first, heir.id, LATER), forged, waiting], key=lambda one: one.id.int
    )
    return (*oldest, heir)


def _position(certificate: Certificate, order: CertificateOrder) -> Position:
    return Position(certificate.created_at, certificate.id)
