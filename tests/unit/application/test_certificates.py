"""Certificates: issued once for each student, suspended, restored, revoked, issued anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.application.access import Permission
from muster.application.catalogue import core_cases
from muster.application.certificate_numbers import MAX_DRAWS
from muster.application.certificates import (
    IssueCertificates,
    ReissueCertificate,
    RevokeCertificate,
    restore_certificates,
    suspend_certificates,
)
from muster.application.dispatcher import Dispatcher
from muster.application.errors import NotFound
from muster.application.get_certificate import GetCertificate
from muster.application.placement import AssignmentRules
from muster.application.read_certificates import (
    ListBookingCertificates,
    ListStudentCertificates,
    VerifyCertificate,
)
from muster.application.use_case import DirectCommandCase, Request, Work
from muster.domain.bookings import Booking
from muster.domain.certificate_numbers import (
    NUMBER_BITS,
    CertificateNumberInvalid,
    CertificateNumbersExhausted,
)
from muster.domain.certificates import Certificate, CertificateStatus
from muster.domain.errors import IllegalState
from muster.domain.events import (
    CertificateIssued,
    CertificateReissued,
    CertificateRestored,
    CertificateRevoked,
    CertificateSuspended,
)
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.sessions import SessionStatus
from muster.ports.certificates import CertificateOrder
from muster.ports.paging import PageRequest
from muster.testing.entropy import SeededEntropy
from muster.testing.example_certificates import a_completed_booking
from muster.testing.examples import a_booking, a_purchase, a_zone, new_id
from muster_memory.certificates import MemoryCertificateReader

from .conftest import CALLER, COMPANY, House

pytestmark = pytest.mark.anyio

VALID, SUSPENDED = CertificateStatus.VALID, CertificateStatus.SUSPENDED
A_NUMBER = "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z"


async def keep(house: House, booking: Booking, time_zone: str = "Asia/Kolkata") -> Booking:
    async with house.ports.units() as unit:
        assert booking.zone is not None
        await unit.zones.add(a_zone(id=booking.zone.id, time_zone=time_zone))
        await unit.bookings.add(booking, bytes(32))
        await unit.commit()
    return booking


async def earned(house: House, *names: str, time_zone: str = "Asia/Kolkata") -> Booking:
    booking = a_completed_booking(a_zone(time_zone=time_zone), *names)
    return await keep(house, booking, time_zone)


class Void(Request[None], frozen=True):
    """The first session of a booking is voided, or restored."""

    booking_id: UUID
    status: SessionStatus


class Voids(DirectCommandCase[Void]):
    """As the use cases of sessions do it."""

    handles = Void
    permission = Permission.BOOKINGS_CANCEL

    async def perform(self, command: Void, prepared: None, work: Work) -> None:
        booking = await work.unit.bookings.get(command.booking_id)
        assert booking is not None
        first = replace(booking.sessions[0], status=command.status)
        after = replace(booking, sessions=(first, *booking.sessions[1:]))
        await work.unit.bookings.replace(after)
        follow: Callable[[Booking, Work], Awaitable[None]] = (
            suspend_certificates if command.status is SessionStatus.VOIDED else restore_certificates
        )
        await follow(after, work)


async def void(house: House, booking: Booking, status: SessionStatus) -> None:
    dispatcher = Dispatcher([Voids()], house.ports.units, house.clock, house.ports.entropy)
    await dispatcher.dispatch(Void(booking.id, status), CALLER)


About = CertificateIssued | CertificateSuspended | CertificateRestored | CertificateRevoked


def told(house: House, kind: type[About]) -> list[UUID]:
    """Which certificates events of a kind are about."""
    events = [one.event for one in house.store.events.all()]
    return [one.certificate_id for one in events if isinstance(one, kind)]


def worths(certificates: tuple[Certificate, ...]) -> list[str]:
    return [one.status.value for one in certificates]


async def test_each_student_is_issued_one_however_often_it_runs(house: House) -> None:
    """ "Issues one certificate for each student, exactly once however often ... it runs"."""
    booking = await earned(house, "Asha", "Bela", "Chitra")
    issued = await house.do(IssueCertificates(booking.id))
    students = {one.id for one in booking.purchase.students}
    assert len(issued) == 3
    assert {one.student_id for one in issued} == students
    house.clock.advance(timedelta(days=1))
    assert await house.do(IssueCertificates(booking.id)) == issued
    assert sorted(told(house, CertificateIssued)) == sorted(one.id for one in issued)
    entries = list(house.store.audit.all())
    assert [(one.action, one.subject_kind) for one in entries] == [
        ("IssueCertificates", "certificate")
    ] * 3
    assert await house.do(ListBookingCertificates(booking.id)) == issued
    for one in issued:
        request = ListStudentCertificates(one.student_id, PageRequest(CertificateOrder.CREATED_AT))
        assert (await house.do(request)).rows == (one,)


async def test_a_hundred_at_once_issue_once(house: House) -> None:
    booking = await earned(house, "Asha", "Bela", "Chitra")
    answers = await asyncio.gather(*(house.do(IssueCertificates(booking.id)) for _ in range(100)))
    assert set(answers) == {answers[0]}
    assert len(list(house.store.certificates.all())) == 3


async def test_29_completions_earn_nothing(house: House) -> None:
    booking = a_completed_booking(a_zone())
    last = replace(booking.sessions[-1], status=SessionStatus.NO_SHOW)
    await keep(house, replace(booking, sessions=(*booking.sessions[:-1], last)))
    with pytest.raises(IllegalState, match="30 completed"):
        await house.do(IssueCertificates(booking.id))
    assert await house.do(ListBookingCertificates(booking.id)) == ()


async def test_ten_sessions_earn_nothing(house: House) -> None:
    booking = a_booking(a_zone(), purchase=a_purchase(), trainer_id=new_id())
    completed = tuple(replace(one, status=SessionStatus.COMPLETED) for one in booking.sessions)
    await keep(house, replace(booking, sessions=completed))
    with pytest.raises(IllegalState):
        await house.do(IssueCertificates(booking.id))


async def test_the_day_of_issue_is_that_of_the_place(house: House) -> None:
    house.clock.set(datetime(2027, 3, 1, 1, 0, tzinfo=UTC))
    booking = await earned(house, time_zone="America/Los_Angeles")
    (certificate,) = await house.do(IssueCertificates(booking.id))
    assert certificate.issued_on.isoformat() == "2027-02-28"
    assert certificate.number.startswith("CERT-20270228-")


async def test_voids_suspend_and_restored_completions_lift_that(house: House) -> None:
    """ "Voiding a completion suspends the booking's certificates; restoring lifts that"."""
    booking = await earned(house, "Asha", "Bela")
    issued = await house.do(IssueCertificates(booking.id))
    await house.do(RevokeCertificate(issued[1].number, "Forged."))
    for _ in range(2):
        await void(house, booking, SessionStatus.VOIDED)
        after = await house.do(ListBookingCertificates(booking.id))
        assert worths(after) == ["SUSPENDED", "REVOKED"]
    assert told(house, CertificateSuspended) == [issued[0].id]
    with pytest.raises(IllegalState):
        await house.do(IssueCertificates(booking.id))
    for _ in range(2):
        await void(house, booking, SessionStatus.COMPLETED)
        after = await house.do(ListBookingCertificates(booking.id))
        assert worths(after) == ["VALID", "REVOKED"]
    assert told(house, CertificateRestored) == [issued[0].id]
    assert after[0].version == 3


async def test_a_restored_completion_among_missing_ones_lifts_nothing(house: House) -> None:
    booking = await earned(house)
    await house.do(IssueCertificates(booking.id))
    async with house.ports.units() as unit:
        await unit.bookings.get(booking.id)
        last = replace(booking.sessions[-1], status=SessionStatus.VOIDED)
        await unit.bookings.replace(replace(booking, sessions=(*booking.sessions[:-1], last)))
        await unit.commit()
    await void(house, booking, SessionStatus.VOIDED)
    await void(house, booking, SessionStatus.COMPLETED)
    assert worths(await house.do(ListBookingCertificates(booking.id))) == ["SUSPENDED"]


async def test_revoking_twice_changes_nothing(house: House) -> None:
    booking = await earned(house)
    (certificate,) = await house.do(IssueCertificates(booking.id))
    scrawled = certificate.number.lower().replace("-", " ")
    revoked = await house.do(RevokeCertificate(scrawled, "Forged."))
    house.clock.advance(timedelta(hours=1))
    assert await house.do(RevokeCertificate(certificate.number, "Again.")) == revoked
    assert revoked.revocation_reason == "Forged."
    assert told(house, CertificateRevoked) == [certificate.id]
    assert await house.do(IssueCertificates(booking.id)) == (revoked,)
    (entry,) = [one for one in house.store.audit.all() if one.action == "RevokeCertificate"]
    assert "Forged" not in str(entry.change)


@pytest.mark.parametrize("voided", [False, True])
async def test_a_reissued_one_is_worth_what_is_earned(house: House, voided: bool) -> None:
    booking = await earned(house)
    (old,) = await house.do(IssueCertificates(booking.id))
    if voided:
        await void(house, booking, SessionStatus.VOIDED)
    new = await house.do(ReissueCertificate(old.number, "Torn."))
    assert new.status is (SUSPENDED if voided else VALID)
    listed = await house.do(ListBookingCertificates(booking.id))
    before, after = sorted(listed, key=lambda one: one.id != old.id)
    assert after == new
    assert (before.status, before.superseded_by) == (CertificateStatus.SUPERSEDED, new.id)
    assert (new.supersedes, new.reissue_reason) == (old.id, "Torn.")
    (event,) = [
        one.event for one in house.store.events.all() if isinstance(one.event, CertificateReissued)
    ]
    assert (event.superseded_id, event.status) == (old.id, new.status)
    with pytest.raises(IllegalState):
        await house.do(ReissueCertificate(old.number, "Torn again."))
    await void(house, booking, SessionStatus.COMPLETED)
    assert (await house.do(VerifyCertificate(new.number))).status is VALID


async def test_verifying_tells_what_everybody_may_know(house: House) -> None:
    booking = await earned(house, "Asha Rao")
    (old,) = await house.do(IssueCertificates(booking.id))
    new = await house.do(ReissueCertificate(old.number, "Torn."))
    verified = await house.do(VerifyCertificate(old.number))
    assert verified.status is CertificateStatus.SUPERSEDED
    assert verified.superseded_by == new.number
    assert (verified.issuer_name, verified.student_name) == (COMPANY.name, "A. R.")
    assert (verified.course_id, verified.issued_on) == (old.course_id, old.issued_on)


async def test_a_certificate_is_shown_with_its_names(house: House) -> None:
    booking = await earned(house, "Asha Rao")
    (certificate,) = await house.do(IssueCertificates(booking.id))
    shown = await house.do(GetCertificate(certificate.number.lower().replace("-", " ")))
    assert shown.certificate == certificate
    assert (shown.company, shown.franchise) == (COMPANY.name, None)
    assert shown.booking_reference == booking.purchase.booking_reference


async def test_a_mistyped_number_is_refused_without_a_question(house: House) -> None:
    """ "A wrong check symbol is refused without asking the database"."""

    class Silent(MemoryCertificateReader):
        async def by_number(self, number: str, scope: Scope = EVERYTHING) -> Certificate | None:
            raise AssertionError("the database was asked")

    ports = replace(house.ports, certificates=Silent(house.store))
    cases = core_cases(ports, AssignmentRules(), COMPANY)
    dispatcher = Dispatcher(cases, ports.units, ports.clock, ports.entropy)
    for text in (A_NUMBER[:-1] + "Y", A_NUMBER.replace("V3", "3V"), "", "CERT"):
        with pytest.raises(CertificateNumberInvalid):
            await dispatcher.dispatch(VerifyCertificate(text), CALLER)
    with pytest.raises(AssertionError, match="was asked"):
        await dispatcher.dispatch(VerifyCertificate(A_NUMBER), CALLER)


async def test_what_is_not_there_is_not_found(house: House) -> None:
    requests: tuple[Request[Any], ...] = (
        IssueCertificates(new_id()),
        ListBookingCertificates(new_id()),
        VerifyCertificate(A_NUMBER),
        GetCertificate(A_NUMBER),
        RevokeCertificate(A_NUMBER, "x"),
        ReissueCertificate(A_NUMBER, "x"),
    )
    for request in requests:
        with pytest.raises(NotFound):
            await house.do(request)


class Loaded(SeededEntropy):
    """Draws the same number some times, as a broken source would."""

    def __init__(self, repeats: int) -> None:
        super().__init__(11)
        self.repeats = repeats

    def bits(self, count: int) -> int:
        if count == NUMBER_BITS and self.repeats:
            self.repeats -= 1
            return 1
        return super().bits(count)


@pytest.mark.parametrize("taken", range(MAX_DRAWS + 1))
async def test_a_taken_number_is_drawn_again(house: House, taken: int) -> None:
    """ "A collision draws again, at most 5 times, then fails loudly", and leaves nothing."""
    booking = await earned(house, "Asha", "Bela")
    ports = replace(house.ports, entropy=Loaded(1 + taken))
    cases = core_cases(ports, AssignmentRules(), COMPANY)
    dispatcher = Dispatcher(cases, ports.units, ports.clock, ports.entropy)
    if taken == MAX_DRAWS:
        with pytest.raises(CertificateNumbersExhausted):
            await dispatcher.dispatch(IssueCertificates(booking.id), CALLER)
        assert list(house.store.certificates.all()) == []
        assert list(house.store.events.all()) == []
    else:
        issued = await dispatcher.dispatch(IssueCertificates(booking.id), CALLER)
        assert len({one.number for one in issued}) == len(issued) == 2
