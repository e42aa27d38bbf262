"""Bodies are read strictly, and every fault is told at once with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.http.api import Api
from tests.http.orders import AN_ID, a_booking, a_student, a_zone

FRANCHISES, ZONES, BOOKINGS = "/v1/franchises", "/v1/zones", "/v1/bookings"


@pytest.fixture
def api(used_api: Api) -> Api:
    """Nothing here minds what other tests have stored."""
    return used_api


def refusal(api: Api, path: str, body: bytes) -> tuple[int, str]:
    answer = api.send("POST", path, body)
    return answer.status, answer.error["code"]


def test_every_wrong_field_at_once(api: Api) -> None:
    answer = api.post(
        BOOKINGS,
        {
            "classType": "ONE_ON_FOUR",
            "totalSessions": "10",
            "deliveryMode": None,
            "startDate": "2026-02-30",
            "preferredTimeSlot": ["09:00"],
            "studentLocation": {"latitude": "16.5", "longitude": 181, "altitude": 3},
            "students": [None, {"id": "x", "name": "", "age": 9}, {"name": 5}],
            "excludedTrainerIds": [AN_ID, 7],
            "colour": "red",
        },
    )
    assert answer.status == 400
    assert answer.faults() == {
        "courseId": "MISSING",
        "classType": "INVALID",
        "totalSessions": "TYPE",
        "deliveryMode": "TYPE",
        "startDate": "INVALID",
        "preferredTimeSlot": "TYPE",
        "studentLocation.latitude": "TYPE",
        "studentLocation.longitude": "INVALID",
        "studentLocation.altitude": "UNKNOWN",
        "students[0]": "TYPE",
        "students[1].id": "INVALID",
        "students[1].name": "INVALID",
        "students[1].age": "UNKNOWN",
        "students[2].id": "MISSING",
        "students[2].name": "TYPE",
        "excludedTrainerIds[1]": "TYPE",
        "colour": "UNKNOWN",
    }


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("courseId", AN_ID.replace("-", ""), "INVALID"),
        ("courseId", f"{{{AN_ID}}}", "INVALID"),
        ("courseId", f"urn:uuid:{AN_ID}", "INVALID"),
        ("courseId", f"{AN_ID}\n", "INVALID"),
        ("courseId", 7, "TYPE"),
        ("totalSessions", "10", "TYPE"),
        ("totalSessions", 10.5, "TYPE"),
        ("totalSessions", True, "TYPE"),
        ("totalSessions", 2**31, "INVALID"),
        ("totalSessions", 10**30, "INVALID"),
        ("startDate", "2026-02-30", "INVALID"),
        ("startDate", "2027", "INVALID"),
        ("startDate", 2027, "TYPE"),
        ("startDate", "2027-01-01T00:00:00Z", "INVALID"),
        ("startDate", "10000-01-01", "INVALID"),
        ("preferredTimeSlot", "24:00", "INVALID"),
        ("preferredTimeSlot", "9:00", "INVALID"),
        ("preferredTimeSlot", "09:60", "INVALID"),
        ("preferredTimeSlot", "09:00\n", "INVALID"),
        ("preferredTimeSlot", "٠٩:٠٠", "INVALID"),
        ("preferredTimeSlot", ["09:00"], "TYPE"),
        ("students", None, "TYPE"),
        ("students", {}, "TYPE"),
        ("students", [a_student()] * 101, "INVALID"),
        ("bookingReference", "", "INVALID"),
        ("bookingReference", "r" * 101, "INVALID"),
        ("bookingReference", "a\0b", "INVALID"),
        ("excludedTrainerIds", None, "TYPE"),
        ("excludedTrainerIds", [AN_ID] * 501, "INVALID"),
        ("rankingPolicy", "", "INVALID"),
        ("studentLocation", [16.5, 80.6], "TYPE"),
    ],
)
def test_a_field_of_a_booking(api: Api, field: str, value: Any, fault: str) -> None:
    answer = api.post(BOOKINGS, a_booking(**{field: value}))
    assert (answer.status, answer.faults()) == (400, {field: fault})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 201),
        ("name", " \u3000\t"),
        ("name", "a\0b"),
        ("email", "nobody"),
        ("email", "a@b\n"),
        ("email", "a@" + "b" * 200),
        ("phone", "call me"),
        ("phone", "+49 30 1\n"),
    ],
)
def test_a_field_of_a_student(api: Api, field: str, value: str) -> None:
    answer = api.post(BOOKINGS, a_booking(students=[a_student(**{field: value})]))
    assert (answer.status, answer.faults()) == (400, {f"students[0].{field}": "INVALID"})


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u3000\u2003",
        "x" * 201,
        "a\0b",
        # Nothing that could be seen.
        "\u200b\u2060",
        # What would forge a line of a log, or look like another name.
        "A\u0001B",
        "A\nB",
        "a\u202eb",
        "a\u2066b",
        # 200 characters that become 3,600 when the name is tidied.
        "\ufdfa" * 200,
    ],
)
def test_a_name_can_be_read(api: Api, name: str) -> None:
    assert api.post(FRANCHISES, {"name": name}).faults() == {"name": "INVALID"}
    assert api.post(ZONES, a_zone(name=name)).faults() == {"name": "INVALID"}


@pytest.mark.parametrize("name", ["x" * 200, "𝕐" * 200, "Ω", "नमस्ते", "🏠", "a\u200bb"])
def test_names_of_all_scripts_are_welcome(api: Api, name: str) -> None:
    assert api.post(FRANCHISES, {"name": name}).status == 201


def test_a_key_that_stands_twice_is_told_with_its_path(api: Api) -> None:
    body = (
        b'{"name": "a", "name": "b", "centre": {"latitude": 1, "latitude": 2, "longitude": 3},'
        b' "radiusKm": 5, "timeZone": "UTC"}'
    )
    answer = api.send("POST", ZONES, body)
    assert answer.status == 400
    assert answer.faults() == {"name": "DUPLICATE", "centre.latitude": "DUPLICATE"}


def test_a_key_that_stands_twice_in_a_list_is_told_with_its_place(api: Api) -> None:
    student = json.dumps(a_student())
    twice = f'{{"id": "{AN_ID}", {student[1:]}'
    body = json.dumps(a_booking(students=[])).replace("[]", f"[{student}, {twice}]")
    answer = api.send("POST", BOOKINGS, body.encode())
    assert answer.faults() == {"students[1].id": "DUPLICATE"}


def test_a_key_that_stands_twice_hides_no_other_fault(api: Api) -> None:
    answer = api.send("POST", FRANCHISES, b'{"name": 5, "name": "x", "colour": 7}')
    assert answer.faults() == {"name": "DUPLICATE", "colour": "UNKNOWN"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"courseId": "x", "students": [' + b"0," * 900_000 + b"0]}",
        b'{"excludedTrainerIds": [' + b"0," * 400 + b"0]}",
        b"{" + b",".join(b'"unknown%d": 1' % number for number in range(200_000)) + b"}",
        b"{" + b",".join(b'"k%d": 1, "k%d": 1' % (n, n) for n in range(50_000)) + b"}",
    ],
    ids=["items of a long list", "items of a list", "unknown fields", "repeated keys"],
)
def test_a_hostile_body_gets_a_short_answer(api: Api, body: bytes) -> None:
    """Two megabytes of faults were once answered by 83, after three seconds of silence."""
    answer = api.send("POST", "/v1/bookings", body)
    assert answer.status == 400
    assert len(answer.body) < 20_000
    assert 1 < len(answer.error["details"]) <= 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"{'name': 'x'}",
        b'{"name": "x",}',
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": "\xff"}',
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": "\\ud800"}',
        b'{"\\udfff": "x"}',
        b'{"name": "a\nb"}',
        b"\xef\xbb\xbf{}",
        '{"name": "x"}'.encode("utf-16"),
        b"name=x",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name": ' + b'{"a": ' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b'{"name": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_is_malformed(api: Api, body: bytes) -> None:
    assert refusal(api, FRANCHISES, body) == (400, "MALFORMED_BODY")


@pytest.mark.parametrize("depth", [1, 10, 100, 500, 900, 1_000, 1_024, 5_000])
def test_no_depth_is_too_much(api: Api, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    assert api.send("POST", FRANCHISES, b'{"name": ' + nested + b"}").status == 400
    assert api.send("POST", FRANCHISES, b'{"name": "x", "more": ' + nested + b"}").status == 400


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"true"])
def test_what_is_no_object_is_of_the_wrong_type(api: Api, body: bytes) -> None:
    for path in (FRANCHISES, ZONES, BOOKINGS, f"{BOOKINGS}/preview"):
        answer = api.send("POST", path, body)
        assert (answer.status, answer.faults()) == (400, {"": "TYPE"})


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 400, "91", "-90.0001", "NaN"])
def test_a_latitude_is_on_earth(api: Api, number: str) -> None:
    body = json.dumps(a_zone(centre={"latitude": 7777, "longitude": 0})).replace("7777", number)
    answer = api.send("POST", ZONES, body.encode())
    assert answer.status == 400
    assert answer.error["code"] in ("MALFORMED_BODY", "VALIDATION_FAILED")
