"""The shapes of the API: the members that each object has, written down by hand.

A name with ``?`` may be absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

FRANCHISE = {
    "id", "name", "timeZone?", "certificateNames?", "status", "createdAt", "updatedAt",
}  # fmt: skip
CENTRE = {"latitude", "longitude"}
ZONE = {
    "id", "name", "franchiseId", "operator", "centre", "radiusKm", "timeZone", "priority",
    "status", "version", "createdAt", "updatedAt",
}  # fmt: skip
LOOKUP = {"zone", "rule", "covering", "nearest"}
COVERING = {"id", "name", "operator", "priority", "radiusKm", "distanceMetres"}
NEAREST = {"id", "name", "distanceMetres"}
BOOKING = {
    "id", "bookingReference", "status", "courseId", "classType", "totalSessions",
    "deliveryMode", "startDate", "preferredTimeSlot", "studentLocation", "students", "zone",
    "nearestZone?", "trainerId", "trainerName?", "sessions", "receiptId", "waitlistPosition?",
    "version", "createdAt", "updatedAt",
}  # fmt: skip
BOOKING_ZONE = {"id", "name", "operator", "franchiseId", "timeZone"}
STUDENT = {"id", "name", "email?", "phone?"}
SESSION = {
    "id", "number", "mode", "status", "localDate", "localTime", "timeZone", "startsAt",
    "endsAt", "timeAdjusted", "movable", "trainerId",
}  # fmt: skip
PREVIEW = {"status", "zone", "rule", "sessions", "candidates", "policy", "directory"}
RECEIPT = {
    "id", "bookingId", "kind", "version", "status", "createdAt", "policy", "rules", "directory",
    "zone", "candidates", "chosen", "lostClaims", "sessions", "ignoredPreference?", "reason?",
}  # fmt: skip
POLICY = {"name", "version"}
DIRECTORY = {"source", "asOf", "ageSeconds"}
RECEIPT_ZONE = {"id", "rule", "distanceMetres"}
CANDIDATE = {"trainerId", "eligible", "refusals", "rank", "parts"}
REFUSAL = {"rule", "message", "details?"}
PARTS = {"preferred", "distanceBand", "distanceMetres", "bookedMinutes"}
SCHEDULE = {"trainerId", "from", "to", "slots"}
SLOT = {
    "id", "state", "localDate", "timeslot", "timeZone", "startsAt", "endsAt", "bookingId",
    "sessionId", "reason",
}  # fmt: skip
SESSION_MARK = {"status", "trainerId", "localDate", "localTime", "timeZone", "startsAt"}
SESSION_CHANGE = {"sessionId", "number", "before", "after"}
MOVE = SESSION_CHANGE | {"bookingId"}
IMPACT = {"sessions", "bookings", "students", "moves"}
BLOCK_PREVIEW = IMPACT | {"unknown"}
HISTORY_ENTRY = {
    "version", "at", "kind", "status", "chosen", "receiptId", "sessions", "reason?",
}  # fmt: skip
BLOCK = {"id", "trainerId", "timeZone", "periods", "reason", "createdAt"}
PERIOD = {"fromDate", "toDate", "fromTime", "toTime"}
BLOCKED = {"block", "stranded"}
STRANDED = {"bookingId", "session"}
ZONE_PREVIEW = {"zone", "sessions", "bookings", "students", "leftBehind"}
LEFT_BEHIND = {"bookingId", "status", "sessions", "reason", "servedBy"}
PROMOTED = {"promoted", "waiting"}
CERTIFICATE = {
    "id", "number", "status", "bookingId", "studentId", "studentName", "courseId",
    "franchiseId", "issuedOn", "revocationReason", "supersedes", "reissueReason",
    "supersededBy", "version", "createdAt", "updatedAt",
}  # fmt: skip
VERIFIED = {
    "number", "status", "courseId", "issuedOn", "issuer", "studentName", "supersededBy?",
}  # fmt: skip
ISSUER = {"operator", "franchiseId", "name"}
LISTING = {"data", "page"}
PAGE = {"nextCursor", "limit"}
ERROR = {"code", "message", "details?", "correlationId", "timestamp", "retryable"}
PROBLEM = ERROR | {"type", "title", "status", "detail"}
DETAIL = {"path", "code", "message"}
HEALTH = {"status", "uptimeSeconds", "version", "timestamp"}
READY = {"status", "checks", "timestamp", "version"}
CHECK = {"status", "critical", "latencyMs", "message?"}


def assert_members(shown: Any, members: set[str]) -> None:
    """Hold an object to its members: all of those that must be, none that may not."""
    required = {name for name in members if not name.endswith("?")}
    allowed = {name.removesuffix("?") for name in members}
    assert required <= shown.keys() <= allowed, (
        f"missing {required - shown.keys()}, superfluous {shown.keys() - allowed}"
    )


def assert_all(shown: Iterable[Any], members: set[str]) -> None:
    for one in shown:
        assert_members(one, members)


def assert_id(text: str, *, ours: bool = True) -> None:
    """Canonical, and of version 7 where Muster made it."""
    assert str(UUID(text)) == text
    assert not ours or UUID(text).version == 7


def assert_instant(text: str) -> None:
    """ISO 8601, in UTC, with a ``Z``."""
    assert text.endswith("Z")
    datetime.fromisoformat(text)


def assert_franchise(shown: Any) -> None:
    assert_members(shown, FRANCHISE)
    assert_id(shown["id"])
    assert_instant(shown["createdAt"])
    assert_instant(shown["updatedAt"])


def assert_zone(shown: Any) -> None:
    assert_members(shown, ZONE)
    assert_members(shown["centre"], CENTRE)
    assert_id(shown["id"])
    assert shown["operator"] == ("FRANCHISE" if shown["franchiseId"] else "COMPANY")
    assert_instant(shown["createdAt"])
    assert_instant(shown["updatedAt"])


def assert_lookup(shown: Any) -> None:
    assert_members(shown, LOOKUP)
    assert_all(shown["covering"], COVERING)
    if shown["zone"] is not None:
        assert_zone(shown["zone"])
    if shown["nearest"] is not None:
        assert_members(shown["nearest"], NEAREST)


def assert_session(shown: Any, *, stored: bool = True) -> None:
    assert_members(shown, SESSION)
    if stored:
        assert_id(shown["id"])
    assert_instant(shown["startsAt"])
    assert_instant(shown["endsAt"])


def assert_booking(shown: Any) -> None:
    assert_members(shown, BOOKING)
    assert_members(shown["studentLocation"], CENTRE)
    assert_all(shown["students"], STUDENT)
    assert_id(shown["id"])
    for session in shown["sessions"]:
        assert_session(session)
    if shown["zone"] is not None:
        assert_members(shown["zone"], BOOKING_ZONE)
    if "nearestZone" in shown:
        assert_members(shown["nearestZone"], NEAREST)
    assert ("trainerName" in shown) == (shown["trainerId"] is not None)
    assert_instant(shown["createdAt"])
    assert_instant(shown["updatedAt"])


def assert_candidates(shown: list[Any]) -> None:
    for one in shown:
        assert_members(one, CANDIDATE)
        assert_members(one["parts"], PARTS)
        assert_all(one["refusals"], REFUSAL)
        assert one["eligible"] == (one["refusals"] == []) == (one["rank"] is not None)


def assert_preview(shown: Any) -> None:
    assert_members(shown, PREVIEW)
    assert_members(shown["policy"], POLICY)
    assert_candidates(shown["candidates"])
    for session in shown["sessions"]:
        assert_session(session, stored=False)
    if shown["zone"] is not None:
        assert_zone(shown["zone"])
    if shown["directory"] is not None:
        assert_members(shown["directory"], DIRECTORY)


def assert_receipt(shown: Any) -> None:
    assert_members(shown, RECEIPT)
    assert_id(shown["id"])
    assert_instant(shown["createdAt"])
    assert_all(shown["rules"], POLICY)
    assert_candidates(shown["candidates"])
    assert_changes(shown["sessions"], SESSION_CHANGE)
    if shown["policy"] is not None:
        assert_members(shown["policy"], POLICY)
    if shown["directory"] is not None:
        assert_members(shown["directory"], DIRECTORY)
        assert_instant(shown["directory"]["asOf"])
    if shown["zone"] is not None:
        assert_members(shown["zone"], RECEIPT_ZONE)


def assert_changes(shown: list[Any], members: set[str]) -> None:
    for change in shown:
        assert_members(change, members)
        for mark in filter(None, (change["before"], change["after"])):
            assert_members(mark, SESSION_MARK)
            assert_instant(mark["startsAt"])


def assert_impact(shown: Any, members: set[str] = IMPACT) -> None:
    """What a command would do: its moves, counted and in order of time."""
    assert_members(shown, members)
    moves = shown["moves"]
    assert_changes(moves, MOVE)
    assert shown["sessions"] == len(moves)
    assert shown["bookings"] == len({move["bookingId"] for move in moves})
    times = [(move["before"] or move["after"])["startsAt"] for move in moves]
    assert times == sorted(times)


def assert_history(shown: list[Any]) -> None:
    """Versions from 1 on, none left out."""
    for entry in shown:
        assert_members(entry, HISTORY_ENTRY)
        assert_instant(entry["at"])
        assert_changes(entry["sessions"], SESSION_CHANGE)
    assert [entry["version"] for entry in shown] == list(range(1, len(shown) + 1))
    times = [datetime.fromisoformat(entry["at"]) for entry in shown]
    assert times == sorted(times)


def assert_block(shown: Any) -> None:
    assert_members(shown, BLOCK)
    assert_id(shown["id"])
    assert_instant(shown["createdAt"])
    assert_all(shown["periods"], PERIOD)


def assert_blocked(shown: Any) -> None:
    assert_members(shown, BLOCKED)
    assert_block(shown["block"])
    for one in shown["stranded"]:
        assert_members(one, STRANDED)
        assert_session(one["session"])


def assert_zone_preview(shown: Any) -> None:
    assert_members(shown, ZONE_PREVIEW)
    assert_zone(shown["zone"])
    assert_all(shown["leftBehind"], LEFT_BEHIND)
    assert shown["bookings"] == len(shown["leftBehind"])
    assert shown["sessions"] == sum(one["sessions"] for one in shown["leftBehind"])


def assert_schedule(shown: Any) -> None:
    assert_members(shown, SCHEDULE)
    for slot in shown["slots"]:
        assert_members(slot, SLOT)
        assert_id(slot["id"])
        assert_instant(slot["startsAt"])
        assert_instant(slot["endsAt"])


def assert_certificate(shown: Any) -> None:
    assert_members(shown, CERTIFICATE)
    assert_id(shown["id"])
    assert_instant(shown["createdAt"])
    assert_instant(shown["updatedAt"])


def assert_verified(shown: Any) -> None:
    assert_members(shown, VERIFIED)
    assert_members(shown["issuer"], ISSUER)


def assert_listing(shown: Any) -> None:
    assert_members(shown, LISTING)
    assert_members(shown["page"], PAGE)
    assert len(shown["data"]) <= shown["page"]["limit"]


def assert_error(shown: Any, *, problem: bool = False) -> None:
    """The envelope, or its members beside those of RFC 9457."""
    error = shown if problem else shown["error"]
    assert problem or shown.keys() == {"error"}
    assert_members(error, PROBLEM if problem else ERROR)
    assert_all(error.get("details", []), DETAIL)
    assert error["message"]
    assert isinstance(error["retryable"], bool)
    assert_instant(error["timestamp"])
