"""What is answered while the trainer service cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import a_booking, a_zone
from tests.http.server_under_test import serving
from tests.http.shapes import assert_booking, assert_preview

BOOKINGS = "/v1/bookings"


@pytest.fixture(scope="module")
def module_api(database_url: str) -> Iterator[Api]:
    # Nothing listens on port 1.
    with serving(database_url, TRAINER_SERVICE_URL="http://127.0.0.1:1") as server:
        yield server.api


@pytest.fixture
def api(module_api: Api, clean_database: str) -> Api:
    module_api.created("/v1/zones", a_zone())
    return module_api


def test_a_booking_is_pending(api: Api) -> None:
    answer = api.post(BOOKINGS, a_booking())
    assert answer.status == 202, answer
    shown = answer.json
    assert_booking(shown)
    assert (shown["status"], shown["trainerId"], shown["receiptId"]) == ("PENDING", None, None)
    assert len(shown["sessions"]) == 10
    assert {one["status"] for one in shown["sessions"]} == {"PLANNED"}
    assert api.get(f"{BOOKINGS}/{shown['id']}/receipts").json["data"] == []


def test_the_same_reference_answers_200(api: Api) -> None:
    wanted = a_booking(bookingReference=str(uuid4()))
    first = api.post(BOOKINGS, wanted)
    again = api.post(BOOKINGS, wanted)
    assert (first.status, again.status) == (202, 200)
    assert again.json == first.json


def test_a_preview_says_pending(api: Api) -> None:
    answer = api.post(f"{BOOKINGS}/preview", a_booking())
    assert answer.status == 200, answer
    assert_preview(answer.json)
    assert (answer.json["status"], answer.json["directory"]) == ("PENDING", None)
    assert answer.json["candidates"] == []


def test_ready_is_degraded(api: Api) -> None:
    answer = api.get("/ready")
    assert (answer.status, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["trainerService"]["status"] == "down"
