"""The whole story of a booking over HTTP, and what becomes of one that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from muster.testing.clock import FakeClock
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from muster_trainer_http.sandbox.faults import NO_FAULTS, Faults
from tests.http.life_stage import BEGIN, BOOKINGS, Life, a_block, days, states, teachers, the
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.orders import FAR_AWAY, a_booking
from tests.http.server_under_test import serving

LATER = {"localDate": "2027-04-20", "localTime": "10:30"}
MARKED = ("status", "trainerId", "localDate", "localTime", "timeZone", "startsAt")


def mark(session: Any) -> dict[str, Any]:
    return {name: session[name] for name in MARKED}


def retold(placed: Any, history: list[Any]) -> dict[str, Any]:
    """The sessions as the story tells them, every change fitting the one before."""
    told = {session["id"]: mark(session) for session in placed["sessions"]}
    for entry in history[1:]:
        for change in entry["sessions"]:
            assert told.get(change["sessionId"]) == change["before"], entry
            told[change["sessionId"]] = change["after"]
    return told


def test_the_history_tells_the_whole_story(life: Life) -> None:
    first, second, third = life.staff({}, {}, {})
    placed = life.book()
    id_ = placed["id"]
    other = life.book(preferredTimeSlot="13:00", preferredTrainerId=third)
    life.do(f"{BOOKINGS}/{id_}/reassign", {"trainerId": second, "reason": "Asked for."})
    life.do(f"{BOOKINGS}/{id_}/swap", {"otherBookingId": other["id"]})
    life.of_session(the(placed, 10), "reschedule", LATER)
    life.do(f"/v1/trainers/{third}/blocks", a_block(days(3, 4), reason="Abroad."), 201)
    life.do(f"{BOOKINGS}/{id_}/offer", {})
    life.of_session(the(placed, 9), "cancel", {"reason": "A feast."})
    life.at_start_of(the(placed, 2))
    life.of_session(the(placed, 1), "complete")
    life.of_session(the(placed, 1), "void", {"reason": "The wrong child."})
    life.of_session(the(placed, 1), "restore")
    life.of_session(the(placed, 2), "no-show")
    life.of_session(the(placed, 2), "make-up", LATER | {"localTime": "15:00"}, 201)
    last = life.do(f"{BOOKINGS}/{id_}/cancel", {"reason": "They move away."})

    history = life.history(id_)
    assert [(entry["kind"], entry.get("reason")) for entry in history] == [
        ("PLACE", None),
        ("REASSIGN", "Asked for."),
        ("SWAP", None),
        ("RESCHEDULE", None),
        ("STRAND", "Abroad."),
        ("REASSIGN", None),
        ("CANCEL_SESSION", "A feast."),
        ("COMPLETE", None),
        ("VOID", "The wrong child."),
        ("RESTORE", None),
        ("NO_SHOW", None),
        ("MAKE_UP", None),
        ("CANCEL", "They move away."),
    ]
    assert [entry["status"] for entry in history] == ["ASSIGNED"] * 12 + ["CANCELLED"]
    assert history[-1]["version"] == last["version"]
    assert [entry["chosen"] for entry in history[:4]] == [first, second, third, third]
    assert retold(placed, history) == {one["id"]: mark(one) for one in last["sessions"]}
    receipts = life.receipts(id_)
    assert [receipt["id"] for receipt in receipts] == [one["receiptId"] for one in history]
    for receipt, entry in zip(receipts, history, strict=True):
        assert [receipt[name] for name in ("version", "status", "sessions")] == [
            entry[name] for name in ("version", "status", "sessions")
        ]


def test_a_booking_that_no_zone_serves_has_a_short_story(life: Life) -> None:
    booking = life.book(studentLocation=FAR_AWAY)
    (only,) = life.history(booking["id"])
    assert (only["kind"], only["status"]) == ("PLACE", "SERVICE_NOT_AVAILABLE")
    assert (only["chosen"], only["receiptId"], only["sessions"]) == (None, None, [])
    life.same_again(f"{BOOKINGS}/{booking['id']}/retry", {}, booking)


def test_a_waitlisted_booking_is_promoted_or_waits_on(life: Life) -> None:
    booking = life.book()
    path = f"{BOOKINGS}/{booking['id']}/retry"
    shown = life.do(path, {})
    assert (shown["status"], shown["version"]) == ("WAITLISTED", 1)
    stored = life.digest()
    life.do(path)
    assert life.digest() == stored
    (trainer_id,) = life.staff({})
    promoted = life.do(path)
    assert (promoted["status"], promoted["version"]) == ("ASSIGNED", 2)
    assert set(teachers(promoted)) == {trainer_id}
    life.same_again(path, {}, promoted)
    kinds = [(entry["kind"], entry["status"]) for entry in life.history(booking["id"])]
    assert kinds == [("PLACE", "WAITLISTED"), ("PROMOTE", "ASSIGNED")]


def test_who_could_no_longer_begin_expires(life: Life) -> None:
    booking = life.book()
    path = f"{BOOKINGS}/{booking['id']}/retry"
    life.staff({})
    life.at_start_of(the(booking, 1))
    life.clock.advance(timedelta(microseconds=1))
    expired = life.do(path)
    assert (expired["status"], expired["version"]) == ("EXPIRED", 2)
    assert set(states(expired)) == {"CANCELLED"}
    life.same_again(path, {}, expired)
    assert life.history(booking["id"])[-1]["kind"] == "EXPIRE"
    assert "waitlistPosition" not in life.booking(booking["id"])
    life.refused(f"{BOOKINGS}/{booking['id']}/cancel", {}, 409, "ILLEGAL_STATE")


def test_a_cancelled_booking_is_not_tried_again(life: Life) -> None:
    booking = life.book()
    cancelled = life.do(f"{BOOKINGS}/{booking['id']}/cancel")
    life.staff({})
    life.same_again(f"{BOOKINGS}/{booking['id']}/retry", {}, cancelled)


@pytest.fixture
def unheard(clean_database: str) -> Iterator[Life]:
    """A stage whose trainer service is away, with breaker and all of its own."""
    clock = FakeClock(BEGIN)
    plugins = [PostgresPlugin, TrainerHttpPlugin, plugin_of(clock)]
    settings = {
        "MUSTER_PLUGINS__PORTS": CHOICE,
        "MUSTER_TRAINER_HTTP__RETRY_SECONDS": "0.01",
        "MUSTER_TRAINER_HTTP__BREAKER_SECONDS": "60",
    }
    with serving(clean_database, plugins, **settings) as server:
        yield Life(server, clean_database, clock)


def test_while_nobody_can_be_asked_nothing_is_decided(unheard: Life) -> None:
    life = unheard
    life.sandbox.faults = Faults(status=503)
    wanted = a_booking(courseId=life.course_id, startDate="2027-03-03")
    pending = life.do(BOOKINGS, wanted, 202)
    assert pending["status"] == "PENDING"
    retry = f"{BOOKINGS}/{pending['id']}/retry"
    life.same_again(retry, {}, pending)

    life.sandbox.faults = NO_FAULTS
    first, second = life.staff({}, {})
    life.clock.set(BEGIN.replace(hour=1))
    placed = life.do(retry)
    assert (placed["status"], placed["version"]) == ("ASSIGNED", 2)
    told = [(one["kind"], one["status"], one["chosen"]) for one in life.history(pending["id"])]
    assert told == [("PLACE", "PENDING", None), ("PLACE", "ASSIGNED", first)]

    blocked = life.do(f"/v1/trainers/{first}/blocks", a_block(days(0)), 201)
    assert len(blocked["stranded"]) == 1
    life.sandbox.faults = Faults(status=503)
    # Nor is what was remembered of the trainers good for ever.
    life.clock.set(BEGIN.replace(day=2))
    booking = f"{BOOKINGS}/{pending['id']}"
    session = f"/v1/sessions/{the(placed, 5)['id']}"
    for path, body in (
        (f"{booking}/reassign", {}),
        (f"{booking}/reassign/preview", {"trainerId": second}),
        (f"{booking}/offer", {}),
        (f"{session}/reschedule", LATER),
    ):
        life.refused(path, body, 503, "DEPENDENCY_UNAVAILABLE")
    preview = life.preview(f"/v1/trainers/{first}/blocks/preview", a_block(days(3, 4)))
    assert preview["unknown"] == [pending["id"]]
    assert {move["after"]["status"] for move in preview["moves"]} == {"STRANDED"}
    life.of_session(the(placed, 9), "cancel")
