"""What a leave costs, counted: as many statements for 500 sessions under it as for 50.

"previewed and applied in a bounded number of statements; the preview equals what applying
then does."
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from muster.application.impacts import Impact, impact_of
from muster.application.offers import OfferStranded
from muster.application.preview_block import BlockPreview, PreviewBlock
from muster.application.read_bookings import GetBooking
from muster.application.trainer_blocks import BlockedTime, BlockTrainer
from muster.domain.blocks import BlockPeriod
from muster.domain.bookings import Booking
from muster.domain.geography import Point
from muster.domain.sessions import SessionStatus
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone
from muster.testing.examples import a_booking, a_purchase, slots_for
from muster_postgres.counting import StatementCount
from tests.conformance.test_postgres import postgres_under_test
from tests.integration.test_statements_of_a_booking import CALLER, COURSE, Counted, running

pytestmark = pytest.mark.anyio

STATEMENTS_OF_A_PREVIEW = 14
"""Those of the block but for its journal, undone; the zone, the calendars of all candidates."""

STATEMENTS_OF_A_BLOCK = 13
"""What lies under it, the locks, a second look; slots, block, bookings, receipts, journal."""

SESSIONS = 10
STRETCHES = 5
FIRST_DAY = date(2027, 3, 1)
LEAVE = (BlockPeriod(FIRST_DAY, FIRST_DAY + timedelta(days=SESSIONS * STRETCHES - 1)),)


async def booked(
    counted: Counted, zone: Zone, place: Point, trainer: Trainer, each_day: int
) -> list[Booking]:
    """Bookings that fill some hours of each of fifty days."""
    bookings = [
        a_booking(
            zone,
            purchase=a_purchase(
                course_id=COURSE,
                student_location=place,
                total_sessions=SESSIONS,
                start_date=FIRST_DAY + timedelta(days=SESSIONS * stretch),
                preferred_time_slot=f"{8 + hour:02}:00",
            ),
            trainer_id=trainer.id,
        )
        for stretch in range(STRETCHES)
        for hour in range(each_day)
    ]
    slots = [slot for booking in bookings for slot in slots_for(booking)]
    await postgres_under_test(counted.database).keep(*bookings, slots)
    return bookings


async def previewed(counted: Counted, command: BlockTrainer) -> tuple[BlockPreview, StatementCount]:
    async with counted.database.counting() as sent:
        preview = await counted.dispatcher.dispatch(PreviewBlock(command), CALLER)
        await sent.settle()
    return preview, sent


async def blocked(counted: Counted, command: BlockTrainer) -> tuple[BlockedTime, StatementCount]:
    async with counted.database.counting() as sent:
        answer = await counted.dispatcher.dispatch(command, CALLER)
        await sent.settle()
    return answer, sent


async def offered(counted: Counted, blocked: BlockedTime, before: list[Booking]) -> Impact:
    """Offer what is stranded, whoever is needed soonest first; what became of everything."""
    for booking_id in dict.fromkeys(one.booking.id for one in blocked.stranded):
        await counted.dispatcher.dispatch(OfferStranded(booking_id), CALLER)
    changes = []
    for booking in before:
        found = await counted.dispatcher.dispatch(GetBooking(booking.id), CALLER)
        changes.append((booking, found.booking))
    return impact_of(changes)


@pytest.mark.parametrize("each_day", [1, 10])
async def test_a_leave_costs_the_same_whatever_lies_under_it(
    clean_database: str, each_day: int
) -> None:
    async with running(clean_database) as counted:
        zone, place = await counted.zone_with(4)
        away, busy, *_ = counted.sandbox.roster
        bookings = await booked(counted, zone, place, away, each_day)
        await booked(counted, zone, place, busy, min(each_day, 6))
        # The first one asks and remembers who the trainers are.
        command = BlockTrainer(away.id, "Asia/Kolkata", LEAVE, "Abroad.")
        await previewed(counted, command)

        preview, asking = await previewed(counted, command)
        answer, blocking = await blocked(counted, command)
        after = await offered(counted, answer, bookings)

    sessions = each_day * SESSIONS * STRETCHES
    assert len(answer.stranded) == len(preview.impact.moves) == sessions
    assert asking.total == STATEMENTS_OF_A_PREVIEW, asking.statements
    assert blocking.total == STATEMENTS_OF_A_BLOCK, blocking.statements
    assert preview.unknown == ()
    assert preview.impact == after
    taken = [one for one in after.moves if one.change.after.status is SessionStatus.SCHEDULED]
    assert len({one.change.after.trainer_id for one in taken}) >= min(each_day, 2)
