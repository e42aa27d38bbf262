"""Leave over HTTP: blocked, previewed, listed, let go, and what it strands offered to others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.http.life_stage import (
    BOOKINGS,
    FIRST_DAY,
    Life,
    a_block,
    days,
    states,
    teachers,
    the,
    what_was_done,
)
from tests.http.shapes import (
    BLOCK_PREVIEW,
    assert_block,
    assert_blocked,
    assert_impact,
    assert_listing,
)


def blocks_of(trainer_id: str) -> str:
    return f"/v1/trainers/{trainer_id}/blocks"


def block(life: Life, trainer_id: str, wanted: Any) -> Any:
    blocked = life.do(blocks_of(trainer_id), wanted, 201)
    assert_blocked(blocked)
    return blocked


def offer_all(life: Life, blocked: Any) -> None:
    """Offer what was stranded, whoever is needed soonest first."""
    for booking_id in dict.fromkeys(one["bookingId"] for one in blocked["stranded"]):
        life.do(f"{BOOKINGS}/{booking_id}/offer", {})


def test_several_weeks_are_blocked_in_one_call(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book(totalSessions=30)
    wanted = a_block(days(0, 6), days(14, 20), days(21, 27, fromTime="09:30"), reason="Abroad.")
    blocked = block(life, trainer_id, wanted)
    numbers = [*range(1, 8), *range(15, 29)]
    assert [one["session"]["number"] for one in blocked["stranded"]] == numbers
    assert {one["bookingId"] for one in blocked["stranded"]} == {booking["id"]}
    after = life.booking(booking["id"])
    assert [one["session"] for one in blocked["stranded"]] == [
        one for one in after["sessions"] if one["status"] == "STRANDED"
    ]
    assert (after["status"], after["version"]) == ("ASSIGNED", 2)
    shown = blocked["block"]
    assert (shown["trainerId"], shown["reason"]) == (trainer_id, "Abroad.")
    assert shown["periods"] == [
        {"fromTime": None, "toTime": None, **one} for one in wanted["periods"]
    ]
    slots = life.slots(trainer_id)
    assert [slot["state"] for slot in slots].count("BLOCKED") == 21
    assert [slot["state"] for slot in slots].count("BOOKED") == 9
    receipt = life.receipts(booking["id"])[-1]
    assert (receipt["kind"], receipt["reason"]) == ("STRAND", "Abroad.")


def test_hours_strand_what_they_touch(life: Life) -> None:
    (trainer_id,) = life.staff({})
    for time in ("09:00", "10:00", "11:00"):
        life.book(preferredTimeSlot=time)
    blocked = block(life, trainer_id, a_block(days(1, 1, fromTime="09:40", toTime="11:00")))
    assert [one["session"]["localTime"] for one in blocked["stranded"]] == ["10:00"]
    touching = block(life, trainer_id, a_block(days(2, 2, fromTime="09:39", toTime="11:01")))
    assert [one["session"]["localTime"] for one in touching["stranded"]] == [
        "09:00",
        "10:00",
        "11:00",
    ]


def test_another_places_wall_clock_is_meant(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    # 09:00 in Kolkata is 04:30 in Berlin.
    berlin = {"timeZone": "Europe/Berlin"}
    missing = a_block(days(0, 0, fromTime="05:10"), **berlin)
    assert block(life, trainer_id, missing)["stranded"] == []
    hit = a_block(days(1, 1, fromTime="05:09", toTime="05:10"), **berlin)
    (stranded,) = block(life, trainer_id, hit)["stranded"]
    assert stranded["session"]["id"] == the(booking, 2)["id"]


def test_a_preview_is_what_blocking_and_then_offering_does(life: Life) -> None:
    """Three bookings, two who could take over, and not time enough for everybody."""
    first, second, third = life.staff({}, {}, {})
    taught = [
        life.book(preferredTrainerId=first, preferredTimeSlot=time)
        for time in ("09:00", "10:00", "11:00")
    ]
    life.book(preferredTrainerId=second, preferredTimeSlot="09:20")
    life.book(preferredTrainerId=third, preferredTimeSlot="10:50")
    assert {booking["trainerId"] for booking in taught} == {first}
    wanted = a_block(days(0, 3), days(6, 12))
    preview = life.preview(f"{blocks_of(first)}/preview", wanted)
    assert_impact(preview, BLOCK_PREVIEW)
    assert (preview["sessions"], preview["bookings"], preview["students"]) == (24, 3, 3)
    assert preview["unknown"] == []
    offer_all(life, block(life, first, wanted))
    assert what_was_done(life, taught) == preview["moves"]
    taking = {move["after"]["trainerId"] for move in preview["moves"]}
    assert {second, third} <= taking


def test_what_nobody_can_take_is_stranded_in_the_preview_too(life: Life) -> None:
    (only,) = life.staff({})
    booking = life.book()
    preview = life.preview(f"{blocks_of(only)}/preview", a_block(days(0, 0)))
    (move,) = preview["moves"]
    assert (move["before"]["status"], move["after"]["status"]) == ("SCHEDULED", "STRANDED")
    offer_all(life, block(life, only, a_block(days(0, 0))))
    assert what_was_done(life, [booking]) == [move]


def test_sessions_of_one_time_are_offered_to_several_trainers(life: Life) -> None:
    """What was made up for lies over a stranded session; together nobody could take them."""
    first, second, *_ = life.staff({}, {})
    booking = life.book(preferredTrainerId=first)
    away = block(life, first, a_block(days(1, 2)))["block"]
    life.of_session(the(booking, 5), "cancel")
    instead = {"localDate": str(FIRST_DAY + timedelta(days=1)), "localTime": "09:00"}
    life.of_session(the(booking, 5), "make-up", instead, 201)
    life.api.send("DELETE", f"{blocks_of(first)}/{away['id']}")
    preview = life.preview(f"{blocks_of(second)}/preview", a_block(days(1, 1)))
    before = life.booking(booking["id"])
    offer_all(life, block(life, second, a_block(days(1, 1))))
    assert what_was_done(life, [before]) == preview["moves"]
    after = {one["number"]: one["after"]["status"] for one in preview["moves"]}
    assert after == {2: "SCHEDULED", 3: "SCHEDULED", 5: "STRANDED"}
    assert {one["after"]["trainerId"] for one in preview["moves"]} == {first, second}
    life.staff({})
    life.do(f"{BOOKINGS}/{booking['id']}/offer", {})
    assert "STRANDED" not in states(life.booking(booking["id"]))


def test_the_students_of_a_preview_are_counted_once(life: Life) -> None:
    (only,) = life.staff({})
    booking = life.book()
    life.book(preferredTimeSlot="10:00", students=booking["students"])
    preview = life.preview(f"{blocks_of(only)}/preview", a_block(days(0, 1)))
    assert (preview["sessions"], preview["bookings"], preview["students"]) == (4, 2, 1)


def test_a_removed_block_frees_its_time(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    made = block(life, trainer_id, a_block(days(0, 2)))["block"]
    assert life.book(preferredTimeSlot="15:00")["status"] == "WAITLISTED"
    path = f"{blocks_of(trainer_id)}/{made['id']}"
    removed = life.api.send("DELETE", path)
    assert (removed.status, removed.json) == (200, made)
    assert states(life.booking(booking["id"]))[:3] == ["STRANDED"] * 3
    assert [slot["state"] for slot in life.slots(trainer_id)] == ["BOOKED"] * 7
    # Whoever was on leave is the first to be asked.
    life.do(f"{BOOKINGS}/{booking['id']}/offer", {})
    assert set(teachers(life.booking(booking["id"]))) == {trainer_id}
    assert life.book(preferredTimeSlot="15:00")["status"] == "ASSIGNED"
    stored = life.digest()
    assert life.api.send("DELETE", path).status == 404
    assert life.digest() == stored


def test_a_block_is_removed_only_as_its_trainers(life: Life) -> None:
    first, second = life.staff({}, {})
    made = block(life, first, a_block(days(0)))["block"]
    stored = life.digest()
    for path in (f"{blocks_of(second)}/{made['id']}", f"{blocks_of(first)}/{uuid4()}"):
        assert life.api.send("DELETE", path).status == 404
    assert life.digest() == stored


def test_blocks_are_listed_by_their_days(life: Life) -> None:
    first, second = life.staff({}, {})
    later = block(life, first, a_block(days(10, 12)))["block"]
    early = block(life, first, a_block(days(0, 2), days(20)))["block"]
    block(life, second, a_block(days(0, 30)))

    def listed(begin: int, end: int) -> list[Any]:
        span = {
            "from": str(FIRST_DAY + timedelta(days=begin)),
            "to": str(FIRST_DAY + timedelta(days=end)),
        }
        shown = life.api.get(blocks_of(first), **span).json
        assert_listing(shown)
        for one in shown["data"]:
            assert_block(one)
        found: list[Any] = shown["data"]
        return found

    assert listed(0, 30) == [early, later]
    assert listed(2, 9) == [early]
    assert listed(3, 9) == []
    assert listed(12, 19) == [later]
    life.api.send("DELETE", f"{blocks_of(first)}/{early['id']}")
    assert listed(0, 30) == [later]


def test_blocked_or_used_time_is_not_blocked(life: Life) -> None:
    (trainer_id,) = life.staff({})
    booking = life.book()
    block(life, trainer_id, a_block(days(2, 4)))
    for over in (days(4), days(0, 9), days(3, 3, fromTime="10:00", toTime="10:01")):
        for path in (blocks_of(trainer_id), f"{blocks_of(trainer_id)}/preview"):
            life.refused(path, a_block(over), 409, "SLOT_TAKEN")
    life.at_start_of(the(booking, 1))
    life.of_session(the(booking, 1), "complete")
    life.refused(blocks_of(trainer_id), a_block(days(0, 1)), 409, "SLOT_TAKEN")


PERIODS: list[tuple[list[dict[str, Any]], dict[str, str]]] = [
    ([], {"periods": "INVALID"}),
    ([days(0)] * 101, {"periods": "INVALID"}),
    ([days(2, 1)], {"periods[0].toDate": "BEFORE_FROM"}),
    ([days(0), days(3, 3, fromTime="10:00", toTime="10:00")], {"periods[1].toTime": "BEFORE_FROM"}),
    ([days(0, 400)], {"periods": "TOO_LONG"}),
    ([days(0, 3), days(3, 5)], {"periods[1]": "OVERLAP"}),
    ([days(0, 0, fromTime="24:00")], {"periods[0].fromTime": "INVALID"}),
    ([{"fromDate": "2027-03-03"}], {"periods[0].toDate": "MISSING"}),
    ([days(0, 0, until="x")], {"periods[0].until": "UNKNOWN"}),
    ([days(0) | {"toDate": "9999-12-31"}], {"periods[0].toDate": "INVALID"}),
]


@pytest.mark.parametrize(("periods", "faults"), PERIODS)
def test_periods_that_cannot_be_are_refused(
    life: Life, periods: list[dict[str, Any]], faults: dict[str, str]
) -> None:
    (trainer_id,) = life.staff({})
    for path in (blocks_of(trainer_id), f"{blocks_of(trainer_id)}/preview"):
        refused = life.refused(path, a_block(*periods), 400, "VALIDATION_FAILED")
        assert refused.faults() == faults


def test_hours_that_a_clock_change_skips_hold_no_time(life: Life) -> None:
    (trainer_id,) = life.staff({})
    gap = {"fromDate": "2027-03-14", "toDate": "2027-03-14", "fromTime": "02:10", "toTime": "02:50"}
    wanted = a_block(gap, timeZone="America/New_York")
    refused = life.refused(blocks_of(trainer_id), wanted, 400, "VALIDATION_FAILED")
    assert refused.faults() == {"periods": "EMPTY"}


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("", {"from": "MISSING", "to": "MISSING"}),
        ("from=2027&to=2027-02-30", {"from": "INVALID", "to": "INVALID"}),
        ("from=2027-01-02&to=2027-01-01", {"to": "BEFORE_FROM"}),
        ("from=2027-01-01&to=2028-02-06", {"to": "TOO_LONG"}),
        ("from=2027-01-01&to=2027-02-05&reason=x", {"reason": "UNKNOWN"}),
    ],
)
def test_a_list_of_blocks_asks_for_days(life: Life, query: str, faults: dict[str, str]) -> None:
    refused = life.api.get(f"{blocks_of(str(uuid4()))}?{query}")
    assert (refused.status, refused.faults()) == (400, faults)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"timeZone": "Asia/Vijayawada"}, {"timeZone": "INVALID"}),
        ({"reason": ""}, {}),
        ({"reason": "x" * 1001}, {"reason": "INVALID"}),
        ({"trainerId": str(uuid4())}, {"trainerId": "UNKNOWN"}),
    ],
)
def test_what_is_sent_is_read_strictly(
    life: Life, changes: dict[str, str], faults: dict[str, str]
) -> None:
    answer = life.api.post(blocks_of(str(uuid4())), a_block(days(0), **changes))
    assert (answer.status == 201) is (faults == {})
    assert not faults or answer.faults() == faults
