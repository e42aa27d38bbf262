"""Franchises, zones and cancelling: what changes, what stays, what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from muster.application.cancel_booking import CancelBooking
from muster.application.certificate_numbers import MAX_DRAWS, draw_certificate_number
from muster.application.errors import InvalidRequest, NotFound
from muster.application.franchises import (
    CreateFranchise,
    EditFranchise,
    GetFranchise,
    ListFranchises,
)
from muster.application.place_booking import PlaceBooking
from muster.application.read_bookings import GetBooking, GetReceipts, GetSchedule, ListBookings
from muster.application.use_case import Request
from muster.application.zones import (
    ArchiveZone,
    CreateZone,
    EditZone,
    GetZone,
    ListZones,
    LookUpZone,
)
from muster.domain.bookings import BookingStatus
from muster.domain.certificate_numbers import CertificateNumbersExhausted, read_certificate_number
from muster.domain.errors import IllegalState
from muster.domain.franchises import FranchiseStatus
from muster.domain.geography import Point
from muster.domain.receipts import ReceiptKind
from muster.domain.sessions import SessionStatus
from muster.domain.versions import VersionConflict
from muster.domain.zone_changes import ZoneChanges
from muster.domain.zone_choice import ZoneRule
from muster.domain.zones import ZoneStatus
from muster.ports.bookings import BookingFilter, BookingOrder
from muster.ports.franchises import FranchiseFilter, FranchiseNameTaken, FranchiseOrder
from muster.ports.paging import PageRequest
from muster.ports.zones import ZoneFilter, ZoneNameTaken, ZoneOrder
from muster.testing.entropy import SeededEntropy
from muster.testing.examples import a_purchase, a_trainer, new_id

from .conftest import NOW, House

pytestmark = pytest.mark.anyio

CENTRE = Point(16.5, 80.6)
A_MINUTE = timedelta(minutes=1)


async def test_a_franchise_is_admitted_edited_and_listed(house: House) -> None:
    made = await house.do(CreateFranchise("  Krishna   Learning "))
    assert (made.name, made.status, made.version) == (
        "Krishna Learning",
        FranchiseStatus.ACTIVE,
        1,
    )
    house.clock.advance(A_MINUTE)
    edited = await house.do(
        EditFranchise(made.id, time_zone="Asia/Kolkata", status=FranchiseStatus.SUSPENDED)
    )
    assert (edited.name, edited.time_zone, edited.version) == (made.name, "Asia/Kolkata", 2)
    assert edited.updated_at > made.updated_at
    assert await house.do(GetFranchise(made.id)) == edited
    _, entry = house.store.audit.all()
    assert entry.change == {
        "before": {"timeZone": None, "status": "ACTIVE", "version": 1},
        "after": {"timeZone": "Asia/Kolkata", "status": "SUSPENDED", "version": 2},
    }
    page = await house.do(
        ListFranchises(FranchiseFilter(FranchiseStatus.SUSPENDED), PageRequest(FranchiseOrder.NAME))
    )
    assert page.rows == (edited,)


async def test_an_edit_that_changes_nothing_leaves_no_trace(house: House) -> None:
    made = await house.do(CreateFranchise("Krishna Learning"))
    traces = len(list(house.store.audit.all()))
    house.clock.advance(A_MINUTE)
    assert await house.do(EditFranchise(made.id, name="Krishna Learning")) == made
    assert len(list(house.store.audit.all())) == traces


async def test_franchise_names_are_unique_once_folded(house: House) -> None:
    await house.do(CreateFranchise("Straße"))
    with pytest.raises(FranchiseNameTaken):
        await house.do(CreateFranchise("STRASSE"))


async def test_what_is_not_there_is_not_found(house: House) -> None:
    nobody = new_id()
    requests: tuple[Request[Any], ...] = (
        GetFranchise(nobody),
        EditFranchise(nobody),
        GetZone(nobody),
        EditZone(nobody, ZoneChanges(1)),
        ArchiveZone(nobody),
        GetBooking(nobody),
        GetReceipts(nobody),
        CancelBooking(nobody),
    )
    for request in requests:
        with pytest.raises(NotFound, match=str(nobody)):
            await house.do(request)


async def test_the_same_zone_name_may_stand_once_for_each_operator(house: House) -> None:
    """ "the same name may stand in two franchises, and once more in the company"."""
    first = await house.do(CreateFranchise("One"))
    second = await house.do(CreateFranchise("Two"))
    for operator in (None, first.id, second.id):
        await house.do(CreateZone("North", CENTRE, 5, "Asia/Kolkata", operator))
        with pytest.raises(ZoneNameTaken):
            await house.do(CreateZone(" NORTH ", CENTRE, 5, "Asia/Kolkata", operator))


async def test_only_an_active_franchise_opens_zones(house: House) -> None:
    franchise = await house.do(CreateFranchise("One"))
    await house.do(EditFranchise(franchise.id, status=FranchiseStatus.SUSPENDED))
    with pytest.raises(IllegalState):
        await house.do(CreateZone("North", CENTRE, 5, "Asia/Kolkata", franchise.id))
    with pytest.raises(InvalidRequest) as refusal:
        await house.do(CreateZone("North", CENTRE, 5, "Asia/Kolkata", new_id()))
    assert [fault.code for fault in refusal.value.faults] == ["UNKNOWN_FRANCHISE"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"radius_km": 500.1}, "radiusKm"),
        ({"radius_km": 0.0}, "radiusKm"),
        ({"radius_km": float("nan")}, "radiusKm"),
        ({"centre": Point(90.1, 0)}, "centre"),
        ({"centre": Point(0, float("inf"))}, "centre"),
        ({"time_zone": "Mars/Olympus"}, "timeZone"),
        ({"time_zone": "../UTC"}, "timeZone"),
        ({"time_zone": "Factory"}, "timeZone"),
    ],
)
async def test_an_impossible_zone_is_refused_whoever_asks(
    house: House, changes: dict[str, Any], path: str
) -> None:
    """The edge looks first, but plugins and jobs come by other ways."""
    with pytest.raises(InvalidRequest) as refusal:
        await house.do(replace(CreateZone("North", CENTRE, 5, "Asia/Kolkata"), **changes))
    assert [fault.path for fault in refusal.value.faults] == [path]
    zone = await house.open_zone()
    with pytest.raises(InvalidRequest) as refusal:
        await house.do(EditZone(zone.id, replace(ZoneChanges(1), **changes)))
    assert [fault.path for fault in refusal.value.faults] == [path]


async def test_a_zone_is_edited_by_who_has_seen_it(house: House) -> None:
    zone = await house.open_zone()
    edited = await house.do(EditZone(zone.id, ZoneChanges(1, name=" North ", radius_km=3)))
    assert (edited.name, edited.radius_km, edited.version) == ("North", 3, 2)
    with pytest.raises(VersionConflict):
        await house.do(EditZone(zone.id, ZoneChanges(1, priority=5)))
    assert await house.do(EditZone(zone.id, ZoneChanges(2, name="North"))) == edited
    assert await house.do(GetZone(zone.id)) == edited


async def test_an_archived_zone_serves_nobody_and_stays_as_it_is(house: House) -> None:
    zone = await house.open_zone()
    archived = await house.do(ArchiveZone(zone.id))
    assert archived.status is ZoneStatus.ARCHIVED
    assert await house.do(ArchiveZone(zone.id)) == archived
    with pytest.raises(IllegalState):
        await house.do(EditZone(zone.id, ZoneChanges(2, priority=1)))
    found = await house.do(LookUpZone(CENTRE))
    assert (found.rule, found.chosen, found.nearest) == (ZoneRule.NONE, None, None)
    page = await house.do(
        ListZones(ZoneFilter(status=ZoneStatus.ARCHIVED), PageRequest(ZoneOrder.NAME))
    )
    assert page.rows == (archived,)


async def test_cancelling_frees_the_time_once(house: House) -> None:
    zone = await house.open_zone()
    purchase = replace(a_purchase(), student_location=CENTRE)
    trainer = a_trainer(
        zone_ids=frozenset({zone.id}), certified_courses=frozenset({purchase.course_id})
    )
    house.roll.put(trainer)
    booking = (await house.do(PlaceBooking(purchase))).booking

    house.clock.advance(A_MINUTE)
    cancelled = await house.do(CancelBooking(booking.id, "They move away."))
    again = await house.do(CancelBooking(booking.id))

    assert again == cancelled
    assert cancelled.status is BookingStatus.CANCELLED
    assert {session.status for session in cancelled.sessions} == {SessionStatus.CANCELLED}
    placed, cancel = await house.do(GetReceipts(booking.id))
    assert (placed.kind, cancel.kind) == (ReceiptKind.PLACE, ReceiptKind.CANCEL)
    assert (cancel.id, cancel.reason) == (cancelled.receipt_id, "They move away.")
    days = [session.plan.local_date for session in booking.sessions]
    assert await house.do(GetSchedule(trainer.id, days[0], days[-1])) == ()
    assert (await house.do(PlaceBooking(purchase))).booking.trainer_id == trainer.id
    page = await house.do(
        ListBookings(
            BookingFilter(status=BookingStatus.CANCELLED), PageRequest(BookingOrder.CREATED_AT)
        )
    )
    assert page.rows == (cancelled,)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2027, 1, 2), date(2027, 1, 1), "BEFORE_FROM"),
        (date(2027, 1, 1), date(2028, 2, 5), "TOO_LONG"),
    ],
)
async def test_a_schedule_spans_a_sensible_time(
    house: House, first: date, last: date, code: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await house.do(GetSchedule(new_id(), first, last))
    assert [fault.code for fault in refusal.value.faults] == [code]


async def test_a_schedule_of_400_days_is_shown(house: House) -> None:
    assert await house.do(GetSchedule(new_id(), date(2027, 1, 1), date(2028, 2, 4))) == ()


@pytest.mark.parametrize("collisions", range(MAX_DRAWS))
async def test_a_taken_certificate_number_is_drawn_again(collisions: int) -> None:
    """ "a collision draws again, at most 5 times"."""
    seen: list[str] = []

    async def reserve(number: str) -> bool:
        seen.append(number)
        return len(seen) > collisions

    number = await draw_certificate_number(NOW.date(), SeededEntropy(1), reserve)
    assert number == seen[-1] == read_certificate_number(number)
    assert len(set(seen)) == collisions + 1


async def test_numbers_that_are_all_taken_fail_loudly() -> None:
    draws: list[str] = []

    async def taken(number: str) -> bool:
        draws.append(number)
        return False

    with pytest.raises(CertificateNumbersExhausted):
        await draw_certificate_number(NOW.date(), SeededEntropy(1), taken)
    assert len(draws) == MAX_DRAWS
