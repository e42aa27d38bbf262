"""Certificates over HTTP: issued, listed, revoked, issued anew, and verified by anybody."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from muster.domain.bookings import Booking
from muster.domain.certificate_names import NameDisplay
from muster.domain.certificate_numbers import read_certificate_number
from muster.domain.franchises import Franchise
from muster.domain.zones import Zone
from muster.testing.example_certificates import a_completed_booking
from muster.testing.examples import a_booking, a_franchise, a_purchase, a_zone, new_id
from tests.conformance.test_postgres import opened, postgres_under_test
from tests.http.api import Answer, Api
from tests.http.server_under_test import serving
from tests.http.shapes import assert_certificate, assert_listing, assert_verified

NUMBER = "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z"
"""A number that nobody has."""

MISTYPED = [
    "CERT-20270101-V3RS-3DTR-98H6-BCFN-Y",
    "CERT-20270102-V3RS-3DTR-98H6-BCFN-Z",
    "CERT-20270101-V3RS-3DTR-98H6-BCFZ",
    "V3RS-3DTR-98H6-BCFN-Z",
    "nonsense",
]


class Earned:
    """A booking that has earned its certificates, stored behind the server's back."""

    def __init__(self, database_url: str, *names: str, franchise: Franchise | None = None) -> None:
        zone = a_zone(franchise_id=franchise.id if franchise else None)
        self.booking = a_completed_booking(zone, *names)
        self.path = f"/v1/bookings/{self.booking.id}/certificates"
        keep(database_url, *([franchise] if franchise else []), zone, self.booking)

    def issue(self, api: Api) -> list[Any]:
        answer = api.post(self.path)
        assert answer.status == 200, answer
        issued: list[Any] = answer.json["data"]
        return issued


def keep(database_url: str, *records: Franchise | Zone | Booking) -> None:
    async def kept() -> None:
        async with opened(database_url) as database:
            await postgres_under_test(database).keep(*records)

    asyncio.run(kept())


def verify(api: Api, number: str) -> Answer:
    return api.get(f"/v1/certificates/{quote(number, safe='')}")


def test_each_student_gets_one_however_often_it_is_asked(api: Api, database_url: str) -> None:
    earned = Earned(database_url, "Asha Rao", "Bela", "Chitra Devi")
    issued = earned.issue(api)
    for one in issued:
        assert_certificate(one)
        assert read_certificate_number(one["number"]) == one["number"]
        assert one["number"][5:13] == one["issuedOn"].replace("-", "")
    assert {(one["studentId"], one["studentName"]) for one in issued} == {
        (str(one.id), one.name) for one in earned.booking.purchase.students
    }
    assert len(issued) == 3
    assert earned.issue(api) == issued
    shown = api.get(earned.path)
    assert_listing(shown.json)
    assert shown.json["data"] == issued
    for one in issued:
        assert api.walk(f"/v1/students/{one['studentId']}/certificates", limit=1) == [one]


def test_nothing_is_issued_before_it_is_earned(api: Api, database_url: str) -> None:
    zone = a_zone()
    short = a_booking(zone, trainer_id=new_id())
    long = a_booking(zone, purchase=a_purchase(total_sessions=30), trainer_id=new_id())
    keep(database_url, zone, short, long)
    for booking in (short, long):
        path = f"/v1/bookings/{booking.id}/certificates"
        refused = api.post(path, {})
        assert (refused.status, refused.error["code"]) == (409, "ILLEGAL_STATE")
        assert api.get(path).json["data"] == []


def test_what_is_not_there_is_not_found(api: Api) -> None:
    assert api.post(f"/v1/bookings/{uuid4()}/certificates").status == 404
    assert api.get(f"/v1/bookings/{uuid4()}/certificates").status == 404
    assert verify(api, NUMBER).status == 404
    for command in ("revoke", "reissue"):
        refused = api.post(f"/v1/certificates/{NUMBER}/{command}", {"reason": "Why not."})
        assert refused.status == 404
    assert api.get(f"/v1/students/{uuid4()}/certificates").json["data"] == []


def test_anybody_verifies_a_number_however_it_is_written(api: Api, database_url: str) -> None:
    earned = Earned(database_url, "Asha  Rao")
    (certificate,) = earned.issue(api)
    number = certificate["number"]
    scrawled = [
        number,
        number.lower(),
        number.replace("-", ""),
        number.replace("-", " "),
        f" {number} ",
        number[:5] + number[5:].replace("0", "o").replace("1", "l"),
    ]
    for text in scrawled:
        answer = verify(api, text)
        assert answer.status == 200, text
        assert_verified(answer.json)
        assert answer.json == {
            "number": number,
            "status": "VALID",
            "courseId": certificate["courseId"],
            "issuedOn": certificate["issuedOn"],
            "issuer": {"operator": "COMPANY", "franchiseId": None, "name": "Muster"},
            "studentName": "A. R.",
        }


@pytest.mark.parametrize("text", MISTYPED)
def test_a_mistyped_number_is_told_from_an_unknown_one(used_api: Api, text: str) -> None:
    refused = verify(used_api, text)
    assert (refused.status, refused.error["code"]) == (400, "CERTIFICATE_NUMBER_INVALID")
    for command in ("revoke", "reissue"):
        path = f"/v1/certificates/{quote(text)}/{command}"
        assert used_api.post(path, {"reason": "x"}).error["code"] == "CERTIFICATE_NUMBER_INVALID"


@pytest.mark.parametrize(
    ("display", "shown"),
    [
        (None, "A. R."),
        (NameDisplay.HIDDEN, None),
        (NameDisplay.INITIALS, "A. R."),
        (NameDisplay.FULL, "Asha Rao"),
    ],
)
def test_a_franchise_shows_as_much_of_a_name_as_it_allows(
    api: Api, database_url: str, display: NameDisplay | None, shown: str | None
) -> None:
    franchise = a_franchise(name="Krishna Learning", certificate_names=display)
    earned = Earned(database_url, "Asha Rao", franchise=franchise)
    (certificate,) = earned.issue(api)
    answer = verify(api, certificate["number"]).json
    assert answer["studentName"] == shown
    issuer = {"operator": "FRANCHISE", "franchiseId": str(franchise.id), "name": "Krishna Learning"}
    assert answer["issuer"] == issuer


def test_what_a_franchise_shows_is_edited(api: Api) -> None:
    made = api.created("/v1/franchises", {"name": "One", "certificateNames": "HIDDEN"})
    assert made["certificateNames"] == "HIDDEN"
    path = f"/v1/franchises/{made['id']}"
    assert api.patch(path, {"certificateNames": "FULL"}).json["certificateNames"] == "FULL"
    assert api.patch(path, {"name": "Two"}).json["certificateNames"] == "FULL"
    assert "certificateNames" not in api.patch(path, {"certificateNames": None}).json
    assert api.patch(path, {"certificateNames": "SOME"}).faults() == {"certificateNames": "INVALID"}


def test_nobody_known_may_verify_and_nothing_else(clean_database: str, api: Api) -> None:
    earned = Earned(clean_database, "Asha Rao")
    (certificate,) = earned.issue(api)
    with serving(
        clean_database,
        MUSTER_ACCESS__OPEN="nobody",
        MUSTER_CERTIFICATES__COMPANY="Learn & Co.",
        MUSTER_CERTIFICATES__NAMES="FULL",
    ) as server:
        answer = verify(server.api, certificate["number"])
        assert answer.status == 200
        assert answer.json["issuer"]["name"] == "Learn & Co."
        assert answer.json["studentName"] == "Asha Rao"
        student = f"/v1/students/{certificate['studentId']}/certificates"
        revoke = f"/v1/certificates/{certificate['number']}/revoke"
        for refused in (
            server.api.get(earned.path),
            server.api.post(earned.path),
            server.api.get(student),
            server.api.post(revoke, {"reason": "x"}),
        ):
            assert (refused.status, refused.error["code"]) == (401, "UNAUTHENTICATED")


def test_revoking_is_final(api: Api, database_url: str) -> None:
    (certificate,) = Earned(database_url).issue(api)
    path = f"/v1/certificates/{certificate['number'].lower()}/revoke"
    revoked = api.post(path, {"reason": "Obtained by deceit."})
    assert revoked.status == 200
    assert_certificate(revoked.json)
    told = {"status": "REVOKED", "revocationReason": "Obtained by deceit.", "version": 2}
    assert revoked.json == certificate | told | {"updatedAt": revoked.json["updatedAt"]}
    assert api.post(path, {"reason": "Again."}).json == revoked.json
    shown = verify(api, certificate["number"])
    assert shown.json["status"] == "REVOKED"
    assert b"deceit" not in shown.body


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 1001}])
@pytest.mark.parametrize("command", ["revoke", "reissue"])
def test_a_reason_is_needed(used_api: Api, command: str, body: dict[str, str]) -> None:
    refused = used_api.post(f"/v1/certificates/{NUMBER}/{command}", body)
    assert refused.status == 400
    assert refused.faults().keys() == {"reason"}


@pytest.mark.parametrize("revoked_first", [False, True])
def test_a_reissued_one_takes_the_old_ones_place(
    api: Api, database_url: str, revoked_first: bool
) -> None:
    earned = Earned(database_url)
    (old,) = earned.issue(api)
    path = f"/v1/certificates/{old['number']}"
    if revoked_first:
        api.post(f"{path}/revoke", {"reason": "A wrong name."})
    new = api.created(f"{path}/reissue", {"reason": "The name was misspelt."})
    assert_certificate(new)
    assert (new["status"], new["supersedes"], new["version"]) == ("VALID", old["id"], 1)
    assert new["reissueReason"] == "The name was misspelt."
    before, after = api.get(earned.path).json["data"]
    assert after == new
    assert (before["id"], before["supersededBy"]) == (old["id"], new["id"])
    worth = "REVOKED" if revoked_first else "SUPERSEDED"
    shown = verify(api, old["number"]).json
    assert (shown["status"], shown["supersededBy"]) == (worth, new["number"])
    assert verify(api, new["number"]).json["status"] == "VALID"
    again = api.post(f"{path}/reissue", {"reason": "Once more."})
    assert (again.status, again.error["code"]) == (409, "ILLEGAL_STATE")
    if not revoked_first:
        refused = api.post(f"{path}/revoke", {"reason": "Too late."})
        assert (refused.status, refused.error["code"]) == (409, "ILLEGAL_STATE")
    assert earned.issue(api) == [before, after]
