"""100 parallel completions of a course's last session, and 100 parallel issues after it."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from muster.domain.bookings import Booking, ClassType, Student
from muster.domain.certificate_numbers import read_certificate_number
from muster.domain.sessions import SessionStatus
from muster.domain.zones import Zone
from muster.testing.examples import a_booking, a_purchase, a_zone, new_id, sessions_for, slots_for
from tests.conformance.test_postgres import opened, postgres_under_test

from .clients import Clients, Deployment
from .lawfulness import assert_lawful

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]


def all_but_the_last_completed(zone: Zone) -> Booking:
    """A course of 30 for three students; its last lesson is over, and nobody has said so yet."""
    began = datetime.now(UTC).date() - timedelta(days=40)
    students = tuple(Student(new_id(), name) for name in ("Asha", "Bela", "Chitra"))
    purchase = a_purchase(
        class_type=ClassType.HYBRID, total_sessions=30, students=students, start_date=began
    )
    trainer_id = new_id()
    *held, last = sessions_for(purchase, zone.time_zone, SessionStatus.COMPLETED, trainer_id)
    return a_booking(
        zone,
        purchase=purchase,
        trainer_id=trainer_id,
        sessions=(*held, replace(last, status=SessionStatus.SCHEDULED)),
    )


async def test_100_parallel_completions_and_issues(
    clients: Clients, deployment: Deployment
) -> None:
    zone = a_zone()
    booking = all_but_the_last_completed(zone)
    async with opened(deployment.database) as database:
        await postgres_under_test(database).keep(zone, booking, slots_for(booking))
    complete = f"/v1/sessions/{booking.sessions[-1].id}/complete"
    certificates = f"/v1/bookings/{booking.id}/certificates"
    early, _ = await clients.post(certificates, {})
    assert early == 409, "nothing is earned before the 30th"

    # Issues that come among the completions are refused or find what is there.
    answers = await asyncio.gather(
        *(clients.post(path, {}) for _ in range(100) for path in (complete, certificates))
    )

    completions, issues = answers[::2], answers[1::2]
    assert Counter(status for status, _ in completions) == {200: 100}
    assert {(body["status"], body["version"]) for _, body in completions} == {("COMPLETED", 2)}
    assert {status for status, _ in issues} <= {200, 409}
    again = await asyncio.gather(*(clients.post(certificates, {}) for _ in range(100)))
    assert Counter(status for status, _ in again) == {200: 100}
    (issued,) = {tuple(one["number"] for one in body["data"]) for _, body in again}
    assert len({read_certificate_number(number) for number in issued}) == 3
    shown = (await clients.get(certificates))["data"]
    assert Counter(one["studentId"] for one in shown) == {
        str(student.id): 1 for student in booking.purchase.students
    }
    states = await assert_lawful(deployment.database, str(zone.id), [str(booking.trainer_id)])
    assert states == {"COMPLETED": 30}
    history = (await clients.get(f"/v1/bookings/{booking.id}/history"))["data"]
    assert [entry["kind"] for entry in history] == ["PLACE", "COMPLETE"]
