"""A zone, a course and its trainers, on a server whose clock a test sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from muster.testing.clock import FakeClock
from tests.http.api import Answer
from tests.http.orders import a_booking, a_trainer_for, a_zone
from tests.http.server_under_test import ServerUnderTest
from tests.http.shapes import assert_booking, assert_history, assert_receipt
from tests.http.stored_rows import digest_rows

BEGIN = datetime(2027, 3, 1, tzinfo=UTC)
"""When every test begins: a Monday, 05:30 on the wall of the zone."""

FIRST_DAY = date(2027, 3, 3)
"""When lessons begin unless said otherwise, at 09:00."""

BOOKINGS = "/v1/bookings"


class Life:
    """What a test does with bookings, and whether that was written."""

    def __init__(self, server: ServerUnderTest, database_url: str, clock: FakeClock) -> None:
        clock.set(BEGIN)
        self.clock = clock
        self.api = server.api
        self.sandbox = server.sandbox
        self.course_id = str(uuid4())
        self.zone = self.api.created("/v1/zones", a_zone())
        self._database_url = database_url

    def staff(self, *changes: dict[str, Any]) -> list[str]:
        """Ids of new trainers whom no rule refuses but for these changes, lowest first."""
        trainers = [a_trainer_for(self.zone, self.course_id, **one) for one in changes]
        self.sandbox.roster.add(trainers)
        return sorted(str(trainer.id) for trainer in trainers)

    def book(self, **changes: Any) -> Any:
        """Ten daily lessons at 09:00 from the third day on, unless said otherwise."""
        common = {"courseId": self.course_id, "startDate": FIRST_DAY.isoformat()}
        return self.api.created(BOOKINGS, a_booking(**(common | changes)))

    def booking(self, id_: str) -> Any:
        return self.api.get(f"{BOOKINGS}/{id_}").json

    def history(self, id_: str) -> list[Any]:
        entries: list[Any] = self.api.get(f"{BOOKINGS}/{id_}/history").json["data"]
        assert_history(entries)
        return entries

    def receipts(self, id_: str) -> list[Any]:
        receipts: list[Any] = self.api.get(f"{BOOKINGS}/{id_}/receipts").json["data"]
        for receipt in receipts:
            assert_receipt(receipt)
        return receipts

    def slots(self, trainer_id: str, first: date = FIRST_DAY, days: int = 60) -> list[Any]:
        """What a trainer's time is claimed for."""
        span = {"from": str(first), "to": str(first + timedelta(days=days))}
        shown = self.api.get(f"/v1/trainers/{trainer_id}/schedule", **span)
        slots: list[Any] = shown.json["slots"]
        return slots

    def do(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.api.post(path, body)
        assert answer.status == status, answer
        return answer.json

    def of_session(self, session: Any, command: str, body: Any = None, status: int = 200) -> Any:
        """Do something with a session; the booking as it is then."""
        shown = self.do(f"/v1/sessions/{session['id']}/{command}", body, status)
        assert_booking(shown)
        return shown

    def same_again(self, path: str, body: Any, before: Any) -> None:
        """Once more changes nothing: the same answer, and nothing is written."""
        stored = self.digest()
        assert self.do(path, body) == before
        assert not (changed := self.written_since(stored)), changed

    def preview(self, path: str, body: Any = None) -> Any:
        """What is told without being written."""
        stored = self.digest()
        shown = self.do(path, body)
        assert not (changed := self.written_since(stored)), changed
        return shown

    def refused(self, path: str, body: Any, status: int, code: str, method: str = "POST") -> Answer:
        """Be refused, and nothing is written."""
        stored = self.digest()
        answer = self.api.post(path, body) if method == "POST" else self.api.patch(path, body)
        assert (answer.status, answer.error["code"]) == (status, code), answer
        assert not (changed := self.written_since(stored)), changed
        return answer

    def written_since(self, stored: dict[str, str | None]) -> list[str]:
        """The tables whose rows are others now."""
        return [name for name, digest in self.digest().items() if digest != stored[name]]

    def digest(self) -> dict[str, str | None]:
        return digest_rows(self._database_url)

    def at_start_of(self, session: Any) -> None:
        self.clock.set(datetime.fromisoformat(session["startsAt"]))

    def after(self, sessions: Iterable[Any]) -> None:
        """When the last of these has ended."""
        self.clock.set(max(datetime.fromisoformat(one["endsAt"]) for one in sessions))


def the(booking: Any, number: int) -> Any:
    """The session of a number that was not replaced."""
    (found,) = (
        one
        for one in booking["sessions"]
        if one["number"] == number and one["status"] != "REPLACED"
    )
    return found


def states(booking: Any) -> list[str]:
    return [one["status"] for one in booking["sessions"]]


def teachers(booking: Any) -> list[str | None]:
    return [one["trainerId"] for one in booking["sessions"]]


def days(first: int, last: int | None = None, **hours: str) -> dict[str, str]:
    """A period of a block, in days after the first day of lessons."""
    until = first if last is None else last
    return {
        "fromDate": str(FIRST_DAY + timedelta(days=first)),
        "toDate": str(FIRST_DAY + timedelta(days=until)),
        **hours,
    }


def a_block(*periods: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {"timeZone": "Asia/Kolkata", "periods": list(periods)} | changes


def what_was_done(life: Life, before: Sequence[Any]) -> list[Any]:
    """What became of bookings since, as a preview tells it: from their histories."""
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for booking in before:
        for entry in life.history(booking["id"])[booking["version"] :]:
            for change in entry["sessions"]:
                move = change | {"bookingId": booking["id"]}
                first.setdefault(change["sessionId"], move)
                last[change["sessionId"]] = move
    moves = [first[id_] | {"after": last[id_]["after"]} for id_ in first]
    return in_order([move for move in moves if move["before"] != move["after"]])


def in_order(moves: Iterable[Any]) -> list[Any]:
    return sorted(
        moves, key=lambda one: ((one["before"] or one["after"])["startsAt"], one["sessionId"])
    )
