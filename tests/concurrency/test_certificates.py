"""100 parallel issues over two server processes: one certificate for each student.

"A background job ... issues one certificate for each student, exactly once however often and
however parallel it runs."
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from muster.domain.certificate_numbers import read_certificate_number
from muster.testing.example_certificates import a_completed_booking
from muster.testing.examples import a_zone
from tests.conformance.test_postgres import opened, postgres_under_test

from .clients import Clients, Deployment

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]


async def test_100_parallel_issues(clients: Clients, deployment: Deployment) -> None:
    zone = a_zone()
    booking = a_completed_booking(zone, "Asha", "Bela", "Chitra")
    async with opened(deployment.database) as database:
        await postgres_under_test(database).keep(zone, booking)

        path = f"/v1/bookings/{booking.id}/certificates"
        answers = await asyncio.gather(*(clients.post(path, {}) for _ in range(100)))

        rows = await database.fetch(
            "SELECT number, student_id FROM certificates WHERE booking_id = $1", booking.id
        )
        events = await database.fetch(
            "SELECT FROM outbox_events"
            " WHERE event = 'CertificateIssued' AND payload ->> 'booking_id' = $1",
            str(booking.id),
        )
    assert Counter(status for status, _ in answers) == {200: 100}
    assert Counter(row["student_id"] for row in rows) == {
        student.id: 1 for student in booking.purchase.students
    }
    assert len({read_certificate_number(row["number"]) for row in rows}) == 3
    assert len(events) == 3, "what was issued once is told once"
    issued = {tuple(one["number"] for one in body["data"]) for _, body in answers}
    assert issued == {tuple(one["number"] for one in answers[0][1]["data"])}


async def test_100_parallel_reissues(clients: Clients, deployment: Deployment) -> None:
    """A certificate is issued anew once; whoever comes later is refused."""
    zone = a_zone()
    booking = a_completed_booking(zone)
    async with opened(deployment.database) as database:
        await postgres_under_test(database).keep(zone, booking)
    _, body = await clients.post(f"/v1/bookings/{booking.id}/certificates", {})
    path = f"/v1/certificates/{body['data'][0]['number']}"

    answers = await asyncio.gather(
        *(
            clients.post(f"{path}/{turn}", {"reason": "At once."})
            for _ in range(50)
            for turn in ("reissue", "revoke")
        )
    )

    reissued = Counter(status for status, _ in answers[::2])
    assert reissued == {201: 1, 409: 49}
    shown = await clients.get(f"/v1/bookings/{booking.id}/certificates")
    old, new = sorted(shown["data"], key=lambda one: one["supersedes"] is not None)
    assert (old["supersededBy"], new["supersedes"]) == (new["id"], old["id"])
    assert (old["status"], new["status"]) in {("SUPERSEDED", "VALID"), ("REVOKED", "VALID")}
    revoked = Counter(status for status, _ in answers[1::2])
    assert revoked == ({409: 50} if old["status"] == "SUPERSEDED" else {200: 50})
