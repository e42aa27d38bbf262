"""What passes for a trainer and for a page, and what does not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from muster.domain.geography import Point
from muster.domain.trainers import Leave, Trainer, WeeklyHours
from muster_trainer_http.bulk_wire import (
    PageNotTheContract,
    TrainerNotTheContract,
    read_page,
    read_trainer,
    write_trainer,
)
from tests.integration.trainer_http.service_under_test import a_page, a_record

ID = "018f0000-0000-7000-8000-00000000000a"

# The contract's own example, letter by letter.
EXAMPLE = """
{"id": "018f0000-0000-7000-8000-00000000000a", "name": "Asha Rao", "active": true,
 "franchiseId": "018f0000-0000-7000-8000-00000000000d",
 "zoneIds": ["018f0000-0000-7000-8000-00000000000b"],
 "certifiedCourses": ["018f0000-0000-7000-8000-00000000000c"],
 "location": {"latitude": 16.5, "longitude": 80.6},
 "weeklyHours": [{"weekday": 1, "from": "08:00", "to": "18:00"}],
 "leave": [{"from": "2026-12-24", "to": "2026-12-26"}],
 "updatedAt": "2026-11-20T08:00:00Z"}
"""
TRAINER = Trainer(
    id=UUID(ID),
    name="Asha Rao",
    active=True,
    franchise_id=UUID("018f0000-0000-7000-8000-00000000000d"),
    zone_ids=frozenset({UUID("018f0000-0000-7000-8000-00000000000b")}),
    certified_courses=frozenset({UUID("018f0000-0000-7000-8000-00000000000c")}),
    location=Point(16.5, 80.6),
    weekly_hours=(WeeklyHours(1, 480, 1080),),
    leave=(Leave(date(2026, 12, 24), date(2026, 12, 26)),),
    updated_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
)


def read(**changes: Any) -> Trainer:
    return read_trainer(json.dumps(a_record(**changes)).encode())


def test_the_contracts_example() -> None:
    assert read_trainer(EXAMPLE.encode()) == TRAINER
    assert json.loads(bytes(write_trainer(TRAINER))) == json.loads(EXAMPLE)


def hours(begin: Any, end: Any, weekday: Any = 1) -> dict[str, Any]:
    return {"weeklyHours": [{"weekday": weekday, "from": begin, "to": end}]}


def leave(first: Any, last: Any) -> dict[str, Any]:
    return {"leave": [{"from": first, "to": last}]}


def place(latitude: Any, longitude: Any) -> dict[str, Any]:
    return {"location": {"latitude": latitude, "longitude": longitude}}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "7"},
        {"id": 7},
        {"id": None},
        {"id": "{" + ID + "}"},
        {"id": "urn:uuid:" + ID},
        {"id": ID.replace("-", "")},
        {"id": ID + "\n"},
        {"name": ""},
        {"name": None},
        {"name": "A\x00B"},
        {"name": "x" * 201},
        {"active": "true"},
        {"active": 1},
        {"active": None},
        {"franchiseId": ""},
        {"franchiseId": "none"},
        {"franchiseId": 0},
        {"zoneIds": None},
        {"zoneIds": "all"},
        {"zoneIds": [None]},
        {"zoneIds": ["north"]},
        {"certifiedCourses": None},
        {"certifiedCourses": {}},
        {"certifiedCourses": ["piano"]},
        place(90.1, 0),
        place(-91, 0),
        place(0, 180.5),
        place("16.5", 80.6),
        place(None, None),
        {"location": []},
        {"location": {"latitude": 1}},
        hours("08:00", "18:00", weekday=0),
        hours("08:00", "18:00", weekday=8),
        hours("08:00", "18:00", weekday="1"),
        hours("8:00", "18:00"),
        hours("18:00", "08:00"),
        hours("08:00", "08:00"),
        hours("24:00", "24:00"),
        hours("08:00", "24:01"),
        hours("08:00", "23:60"),
        hours("08:00:00", "18:00"),
        hours(800, 1800),
        {"weeklyHours": "any"},
        {"weeklyHours": [None]},
        leave("2026-12-26", "2026-12-24"),
        leave("2026-02-30", "2026-03-01"),
        leave("24.12.2026", "26.12.2026"),
        leave("2026-12-24", None),
        {"leave": {}},
        {"updatedAt": "2026-11-20T08:00:00"},
        {"updatedAt": "yesterday"},
        {"updatedAt": "0001-01-01T00:00:00+12:00"},
        {"updatedAt": 1_763_625_600},
    ],
    ids=repr,
)
def test_a_trainer_who_does_not_validate(changes: dict[str, Any]) -> None:
    with pytest.raises(TrainerNotTheContract) as refused:
        read(**changes)
    for value in changes.values():
        assert not isinstance(value, str) or len(value) < 2 or value not in str(refused.value)


@pytest.mark.parametrize("missing", ["id", "name", "active", "zoneIds", "certifiedCourses"])
def test_a_trainer_without_what_every_trainer_has(missing: str) -> None:
    record = a_record()
    del record[missing]
    with pytest.raises(TrainerNotTheContract):
        read_trainer(json.dumps(record).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"null",
        b"[]",
        b"7",
        EXAMPLE.replace('"active": true', '"active": false, "active": true').encode(),
        EXAMPLE.replace("16.5", "1e999").encode(),
        EXAMPLE.replace("16.5", "NaN").encode(),
        EXAMPLE.replace("Asha", "\\ud800").encode(),
        EXAMPLE.encode().replace(b"Asha", b"\xff\xfe"),
        EXAMPLE.replace("{", '{"deep": ' + "[" * 100_000 + "]" * 100_000 + ",", 1).encode(),
    ],
    ids=["null", "array", "number", "twice", "infinite", "nan", "surrogate", "latin", "deep"],
)
def test_what_is_no_trainer_at_all(raw: bytes) -> None:
    with pytest.raises(TrainerNotTheContract):
        read_trainer(raw)


@pytest.mark.parametrize("nothing", [{}, {"weeklyHours": None}, {"weeklyHours": []}], ids=repr)
def test_no_weekly_hours_mean_any_hour(nothing: dict[str, Any]) -> None:
    record = a_record()
    del record["weeklyHours"]
    assert read_trainer(json.dumps(record | nothing).encode()).weekly_hours is None


def test_a_day_ends_at_24_00() -> None:
    trainer = read(**hours("00:00", "24:00", weekday=7))
    assert trainer.weekly_hours == (WeeklyHours(7, 0, 1440),)
    assert json.loads(bytes(write_trainer(trainer)))["weeklyHours"][0]["to"] == "24:00"


def test_what_may_be_null_may_be_missing() -> None:
    record = a_record()
    for name in ("franchiseId", "location", "leave", "updatedAt"):
        del record[name]
    missing = read_trainer(json.dumps(record).encode())
    nulls = dict.fromkeys(("franchiseId", "location", "leave", "updatedAt"))
    assert missing == read_trainer(json.dumps(record | nulls).encode())
    assert (missing.franchise_id, missing.location, missing.leave) == (None, None, ())


def test_unknown_fields_are_let_through() -> None:
    trainer = read(
        id=ID, rating=5, weeklyHours=[hours("08:00", "09:00")["weeklyHours"][0] | {"x": 1}]
    )
    assert trainer.weekly_hours == (WeeklyHours(1, 480, 540),)


def test_instants_become_utc() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    changed = read(updatedAt=datetime(2026, 11, 20, 13, 30, tzinfo=india).isoformat()).updated_at
    assert changed == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert changed is not None
    assert changed.tzinfo is UTC


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>502</html>",
        b'{"data": []}',
        b'{"data": null, "page": {"nextCursor": null}}',
        b'{"data": {}, "page": {"nextCursor": null}}',
        b'{"data": [], "page": null}',
        b'{"data": [], "page": {"nextCursor": 2}}',
        b'{"data": [], "page": {"nextCursor": ""}}',
        b'{"page": {"nextCursor": null}}',
        b'{"error": {"code": "INTERNAL"}}',
        a_page(a_record())[:-20],
        a_page() + b"}",
        b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b', "page": {"nextCursor": null}}',
        "{}".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_no_page(body: bytes) -> None:
    with pytest.raises(PageNotTheContract):
        read_page(body)
