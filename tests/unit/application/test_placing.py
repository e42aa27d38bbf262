"""Placing a booking: the main job, told by its outcomes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.application.access import Permission, Principal
from muster.application.cancel_booking import CancelBooking
from muster.application.errors import InvalidRequest
from muster.application.fingerprints import fingerprint_of
from muster.application.place_booking import PlaceBooking
from muster.application.preview_booking import PreviewBooking
from muster.application.read_bookings import GetBooking, GetReceipts, GetSchedule
from muster.application.use_case import Caller
from muster.application.zones import ArchiveZone, EditZone
from muster.domain.bookings import (
    Booking,
    BookingStatus,
    ClassType,
    DeliveryMode,
    Purchase,
    Student,
)
from muster.domain.geography import Point
from muster.domain.purchase_rules import InvalidPurchase
from muster.domain.ranking import BALANCED
from muster.domain.receipts import DirectorySource, ReceiptKind, replay
from muster.domain.scopes import Scope
from muster.domain.sessions import SessionStatus
from muster.domain.trainers import Trainer
from muster.domain.zone_changes import ZoneChanges
from muster.domain.zones import Zone
from muster.ports.bookings import ReferenceConflict, ReferencedBooking
from muster.ports.trainer_directory import DirectoryAnswer, TrainerQuestion
from muster.ports.unit_of_work import TransactionConflict
from muster.testing.examples import a_purchase, a_trainer, new_id

from .conftest import House

pytestmark = pytest.mark.anyio

COURSE = UUID("5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01")
HOME = Point(16.51, 80.61)
NOWHERE = Point(-75.0, 0.0)


def wanted(**changes: object) -> Purchase:
    return replace(a_purchase(course_id=COURSE, student_location=HOME), **changes)


def teacher(zone: Zone, **changes: object) -> Trainer:
    fitting = a_trainer(zone_ids=frozenset({zone.id}), certified_courses=frozenset({COURSE}))
    return replace(fitting, **changes)


async def place(house: House, purchase: Purchase) -> Booking:
    return (await house.do(PlaceBooking(purchase))).booking


async def test_a_found_trainer_is_assigned_for_all_sessions(house: House) -> None:
    zone = await house.open_zone()
    trainer = teacher(zone, location=HOME)
    house.roll.put(trainer)

    booking = await place(house, wanted())

    assert booking.status is BookingStatus.ASSIGNED
    assert (booking.trainer_id, booking.trainer_name) == (trainer.id, trainer.name)
    assert {session.trainer_id for session in booking.sessions} == {trainer.id}
    assert {session.status for session in booking.sessions} == {SessionStatus.SCHEDULED}
    first, last = booking.sessions[0].plan.local_date, booking.sessions[-1].plan.local_date
    slots = await house.do(GetSchedule(trainer.id, first, last))
    assert [slot.session_id for slot in slots] == [session.id for session in booking.sessions]


async def test_the_receipt_says_why(house: House) -> None:
    zone = await house.open_zone()
    near, far = teacher(zone, location=HOME), teacher(zone, location=Point(16.56, 80.61))
    refused = teacher(zone, certified_courses=frozenset({COURSE, *(new_id() for _ in range(3))}))
    house.roll.put(far, refused, near)
    missing = new_id()

    booking = await place(house, wanted(preferred_trainer_id=missing))
    (receipt,) = await house.do(GetReceipts(booking.id))

    assert receipt.id == booking.receipt_id
    assert receipt.kind is ReceiptKind.PLACE
    assert receipt.chosen == near.id == booking.trainer_id
    assert [verdict.trainer_id for verdict in receipt.candidates] == [near.id, far.id, refused.id]
    assert [verdict.rank for verdict in receipt.candidates] == [1, 2, None]
    assert [one.rule for one in receipt.candidates[2].refusals] == ["TOO_MANY_CERTIFICATIONS"]
    assert receipt.ignored_preference == missing
    assert receipt.directory is not None
    assert receipt.directory.source is DirectorySource.LIVE
    assert receipt.zone is not None
    assert receipt.zone.id == zone.id
    assert replay(receipt, BALANCED) == near.id


async def test_without_a_fitting_trainer_it_waits_and_holds_no_slot(house: House) -> None:
    zone = await house.open_zone()
    house.roll.put(teacher(zone))

    first = await place(house, wanted())
    second = await place(house, wanted())

    assert first.status is BookingStatus.ASSIGNED
    assert second.status is BookingStatus.WAITLISTED
    assert second.trainer_id is None
    assert {session.status for session in second.sessions} == {SessionStatus.PLANNED}
    (receipt,) = await house.do(GetReceipts(second.id))
    assert [one.rule for one in receipt.candidates[0].refusals] == ["SLOT_CONFLICT"]
    shown = await house.do(GetBooking(second.id))
    assert shown.waitlist_position == 1


async def test_where_no_zone_covers_it_is_kept_with_the_nearest(house: House) -> None:
    zone = await house.open_zone()

    booking = await place(house, wanted(student_location=NOWHERE))

    assert booking.status is BookingStatus.SERVICE_NOT_AVAILABLE
    assert booking.sessions == ()
    assert booking.nearest_zone is not None
    assert booking.nearest_zone.id == zone.id
    assert house.roll.questions == []
    assert await house.do(GetReceipts(booking.id)) == ()


async def test_an_outage_is_pending_and_never_no_trainer(house: House) -> None:
    await house.open_zone()
    house.roll.available = False

    booking = await place(house, wanted())

    assert booking.status is BookingStatus.PENDING
    assert len(booking.sessions) == 10
    assert booking.receipt_id is None


async def test_a_broken_rule_stores_nothing(house: House) -> None:
    await house.open_zone()

    with pytest.raises(InvalidPurchase) as refusal:
        await place(house, wanted(total_sessions=11, booking_reference="r-1"))

    assert [fault.code for fault in refusal.value.faults] == ["SESSION_COUNT_NOT_SOLD"]
    later = await place(house, wanted(booking_reference="r-1"))
    assert later.status is BookingStatus.WAITLISTED


@pytest.mark.parametrize(
    ("location", "changes", "code"),
    [
        (HOME, {"preferred_time_slot": "23:21"}, "SESSION_CROSSES_MIDNIGHT"),
        (NOWHERE, {"preferred_time_slot": "23:21"}, "SESSION_CROSSES_MIDNIGHT"),
        (NOWHERE, {"total_sessions": 11}, "SESSION_COUNT_NOT_SOLD"),
    ],
)
async def test_rules_hold_with_and_without_a_zone(
    house: House, location: Point, changes: dict[str, object], code: str
) -> None:
    await house.open_zone()
    with pytest.raises(InvalidPurchase) as refusal:
        await place(house, wanted(student_location=location, **changes))
    assert [fault.code for fault in refusal.value.faults] == [code]


async def test_an_unknown_ranking_policy_is_named(house: House) -> None:
    await house.open_zone()
    with pytest.raises(InvalidRequest) as refusal:
        await place(house, wanted(ranking_policy="cheapest"))
    assert [(one.path, one.code) for one in refusal.value.faults] == [
        ("rankingPolicy", "UNKNOWN_RANKING_POLICY")
    ]


async def test_a_policy_by_name_is_used_and_told(house: House) -> None:
    zone = await house.open_zone()
    house.roll.put(teacher(zone))
    booking = await place(house, wanted(ranking_policy="nearest"))
    (receipt,) = await house.do(GetReceipts(booking.id))
    assert receipt.policy is not None
    assert receipt.policy.name == "nearest"


async def test_a_reference_used_again_answers_the_same_booking(house: House) -> None:
    zone = await house.open_zone()
    house.roll.put(teacher(zone))
    purchase = wanted(booking_reference="order-1")

    first = await house.do(PlaceBooking(purchase))
    again = await house.do(PlaceBooking(purchase))

    assert (first.created, again.created) == (True, False)
    assert again.booking == first.booking
    assert len(house.roll.questions) == 1


async def test_a_reference_used_for_another_request_is_refused(house: House) -> None:
    await house.open_zone()
    await place(house, wanted(booking_reference="order-1"))
    with pytest.raises(ReferenceConflict):
        await place(house, wanted(booking_reference="order-1", preferred_time_slot="08:00"))


async def test_another_franchises_booking_is_not_answered_for_its_reference(house: House) -> None:
    """Staff share one set of references, but each franchise sees its own bookings alone."""
    await house.open_zone()
    purchase = wanted(booking_reference="order-1")
    await place(house, purchase)
    stranger = Principal("stranger", frozenset(Permission), Scope(franchise_id=COURSE))
    with pytest.raises(ReferenceConflict):
        await house.dispatcher.dispatch(PlaceBooking(purchase), Caller(stranger, "again"))


async def test_a_used_reference_is_answered_from_the_unit_not_from_a_reader(house: House) -> None:
    """ "what decides a booking is never read from a cache"."""
    await house.open_zone()
    purchase = wanted(booking_reference="order-1")
    booking = await place(house, purchase)
    reader = house.ports.bookings
    stale = await reader.by_reference("order-1")
    await house.do(CancelBooking(booking.id))

    async def cached(reference: str, client_id: UUID | None = None) -> ReferencedBooking | None:
        return stale

    reader.by_reference = cached  # type: ignore[method-assign]
    assert (await place(house, purchase)).status is BookingStatus.CANCELLED


def test_a_fingerprint_stays_what_it_is() -> None:
    """A stored one is compared for years: what is not said must not count."""
    purchase = Purchase(
        course_id=COURSE,
        class_type=ClassType.ONE_ON_ONE,
        total_sessions=10,
        delivery_mode=DeliveryMode.DAILY,
        start_date=date(2027, 1, 11),
        preferred_time_slot="09:00",
        student_location=Point(0.0, 80.61),
        students=(Student(COURSE, "Asha Rao"),),
    )
    assert fingerprint_of(purchase).hex() == (
        "01c73d720f0bbdaf5fa560527f459aaaeb4430e3e8d0177fc219922fda0343a5c5"
    )
    negative = replace(purchase, student_location=Point(-0.0, 80.61))
    assert fingerprint_of(negative) == fingerprint_of(purchase)
    other = replace(purchase, preferred_trainer_id=COURSE)
    assert fingerprint_of(other) != fingerprint_of(purchase)


async def test_a_zone_that_changes_meanwhile_is_prepared_anew(house: House) -> None:
    """ "check the zone's version again": what was asked of the old zone is not used."""
    zone = await house.open_zone()
    other = await house.open_zone("Around Vijayawada", priority=-1)
    mine, theirs = teacher(zone), teacher(other)
    house.roll.put(mine, theirs)
    directory = house.ports.directory
    ask = directory.candidates

    async def archiving(question: TrainerQuestion) -> DirectoryAnswer:
        answer = await ask(question)
        if question.zone_id == zone.id:
            await house.do(ArchiveZone(zone.id))
        return answer

    directory.candidates = archiving  # type: ignore[method-assign]
    booking = await place(house, wanted())

    assert booking.trainer_id == theirs.id
    assert [question.zone_id for question in house.roll.questions] == [zone.id, other.id]


async def test_a_zone_that_never_rests_is_answered_as_a_conflict(house: House) -> None:
    zone = await house.open_zone()
    directory = house.ports.directory
    ask = directory.candidates
    versions = iter(range(1, 99))

    async def editing(question: TrainerQuestion) -> DirectoryAnswer:
        answer = await ask(question)
        version = next(versions)
        await house.do(EditZone(zone.id, ZoneChanges(version, priority=version)))
        return answer

    directory.candidates = editing  # type: ignore[method-assign]
    with pytest.raises(TransactionConflict):
        await place(house, wanted())


async def test_a_lost_claim_takes_the_next_and_is_told(house: House) -> None:
    """Between the reading of conflicts and the claim, the best one's time is taken."""
    zone = await house.open_zone()
    best, next_best = teacher(zone, location=HOME), teacher(zone)
    house.roll.put(best, next_best)
    units = house.ports.units

    first = await place(house, wanted())
    assert first.trainer_id == best.id

    async with units() as unit:
        blind = unit.schedule
        real = type(blind).availability

        async def nobody_is_booked(*_: object) -> dict[UUID, object]:
            return {}

        type(blind).availability = nobody_is_booked  # type: ignore[assignment,method-assign]
    try:
        second = await place(house, wanted())
    finally:
        type(blind).availability = real  # type: ignore[method-assign]

    assert second.trainer_id == next_best.id
    (receipt,) = await house.do(GetReceipts(second.id))
    assert receipt.lost_claims == (best.id,)
    assert replay(receipt, BALANCED) == next_best.id


async def test_a_preview_tells_the_same_and_writes_nothing(house: House) -> None:
    zone = await house.open_zone()
    house.roll.put(teacher(zone, location=HOME), teacher(zone))
    purchase = wanted()

    before = await house.do(PreviewBooking(purchase))
    booking = await place(house, purchase)
    (receipt,) = await house.do(GetReceipts(booking.id))

    assert before.status is booking.status
    assert before.judgement is not None
    assert before.judgement.candidates == receipt.candidates
    assert before.placement.sessions == tuple(session.plan for session in booking.sessions)


async def test_a_preview_without_zone_or_directory(house: House) -> None:
    await house.open_zone()
    house.roll.available = False
    unknown = await house.do(PreviewBooking(wanted()))
    unserved = await house.do(PreviewBooking(wanted(student_location=NOWHERE)))
    assert (unknown.status, unknown.judgement) == (BookingStatus.PENDING, None)
    assert unserved.status is BookingStatus.SERVICE_NOT_AVAILABLE


async def test_a_preview_of_a_full_zone_is_waitlisted(house: House) -> None:
    await house.open_zone()
    assert (await house.do(PreviewBooking(wanted()))).status is BookingStatus.WAITLISTED


async def test_the_age_of_the_directory_is_never_negative(house: House) -> None:
    zone = await house.open_zone()
    house.roll.put(teacher(zone))
    directory = house.ports.directory
    ask = directory.candidates

    async def from_tomorrow(question: TrainerQuestion) -> DirectoryAnswer:
        answer = await ask(question)
        return replace(answer, as_of=answer.as_of + timedelta(days=1))

    directory.candidates = from_tomorrow  # type: ignore[method-assign]
    booking = await place(house, wanted())
    (receipt,) = await house.do(GetReceipts(booking.id))
    assert receipt.directory is not None
    assert receipt.directory.age_seconds == 0
