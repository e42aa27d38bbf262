"""What becomes of single sessions over HTTP: held, missed, called off, taken back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.http.life_stage import BOOKINGS, Life, a_block, days, states, the
from tests.http.shapes import assert_certificate

COMMANDS: dict[str, Any] = {
    "complete": {},
    "no-show": {},
    "cancel": {},
    "void": {"reason": "Entered for the wrong child."},
    "restore": {},
    "reschedule": {"localDate": "2027-04-20", "localTime": "10:00"},
    "make-up": {"localDate": "2027-04-20", "localTime": "10:00"},
}

ALLOWED: dict[str, set[str]] = {
    "PLANNED": set(),
    "SCHEDULED": {"complete", "no-show", "cancel", "reschedule"},
    "STRANDED": {"cancel"},
    "COMPLETED": {"complete", "void", "restore"},
    "VOIDED": {"void", "restore"},
    "NO_SHOW": {"no-show", "make-up"},
    "CANCELLED": {"cancel", "make-up"},
    "REPLACED": set(),
}
"""The law's table of states, and what done once more changes nothing."""

WAYS: dict[str, list[str]] = {
    "SCHEDULED": [],
    "COMPLETED": ["complete"],
    "VOIDED": ["complete", "void"],
    "NO_SHOW": ["no-show"],
    "CANCELLED": ["cancel"],
    "REPLACED": ["no-show", "make-up"],
}


def in_state(life: Life, state: str) -> Any:
    """A session in a state; it has begun."""
    if state != "PLANNED":
        (trainer_id,) = life.staff({})
    session = life.book()["sessions"][0]
    if state == "STRANDED":
        life.do(f"/v1/trainers/{trainer_id}/blocks", a_block(days(0)), 201)
    life.at_start_of(session)
    for command in WAYS.get(state, ()):
        life.of_session(session, command, COMMANDS[command], 201 if command == "make-up" else 200)
    return session


@pytest.mark.parametrize("state", ALLOWED)
def test_the_law_says_what_each_state_allows(life: Life, state: str) -> None:
    session = in_state(life, state)
    for command in COMMANDS.keys() - ALLOWED[state]:
        path = f"/v1/sessions/{session['id']}/{command}"
        refused = life.refused(path, COMMANDS[command], 409, "ILLEGAL_STATE")
        assert state in refused.error["message"] or state == "PLANNED"


@pytest.mark.parametrize(
    ("way", "state", "kind"),
    [
        (["complete"], "COMPLETED", "COMPLETE"),
        (["no-show"], "NO_SHOW", "NO_SHOW"),
        (["cancel"], "CANCELLED", "CANCEL_SESSION"),
        (["complete", "void"], "VOIDED", "VOID"),
        (["complete", "void", "restore"], "COMPLETED", "RESTORE"),
    ],
)
def test_done_twice_is_done_once(life: Life, way: list[str], state: str, kind: str) -> None:
    session = in_state(life, "SCHEDULED")
    body = {"reason": "As the family says."}
    for command in way:
        shown = life.of_session(session, command, body)
    assert states(shown) == [state] + ["SCHEDULED"] * 9
    assert (shown["status"], shown["version"]) == ("ASSIGNED", 1 + len(way))
    assert life.booking(shown["id"]) == shown
    life.same_again(f"/v1/sessions/{session['id']}/{way[-1]}", body, shown)
    receipt = life.receipts(shown["id"])[-1]
    assert (receipt["kind"], receipt["reason"]) == (kind, body["reason"])
    assert (receipt["version"], receipt["status"]) == (shown["version"], "ASSIGNED")
    (change,) = receipt["sessions"]
    assert (change["sessionId"], change["after"]["status"]) == (session["id"], state)


@pytest.mark.parametrize("command", ["complete", "no-show"])
def test_not_before_it_begins(life: Life, command: str) -> None:
    life.staff({})
    first, second, *_ = life.book()["sessions"]
    life.at_start_of(first)
    life.refused(f"/v1/sessions/{second['id']}/{command}", {}, 409, "ILLEGAL_STATE")
    life.of_session(first, command)


@pytest.mark.parametrize("command", ["complete", "no-show", "cancel", "restore"])
def test_a_reason_is_not_needed(life: Life, command: str) -> None:
    session = in_state(life, "VOIDED" if command == "restore" else "SCHEDULED")
    life.of_session(session, command, None)


def test_a_cancelled_sessions_time_is_free_and_a_missed_ones_was_used(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    life.of_session(the(booking, 2), "cancel")
    life.at_start_of(the(booking, 1))
    life.of_session(the(booking, 1), "no-show")
    held = {slot["sessionId"] for slot in life.slots(trainer_id)}
    assert held == {one["id"] for one in booking["sessions"]} - {the(booking, 2)["id"]}


def test_a_booking_is_completed_with_its_last_session(life: Life) -> None:
    life.staff({})
    booking = life.book()
    life.after(booking["sessions"])
    *others, last = booking["sessions"]
    for session in others:
        assert life.of_session(session, "complete")["status"] == "ASSIGNED"
    assert life.of_session(last, "no-show")["status"] == "COMPLETED"
    reopened = {"localDate": "2027-04-20", "localTime": "10:00"}
    assert life.of_session(last, "make-up", reopened, 201)["status"] == "ASSIGNED"


def test_a_booking_whose_every_session_is_called_off_is_cancelled(life: Life) -> None:
    life.staff({})
    booking = life.book()
    for session in booking["sessions"]:
        shown = life.of_session(session, "cancel")
    assert shown["status"] == "CANCELLED"


def test_a_voided_completion_suspends_certificates_and_a_restored_one_lifts_that(
    life: Life,
) -> None:
    life.staff({})
    booking = life.book(totalSessions=30)
    life.after(booking["sessions"])
    for session in booking["sessions"]:
        life.of_session(session, "complete")
    path = f"{BOOKINGS}/{booking['id']}/certificates"
    life.do(path)

    def status() -> str:
        (one,) = life.api.get(path).json["data"]
        assert_certificate(one)
        return str(one["status"])

    assert status() == "VALID"
    life.of_session(booking["sessions"][7], "void", COMMANDS["void"])
    assert status() == "SUSPENDED"
    life.of_session(booking["sessions"][7], "restore")
    assert status() == "VALID"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_session_is_not_found(life: Life, command: str) -> None:
    life.refused(f"/v1/sessions/{uuid4()}/{command}", COMMANDS[command], 404, "NOT_FOUND")
    assert life.api.post(f"/v1/sessions/17/{command}", COMMANDS[command]).status == 400


@pytest.mark.parametrize(
    ("command", "body", "faults"),
    [
        ("complete", {"reason": 5, "cause": ""}, {"reason": "TYPE", "cause": "UNKNOWN"}),
        ("no-show", {"reason": "x" * 1001}, {"reason": "INVALID"}),
        ("void", {}, {"reason": "MISSING"}),
        ("void", {"reason": "  "}, {"reason": "INVALID"}),
        ("void", None, {}),
        ("reschedule", {}, {"localDate": "MISSING", "localTime": "MISSING"}),
        (
            "reschedule",
            {"localDate": "2027-02-30", "localTime": "24:00"},
            {"localDate": "INVALID", "localTime": "INVALID"},
        ),
        (
            "make-up",
            {"localDate": "2027-04-20", "localTime": "10:00", "trainerId": "17"},
            {"trainerId": "INVALID"},
        ),
    ],
)
def test_what_is_sent_is_read_strictly(
    life: Life, command: str, body: Any, faults: dict[str, str]
) -> None:
    life.staff({})
    session = life.book()["sessions"][0]
    path = f"/v1/sessions/{session['id']}/{command}"
    stored = life.digest()
    answer = life.api.post(path, body)
    assert (answer.status, life.digest()) == (400, stored)
    assert body is None or answer.faults() == faults
