"""New times over HTTP: a session moved with its slot, a missed one made up for."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from muster.domain.trainers import Leave
from tests.http.life_stage import FIRST_DAY, Life, states, the
from tests.http.orders import a_zone

LATER = {"localDate": "2027-04-20", "localTime": "10:30"}


def move(session: Any) -> str:
    return f"/v1/sessions/{session['id']}/reschedule"


def make_up(session: Any) -> str:
    return f"/v1/sessions/{session['id']}/make-up"


def missed(life: Life, booking: Any, number: int = 1) -> Any:
    """A session to which nobody came; its trainer would have been there."""
    session = the(booking, number)
    life.at_start_of(session)
    life.of_session(session, "no-show")
    return session


def test_a_slot_moves_with_its_session(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book(classType="HYBRID", totalSessions=30)
    session = the(booking, 8)
    assert session["movable"]
    shown = life.of_session(session, "reschedule", LATER)
    assert (shown["status"], shown["version"]) == ("ASSIGNED", 2)
    assert the(shown, 8) == session | LATER | {
        "startsAt": "2027-04-20T05:00:00Z",
        "endsAt": "2027-04-20T05:40:00Z",
    }
    (slot,) = (one for one in life.slots(trainer_id) if one["sessionId"] == session["id"])
    assert (slot["localDate"], slot["timeslot"]) == ("2027-04-20", "10:30")
    life.same_again(move(session), LATER, shown)
    receipt = life.receipts(booking["id"])[-1]
    assert (receipt["kind"], receipt["chosen"]) == ("RESCHEDULE", trainer_id)


def test_the_old_time_is_free_for_another_booking(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    for session in booking["sessions"]:
        on_that_day = {"localDate": session["localDate"], "localTime": "09:20"}
        life.of_session(session, "reschedule", on_that_day)
    assert life.book(preferredTimeSlot="08:40")["trainerId"] == trainer_id
    assert life.book(preferredTimeSlot="09:00")["status"] == "WAITLISTED"


def test_a_skipped_time_is_adjusted_and_says_so(life: Life) -> None:
    life.zone = life.api.created("/v1/zones", a_zone(timeZone="America/New_York", priority=1))
    life.staff({})
    session = life.book()["sessions"][0]
    gap = {"localDate": "2027-03-14", "localTime": "02:30"}
    after = the(life.of_session(session, "reschedule", gap), 1)
    assert (after["localTime"], after["startsAt"]) == ("03:30", "2027-03-14T07:30:00Z")
    assert after["timeAdjusted"]


NOT_ALLOWED: list[tuple[str, str, dict[str, str]]] = [
    ("2027-03-01", "05:29", {"localDate": "START_IN_PAST"}),
    ("2028-03-02", "09:00", {"localDate": "START_TOO_FAR"}),
    ("2027-04-20", "23:21", {"localTime": "SESSION_CROSSES_MIDNIGHT"}),
    (
        "2027-02-20",
        "23:59",
        {"localDate": "START_IN_PAST", "localTime": "SESSION_CROSSES_MIDNIGHT"},
    ),
    ("0001-01-01", "09:00", {"localDate": "START_IN_PAST"}),
    ("9999-12-31", "09:00", {"localDate": "START_TOO_FAR"}),
]


@pytest.mark.parametrize(("day", "time", "faults"), NOT_ALLOWED)
@pytest.mark.parametrize("path", [move, make_up])
def test_a_time_that_cannot_be_is_refused_with_every_reason(
    life: Life, path: Any, day: str, time: str, faults: dict[str, str]
) -> None:
    life.staff({})
    session = life.book()["sessions"][0]
    if path is make_up:
        life.of_session(session, "cancel")
    wanted = {"localDate": day, "localTime": time}
    refused = life.refused(path(session), wanted, 422, "TIME_NOT_ALLOWED")
    assert refused.faults() == faults


@pytest.mark.parametrize(
    ("day", "time"), [("2027-03-01", "05:30"), ("2028-03-01", "23:20"), ("2027-03-03", "00:00")]
)
def test_the_bounds_of_time_are_allowed(life: Life, day: str, time: str) -> None:
    life.staff({})
    session = life.book()["sessions"][0]
    life.of_session(session, "reschedule", {"localDate": day, "localTime": time})


def test_a_move_into_claimed_time_is_refused(life: Life) -> None:
    life.staff({})
    booking = life.book()
    first, second, *_ = booking["sessions"]
    for time in ("08:21", "09:00", "09:39"):
        wanted = {"localDate": second["localDate"], "localTime": time}
        life.refused(move(first), wanted, 409, "SLOT_TAKEN")
    touching = {"localDate": second["localDate"], "localTime": "08:20"}
    life.of_session(first, "reschedule", touching)


def test_a_session_may_be_moved_into_part_of_its_own_time(life: Life) -> None:
    life.staff({})
    session = life.book()["sessions"][0]
    wanted = {"localDate": session["localDate"], "localTime": "09:10"}
    life.of_session(session, "reschedule", wanted)


def test_a_trainer_who_may_not_is_refused_with_the_rules(life: Life) -> None:
    life.staff({"leave": (Leave(FIRST_DAY.replace(month=4), FIRST_DAY.replace(month=5)),)})
    session = life.book()["sessions"][0]
    refused = life.refused(move(session), LATER, 409, "TRAINER_NOT_ELIGIBLE")
    assert refused.faults() == {"trainerId": "ON_LEAVE"}
    life.sandbox.roster.replace([])
    refused = life.refused(move(session), LATER, 409, "TRAINER_NOT_ELIGIBLE")
    assert refused.faults() == {"trainerId": "NOT_A_CANDIDATE"}


@pytest.mark.parametrize("was_missed", [True, False])
def test_a_make_up_takes_the_number_of_a_missed_session(life: Life, was_missed: bool) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    session = the(booking, 3)
    if was_missed:
        missed(life, booking, 3)
    else:
        life.of_session(session, "cancel")
    shown = life.of_session(session, "make-up", LATER, 201)
    assert states(shown).count("REPLACED") == 1
    made_up = the(shown, 3)
    assert made_up["id"] != session["id"]
    assert {name: made_up[name] for name in ("status", "trainerId", *LATER)} == {
        "status": "SCHEDULED",
        "trainerId": trainer_id,
        **LATER,
    }
    held = {slot["sessionId"] for slot in life.slots(trainer_id)}
    assert made_up["id"] in held
    # The time of a no-show was used, that of a cancelled session was given back.
    assert (session["id"] in held) is was_missed
    life.refused(make_up(session), LATER, 409, "ILLEGAL_STATE")
    change, new = sorted(
        life.receipts(booking["id"])[-1]["sessions"], key=lambda one: one["before"] is None
    )
    assert (change["sessionId"], change["after"]["status"]) == (session["id"], "REPLACED")
    assert (new["sessionId"], new["before"]) == (made_up["id"], None)


def test_a_make_up_is_for_the_bookings_own_trainer_if_nobody_is_named(life: Life) -> None:
    trainers = life.staff({}, {}, {})
    booking = life.book(preferredTrainerId=trainers[1])
    session = missed(life, booking)
    own = life.of_session(session, "make-up", LATER, 201)
    assert the(own, 1)["trainerId"] == trainers[1]
    other = missed(life, booking, 2)
    wanted = LATER | {"localTime": "15:00", "trainerId": trainers[2]}
    named = life.of_session(other, "make-up", wanted, 201)
    assert the(named, 2)["trainerId"] == trainers[2]
    assert named["trainerId"] == trainers[1]


def test_a_make_up_that_nobody_can_give_is_refused(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    session = missed(life, booking)
    taken = {"localDate": the(booking, 2)["localDate"], "localTime": "09:00"}
    life.refused(make_up(session), taken, 409, "NO_TRAINER_FREE")
    named = taken | {"trainerId": trainer_id}
    life.refused(make_up(session), named, 409, "SLOT_TAKEN")
    stranger = LATER | {"trainerId": str(uuid4())}
    refused = life.refused(make_up(session), stranger, 409, "TRAINER_NOT_ELIGIBLE")
    assert refused.faults() == {"trainerId": "NOT_A_CANDIDATE"}
    life.sandbox.roster.replace([])
    life.refused(make_up(session), LATER, 409, "NO_TRAINER_FREE")


def test_nothing_of_a_cancelled_booking_is_made_up(life: Life) -> None:
    life.staff({})
    booking = life.book()
    life.do(f"/v1/bookings/{booking['id']}/cancel")
    life.refused(make_up(booking["sessions"][0]), LATER, 409, "ILLEGAL_STATE")
