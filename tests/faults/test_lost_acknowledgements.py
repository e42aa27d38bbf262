"""A commit that was done, and whose acknowledgement nobody heard."""

from __future__ import annotations

import asyncio

from anyio.from_thread import start_blocking_portal

from tests.faults.swallowing_wire import SwallowingWire
from tests.faults.whole_bookings import half_written, stored_by_reference
from tests.http.orders import a_booking, a_trainer_for, a_zone
from tests.http.server_under_test import serving


def test_the_repeat_is_answered_by_the_booking_that_was_stored(clean_database: str) -> None:
    wire = SwallowingWire(clean_database)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(wire.laid()) as near_url,
        # The wire swallows the next commit, which is to be the booking's.
        serving(near_url, MUSTER_AUDIT__SEAL_SECONDS="60") as server,
    ):
        zone = server.api.created("/v1/zones", a_zone())
        order = a_booking(bookingReference="order")
        server.sandbox.roster.replace([a_trainer_for(zone, order["courseId"])])
        wire.armed = True
        unheard = server.api.post("/v1/bookings", order)
        assert (unheard.status, unheard.error["code"]) == (503, "DEPENDENCY_UNAVAILABLE")
        assert unheard.error["retryable"] is True
        assert wire.swallowed == 1
        stored = asyncio.run(stored_by_reference(clean_database))["order"]
        assert stored.status == "ASSIGNED"
        again = server.api.post("/v1/bookings", order)
        assert (again.status, again.json["id"]) == (200, stored.id)

        wire.armed = True
        path = f"/v1/bookings/{stored.id}/cancel"
        assert server.api.post(path, {}).error["retryable"] is True
        assert wire.swallowed == 2
        assert server.api.post(path, {}).json["status"] == "CANCELLED"
    assert asyncio.run(half_written(clean_database)) == []
