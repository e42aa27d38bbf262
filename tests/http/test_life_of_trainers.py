"""Other trainers over HTTP: handing over, swapping, offering what is stranded, cancelling."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from muster.domain.trainers import Leave
from tests.http.life_stage import (
    BOOKINGS,
    FIRST_DAY,
    Life,
    a_block,
    days,
    in_order,
    states,
    teachers,
    the,
    what_was_done,
)
from tests.http.orders import FAR_AWAY
from tests.http.shapes import assert_booking, assert_impact, assert_listing


def path_of(booking: Any, command: str) -> str:
    return f"{BOOKINGS}/{booking['id']}/{command}"


def test_all_that_remains_goes_to_the_best_other_trainer_as_previewed(life: Life) -> None:
    first, second, _ = life.staff({}, {}, {})
    booking = life.book()
    assert booking["trainerId"] == first
    life.at_start_of(the(booking, 3))
    preview = life.preview(path_of(booking, "reassign/preview"), {})
    assert_impact(preview)
    assert (preview["sessions"], preview["bookings"], preview["students"]) == (7, 1, 1)
    shown = life.do(path_of(booking, "reassign"), {"reason": "The trainer moves away."})
    assert_booking(shown)
    assert teachers(shown) == [first] * 3 + [second] * 7
    assert (shown["trainerId"], shown["version"]) == (first, 2)
    assert what_was_done(life, [booking]) == preview["moves"]
    assert len(life.slots(first)) == 3
    assert len(life.slots(second)) == 7


def test_who_teaches_all_that_is_open_is_the_bookings_trainer(life: Life) -> None:
    _, second = life.staff({}, {})
    booking = life.book()
    shown = life.do(path_of(booking, "reassign"), {})
    assert (shown["trainerId"], set(teachers(shown))) == (second, {second})
    receipt = life.receipts(booking["id"])[-1]
    assert (receipt["kind"], receipt["chosen"]) == ("REASSIGN", second)
    assert shown["receiptId"] == receipt["id"]


def test_one_session_goes_to_somebody_named(life: Life) -> None:
    first, _, third = life.staff({}, {}, {})
    booking = life.book()
    wanted = {"sessionId": the(booking, 4)["id"], "trainerId": third}
    preview = life.preview(path_of(booking, "reassign/preview"), wanted)
    shown = life.do(path_of(booking, "reassign"), wanted)
    assert teachers(shown) == [first] * 3 + [third] + [first] * 6
    assert shown["trainerId"] == first
    assert what_was_done(life, [booking]) == preview["moves"]
    life.same_again(path_of(booking, "reassign"), wanted, shown)
    nothing = life.preview(path_of(booking, "reassign/preview"), wanted)
    assert nothing == {"sessions": 0, "bookings": 0, "students": 0, "moves": []}


def refused_alike(life: Life, booking: Any, body: Any, status: int, code: str) -> dict[str, str]:
    """A command and its preview are refused for the same reasons."""
    refused = life.refused(path_of(booking, "reassign"), body, status, code)
    preview = life.refused(path_of(booking, "reassign/preview"), body, status, code)
    faults = refused.faults() if "details" in refused.error else {}
    assert faults == (preview.faults() if "details" in preview.error else {})
    return faults


def test_handing_over_is_refused_for_a_reason(life: Life) -> None:
    (first,) = life.staff({})
    (away,) = life.staff({"leave": (Leave(FIRST_DAY, FIRST_DAY),)})
    booking = life.book()
    assert booking["trainerId"] == first
    refused_alike(life, booking, {}, 409, "NO_TRAINER_FREE")
    assert refused_alike(life, booking, {"trainerId": away}, 409, "TRAINER_NOT_ELIGIBLE") == {
        "trainerId": "ON_LEAVE"
    }
    stranger = {"trainerId": str(uuid4())}
    assert refused_alike(life, booking, stranger, 409, "TRAINER_NOT_ELIGIBLE") == {
        "trainerId": "NOT_A_CANDIDATE"
    }
    assert refused_alike(life, booking, {"sessionId": str(uuid4())}, 400, "VALIDATION_FAILED") == {
        "sessionId": "NOT_OF_BOOKING"
    }
    assert refused_alike(life, booking, {"trainer": "x"}, 400, "VALIDATION_FAILED") == {
        "trainer": "UNKNOWN"
    }
    life.at_start_of(the(booking, 10))
    refused_alike(life, booking, {}, 409, "ILLEGAL_STATE")


def test_a_trainer_whose_time_is_claimed_cannot_take_over(life: Life) -> None:
    _, second = life.staff({}, {})
    booking = life.book()
    overlapping = life.book(preferredTimeSlot="09:20", preferredTrainerId=second)
    assert overlapping["trainerId"] == second
    refused_alike(life, booking, {"trainerId": second}, 409, "SLOT_TAKEN")
    refused_alike(life, booking, {}, 409, "NO_TRAINER_FREE")


def test_what_waits_or_is_not_served_has_nobody_to_hand_over(life: Life) -> None:
    waiting = life.book()
    assert waiting["status"] == "WAITLISTED"
    unserved = life.book(studentLocation=FAR_AWAY)
    life.staff({})
    other = life.book()
    for booking in (waiting, unserved):
        refused_alike(life, booking, {}, 409, "ILLEGAL_STATE")
        swap = {"otherBookingId": other["id"]}
        life.refused(path_of(booking, "swap"), swap, 409, "ILLEGAL_STATE")


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("reassign", {}),
        ("reassign/preview", {}),
        ("cancel/preview", {}),
        ("swap", {"otherBookingId": str(uuid4())}),
        ("offer", {}),
        ("retry", {}),
        ("history", None),
    ],
)
def test_an_unknown_booking_is_not_found(life: Life, command: str, body: Any) -> None:
    path = f"{BOOKINGS}/{uuid4()}/{command}"
    answer = life.api.get(path) if body is None else life.api.post(path, body)
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


def test_cancelling_does_what_was_previewed(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    life.at_start_of(the(booking, 2))
    life.of_session(the(booking, 1), "complete")
    life.of_session(the(booking, 2), "no-show")
    before = life.of_session(the(booking, 3), "cancel")
    preview = life.preview(path_of(booking, "cancel/preview"))
    assert_impact(preview)
    assert (preview["sessions"], preview["bookings"], preview["students"]) == (7, 1, 1)
    shown = life.do(path_of(booking, "cancel"), {"reason": "The family moves away."})
    assert (shown["status"], states(shown)) == (
        "CANCELLED",
        ["COMPLETED", "NO_SHOW"] + ["CANCELLED"] * 8,
    )
    assert what_was_done(life, [before]) == preview["moves"]
    assert len(life.slots(trainer_id)) == 2
    life.same_again(path_of(booking, "cancel"), {}, shown)
    assert life.preview(path_of(booking, "cancel/preview"), {})["sessions"] == 0


def test_what_is_completed_is_not_cancelled(life: Life) -> None:
    life.staff({})
    booking = life.book()
    life.after(booking["sessions"])
    for session in booking["sessions"]:
        life.of_session(session, "complete")
    for command in ("cancel", "cancel/preview"):
        life.refused(path_of(booking, command), {}, 409, "ILLEGAL_STATE")


def test_trainers_are_swapped_and_swapped_back(life: Life) -> None:
    first, second = life.staff({}, {})
    one = life.book(preferredTrainerId=first)
    other = life.book(preferredTrainerId=second)
    wanted = {"otherBookingId": other["id"], "reason": "Shorter ways."}
    answer = life.do(path_of(one, "swap"), wanted)
    assert_listing(answer)
    assert [booking["id"] for booking in answer["data"]] == [one["id"], other["id"]]
    assert [booking["trainerId"] for booking in answer["data"]] == [second, first]
    assert [set(teachers(booking)) for booking in answer["data"]] == [{second}, {first}]
    for booking in (one, other):
        receipt = life.receipts(booking["id"])[-1]
        assert (receipt["kind"], receipt["reason"]) == ("SWAP", "Shorter ways.")
    back = life.do(path_of(other, "swap"), {"otherBookingId": one["id"]})["data"]
    assert [booking["trainerId"] for booking in back] == [second, first]


def test_two_bookings_of_one_trainer_are_swapped_already(life: Life) -> None:
    life.staff({})
    one, other = life.book(), life.book(preferredTimeSlot="11:00")
    life.same_again(
        path_of(one, "swap"),
        {"otherBookingId": other["id"]},
        {"data": [one, other], "page": {"nextCursor": None, "limit": 200}},
    )


def test_a_swap_is_both_or_neither(life: Life) -> None:
    first, second = life.staff({}, {})
    one = life.book(preferredTrainerId=first)
    other = life.book(preferredTrainerId=second, preferredTimeSlot="11:00")
    between = life.book(preferredTrainerId=second, preferredTimeSlot="09:20")
    for left, right in ((one, other), (other, one)):
        swap = {"otherBookingId": right["id"]}
        life.refused(path_of(left, "swap"), swap, 409, "SLOT_TAKEN")
    life.do(path_of(between, "cancel"))
    averse = life.book(excludedTrainerIds=[first], preferredTimeSlot="13:00")
    assert averse["trainerId"] == second
    for left, right in ((one, averse), (averse, one)):
        swap = {"otherBookingId": right["id"]}
        refused = life.refused(path_of(left, "swap"), swap, 409, "TRAINER_NOT_ELIGIBLE")
        assert refused.faults() == {"trainerId": "EXCLUDED"}


def test_a_swap_needs_another_booking_that_is_there(life: Life) -> None:
    life.staff({})
    booking = life.book()
    path = path_of(booking, "swap")
    itself = life.refused(path, {"otherBookingId": booking["id"]}, 400, "VALIDATION_FAILED")
    assert itself.faults() == {"otherBookingId": "SAME_BOOKING"}
    life.refused(path, {"otherBookingId": str(uuid4())}, 404, "NOT_FOUND")
    missing = life.refused(path, {}, 400, "VALIDATION_FAILED")
    assert missing.faults() == {"otherBookingId": "MISSING"}


def test_a_booking_with_two_trainers_is_not_swapped(life: Life) -> None:
    first, second, third = life.staff({}, {}, {})
    one, other = life.book(), life.book(preferredTrainerId=second)
    life.do(path_of(one, "reassign"), {"sessionId": the(one, 2)["id"], "trainerId": third})
    assert one["trainerId"] == first
    life.refused(path_of(one, "swap"), {"otherBookingId": other["id"]}, 409, "ILLEGAL_STATE")


def test_one_trainer_takes_all_that_is_stranded_if_any_can(life: Life) -> None:
    first, second = life.staff({}, {})
    booking = life.book()
    life.do(f"/v1/trainers/{first}/blocks", a_block(days(1, 3)), 201)
    shown = life.do(path_of(booking, "offer"), {})
    assert_booking(shown)
    assert teachers(shown) == [first] + [second] * 3 + [first] * 6
    assert (set(states(shown)), shown["trainerId"]) == ({"SCHEDULED"}, first)
    life.same_again(path_of(booking, "offer"), None, shown)


def test_as_few_trainers_as_will_do_share_what_none_can_take_alone(life: Life) -> None:
    first, *_ = life.staff({})
    (early,) = life.staff({"leave": (Leave(FIRST_DAY.replace(day=7), FIRST_DAY.replace(day=20)),)})
    (late,) = life.staff({"leave": (Leave(FIRST_DAY, FIRST_DAY.replace(day=6)),)})
    booking = life.book()
    assert booking["trainerId"] == first
    before = life.do(f"/v1/trainers/{first}/blocks", a_block(days(0, 9)), 201)
    assert len(before["stranded"]) == 10
    shown = life.do(path_of(booking, "offer"), {})
    assert teachers(shown) == [early] * 4 + [late] * 6
    kinds = [receipt["kind"] for receipt in life.receipts(booking["id"])]
    assert kinds == ["PLACE", "STRAND", "REASSIGN", "REASSIGN"]


def test_whom_nobody_can_take_stays_stranded(life: Life) -> None:
    (only,) = life.staff({})
    booking = life.book()
    life.do(f"/v1/trainers/{only}/blocks", a_block(days(0, 1)), 201)
    stranded = life.booking(booking["id"])
    life.same_again(path_of(booking, "offer"), {}, stranded)
    assert states(stranded) == ["STRANDED"] * 2 + ["SCHEDULED"] * 8
    refused = life.api.post(path_of(booking, "offer"), {"to": only})
    assert (refused.status, refused.faults()) == (400, {"to": "UNKNOWN"})


def test_a_preview_tells_sessions_in_order_of_time(life: Life) -> None:
    life.staff({}, {})
    booking = life.book()
    later = {"localDate": "2027-04-20", "localTime": "10:30"}
    life.of_session(the(booking, 1), "reschedule", later)
    preview = life.preview(path_of(booking, "reassign/preview"), {})
    assert [move["number"] for move in preview["moves"]] == [*range(2, 11), 1]
    assert in_order(preview["moves"]) == preview["moves"]
