"""The look at the law itself: what is against it is seen."""

from __future__ import annotations

import pytest

from muster.testing.examples import a_booking, a_zone, new_id, slots_for
from tests.conformance.test_postgres import opened, postgres_under_test

from .lawfulness import assert_lawful

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]

OF_THE_FIRST = "WHERE number = 1 AND booking_id = $1"
AGAINST_IT = {
    "a cancelled session with a slot": (
        f"UPDATE booking_sessions SET status = 'CANCELLED' {OF_THE_FIRST}"
    ),
    "a scheduled one without": "UPDATE schedule_slots SET live = false WHERE booking_id = $1",
    "a slot at another time": (
        f"UPDATE booking_sessions SET ends_at = ends_at + interval '1 minute' {OF_THE_FIRST}"
    ),
    "a slot of another trainer": (
        f"UPDATE booking_sessions SET trainer_id = gen_random_uuid() {OF_THE_FIRST}"
    ),
    "a number left out": f"UPDATE booking_sessions SET number = 11 {OF_THE_FIRST}",
    "completed with open sessions": "UPDATE bookings SET status = 'COMPLETED' WHERE id = $1",
    "cancelled with open sessions": "UPDATE bookings SET status = 'CANCELLED' WHERE id = $1",
    "a version without a receipt": "UPDATE bookings SET version = 2 WHERE id = $1",
    "a slot of nothing": (
        "UPDATE schedule_slots SET session_id = gen_random_uuid() WHERE booking_id = $1"
    ),
}


@pytest.mark.parametrize("change", AGAINST_IT.values(), ids=AGAINST_IT)
async def test_what_is_against_the_law_is_seen(shared_database_url: str, change: str) -> None:
    zone = a_zone()
    booking = a_booking(zone, trainer_id=new_id())
    looked_at = (shared_database_url, str(zone.id), [str(booking.trainer_id)])
    async with opened(shared_database_url) as database:
        await postgres_under_test(database).keep(zone, booking, slots_for(booking))
        assert await assert_lawful(*looked_at) == {"SCHEDULED": 10}
        await database.fetch(change, booking.id)
        with pytest.raises(AssertionError):
            await assert_lawful(*looked_at)
        # Whoever looks after this one shall find nothing of it.
        await database.fetch("DELETE FROM schedule_slots WHERE booking_id = $1", booking.id)
