"""Things that are there, so that not every answer to a generated request is a 404."""

from __future__ import annotations

from muster_trainer_http.sandbox import Sandbox
from tests.http.api import Api
from tests.http.orders import CENTRE, a_booking, a_franchise, a_trainer_for, a_zone, in_days


def ids_of_things(api: Api, sandbox: Sandbox) -> dict[str, str]:
    """Make one thing of each kind; their ids by the names that path parameters have."""
    zone = api.created("/v1/zones", a_zone())
    wanted = a_booking(studentLocation=CENTRE)
    sandbox.roster.add([a_trainer_for(zone, wanted["courseId"]) for _ in range(2)])
    booking = api.created("/v1/bookings", wanted)
    leave = {"fromDate": in_days(30), "toDate": in_days(31)}
    blocked = api.created(
        f"/v1/trainers/{booking['trainerId']}/blocks",
        {"timeZone": "Asia/Kolkata", "periods": [leave]},
    )
    return {
        "franchiseId": api.created("/v1/franchises", a_franchise())["id"],
        "zoneId": zone["id"],
        "bookingId": booking["id"],
        "sessionId": booking["sessions"][2]["id"],
        "trainerId": booking["trainerId"],
        "blockId": blocked["block"]["id"],
        "number": "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z",
    }
