"""Parameters are read strictly, and every fault is told at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import AN_ID, a_franchise, a_zone


@pytest.fixture
def api(used_api: Api) -> Api:
    """Nothing here minds what other tests have stored."""
    return used_api


def test_every_fault_at_once(api: Api) -> None:
    answer = api.get(
        "/v1/zones?limit=2&limit=3&sort=size&operator=company&status=&franchiseId=x"
        "&timeZone=Mars/Olympus&colour=red&Limit=1&name=%00"
    )
    assert answer.status == 400
    assert answer.faults() == {
        "limit": "DUPLICATE",
        "sort": "INVALID",
        "operator": "INVALID",
        "status": "INVALID",
        "franchiseId": "INVALID",
        "timeZone": "INVALID",
        "colour": "UNKNOWN",
        "Limit": "UNKNOWN",
        "name": "INVALID",
    }


@pytest.mark.parametrize(
    "path",
    ["/health", "/ready", f"/v1/zones/{AN_ID}", f"/v1/bookings/{AN_ID}/receipts", "/v1/franchises"],
)
def test_an_unknown_parameter_is_refused_everywhere(api: Api, path: str) -> None:
    assert api.get(f"{path}?colour=red").faults() == {"colour": "UNKNOWN"}


def test_commands_take_no_parameters(api: Api) -> None:
    wanted = a_franchise()
    assert api.post("/v1/franchises?dryRun=true", wanted).faults() == {"dryRun": "UNKNOWN"}
    assert wanted["name"] not in [one["name"] for one in api.walk("/v1/franchises")]


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.5", "x", "", "١", "1e2", "5.0", "+5", "05"])
def test_a_limit_is_an_integer_from_1_to_200(api: Api, limit: str) -> None:
    answer = api.get("/v1/zones", limit=limit)
    assert answer.status == 400
    assert answer.faults().keys() == {"limit"}


@pytest.mark.parametrize(
    "id_",
    [
        AN_ID.replace("-", ""),
        f"%7B{AN_ID}%7D",
        f"urn:uuid:{AN_ID}",
        f"{AN_ID}%0A",
        f"%20{AN_ID}",
        AN_ID[:-1],
        "1",
        "null",
        "%00",
        "%ff",
    ],
)
def test_an_id_is_canonical(api: Api, id_: str) -> None:
    for path, name in (
        ("/v1/zones/{}", "zoneId"),
        ("/v1/franchises/{}", "franchiseId"),
        ("/v1/bookings/{}", "bookingId"),
        ("/v1/bookings/{}/sessions", "bookingId"),
    ):
        answer = api.get(path.format(id_))
        assert (answer.status, answer.faults()) == (400, {name: "INVALID"})
    assert api.get(f"/v1/bookings?trainerId={id_}").faults() == {"trainerId": "INVALID"}


@pytest.mark.parametrize("date", ["2026-02-30", "2027", "20270101", "2027-W01-1", "1767225600", ""])
def test_a_date_is_a_day_of_the_calendar(api: Api, date: str) -> None:
    assert api.get("/v1/bookings", date=date).faults() == {"date": "INVALID"}


@pytest.mark.parametrize(
    "query",
    ["status=null", "status=NULL", "date=null", "zoneId=null", "limit=null", "status=", "date="],
)
def test_null_does_not_mean_any(api: Api, query: str) -> None:
    """Else a client that sends ``status=${undefined}`` would be shown every booking."""
    refused = api.get(f"/v1/bookings?{query}")
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_FAILED")


def test_a_query_that_is_not_utf_8_is_refused(api: Api) -> None:
    answer = api.get("/v1/zones?name=%ff%fe")
    assert (answer.status, answer.faults()) == (400, {"name": "INVALID"})


def forged(cursor: str) -> list[str]:
    """Cursors that are almost this one."""
    middle = len(cursor) // 2
    other = "A" if cursor[middle] != "A" else "B"
    return ["", "A", "AAAA", "é", "null", "=" * 8, cursor[:-2], cursor[2:],
            cursor[:middle] + other + cursor[middle + 1 :], "A" * 4_000]  # fmt: skip


@pytest.fixture
def cursor(api: Api) -> str:
    """To the second page of zones by name."""
    for _ in range(3):
        api.created("/v1/zones", a_zone())
        api.created("/v1/franchises", a_franchise())
    return str(api.get("/v1/zones", sort="name", limit=1).json["page"]["nextCursor"])


def test_a_forged_cursor_is_refused(api: Api, cursor: str) -> None:
    assert api.get("/v1/zones", sort="name", cursor=cursor).status == 200
    for wrong in forged(cursor):
        answer = api.get("/v1/zones", sort="name", cursor=wrong)
        assert (answer.status, answer.error["code"]) == (400, "INVALID_CURSOR"), wrong


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/v1/franchises", {"sort": "name"}),
        ("/v1/bookings", {}),
        ("/v1/zones", {"sort": "-name"}),
        ("/v1/zones", {"sort": "createdAt"}),
        ("/v1/zones", {}),
        ("/v1/zones", {"sort": "name", "status": "ACTIVE"}),
        ("/v1/zones", {"sort": "name", "franchiseId": str(uuid4())}),
    ],
)
def test_a_cursor_belongs_to_its_list(
    api: Api, cursor: str, path: str, parameters: dict[str, Any]
) -> None:
    answer = api.get(path, cursor=cursor, **parameters)
    assert (answer.status, answer.error["code"]) == (400, "INVALID_CURSOR")


def test_the_limit_may_change_from_page_to_page(api: Api, cursor: str) -> None:
    following = api.get("/v1/zones", sort="name", cursor=cursor, limit=100).json["data"]
    assert len(following) == len(api.walk("/v1/zones")) - 1


def test_a_cursor_of_the_default_sort_is_good_for_its_name_too(api: Api, cursor: str) -> None:
    of_default = api.get("/v1/zones", limit=1).json["page"]["nextCursor"]
    assert api.get("/v1/zones", sort="createdAt", cursor=of_default).status == 200
