"""Certificates as PDF over HTTP: who gets them, when, and where their QR code leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest

from muster.domain.certificate_numbers import write_certificate_number
from muster.plugin_api import Role
from muster.testing.examples import a_franchise
from muster_documents.plugin import DocumentsPlugin
from muster_jobs.plugin import JobsPlugin
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.auth.stage import run
from tests.documents.paper import paper_of
from tests.http.api import JSON, Answer, Api
from tests.http.named_callers import NamedCallers, header_of
from tests.http.server_under_test import serving
from tests.http.test_certificates import NUMBER, Earned

LINK = "https://muster.example/v1/certificates/{number}"
DAY = date(2027, 1, 1)
ADMIN = header_of(Role.COMPANY_ADMIN)


class NamedApi(Api):
    """The API as somebody asks it."""

    def __init__(self, port: int, caller: tuple[str, str]) -> None:
        super().__init__(port)
        self._caller = caller

    def send(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Sequence[tuple[str, str]] | None = None,
    ) -> Answer:
        known = [] if body is None else [("Content-Type", JSON)]
        return super().send(method, target, body, [self._caller, *known, *(headers or ())])


@pytest.fixture(scope="module")
def port(database_url: str) -> Iterator[int]:
    plugins = [PostgresPlugin, TrainerHttpPlugin, NamedCallers, JobsPlugin, DocumentsPlugin]
    settings = {
        "MUSTER_DOCUMENTS__VERIFICATION_LINK": LINK,
        # Nothing is rendered but what somebody asks for.
        "MUSTER_JOBS__WORK_IN_SERVER": "false",
    }
    with serving(database_url, plugins, **settings) as server:
        yield server.api.port


@pytest.fixture
def api(port: int, clean_database: str) -> NamedApi:
    return NamedApi(port, ADMIN)


@pytest.fixture
def earned(api: NamedApi, database_url: str) -> Earned:
    return Earned(database_url, "Asha Rao")


@pytest.fixture
def number(api: NamedApi, earned: Earned) -> str:
    (certificate,) = earned.issue(api)
    found: str = certificate["number"]
    return found


def path_of(number: str) -> str:
    return f"/v1/certificates/{number}/document"


def link_of(number: str) -> str:
    return LINK.format(number=quote(number, safe=""))


def downloaded(api: Api, number: str) -> bytes:
    answer = api.get(path_of(number))
    assert answer.status == 200, answer
    return answer.body


def refused(api: Api, number: str) -> tuple[int, str]:
    answer = api.get(path_of(number))
    return answer.status, answer.error["code"]


def status_at(api: Api, url: str) -> Any:
    """What anybody is told who follows the QR code, and shows nothing of who they are."""
    answer = Api(api.port).get(urlsplit(url).path)
    assert answer.status == 200, answer
    return answer.json["status"]


def test_whoever_asks_before_it_is_rendered_gets_it(
    api: NamedApi, earned: Earned, number: str
) -> None:
    answer = api.get(path_of(number))
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
    assert answer.headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    paper = paper_of(answer.body)
    booking = earned.booking
    assert {number, "Asha Rao", str(booking.purchase.course_id), "Muster"} <= set(paper.lines)
    assert (booking.purchase.booking_reference or str(booking.id)) in paper.lines
    assert downloaded(api, number.lower().replace("-", "")) == answer.body


def test_the_code_leads_to_what_it_is_worth(api: NamedApi, earned: Earned, number: str) -> None:
    """All along: valid, suspended while a completion is voided, valid again, revoked."""
    first = downloaded(api, number)
    (url,) = paper_of(first).codes
    assert url == link_of(number)
    assert status_at(api, url) == "VALID"

    session = f"/v1/sessions/{earned.booking.sessions[0].id}"
    assert api.post(f"{session}/void", {"reason": "Nobody came."}).status == 200
    assert status_at(api, url) == "SUSPENDED"
    assert refused(api, number) == (409, "CERTIFICATE_SUSPENDED")

    assert api.post(f"{session}/restore").status == 200
    assert status_at(api, url) == "VALID"
    assert downloaded(api, number) == first

    assert api.post(f"/v1/certificates/{number}/revoke", {"reason": "Forged."}).status == 200
    assert status_at(api, url) == "REVOKED"
    assert refused(api, number) == (410, "CERTIFICATE_NOT_IN_FORCE")


def test_a_reissued_one_takes_the_place(api: NamedApi, number: str) -> None:
    old = downloaded(api, number)
    new = api.created(f"/v1/certificates/{number}/reissue", {"reason": "Torn."})["number"]
    assert refused(api, number) == (410, "CERTIFICATE_NOT_IN_FORCE")
    paper = paper_of(downloaded(api, new))
    assert new in paper.lines
    assert paper.codes == [link_of(new)]
    assert paper.codes != paper_of(old).codes


@pytest.mark.parametrize("symbol", "*~$=U")
def test_a_number_with_any_check_symbol_can_be_scanned(
    api: NamedApi, number: str, database_url: str, symbol: str
) -> None:
    """Some of them mean something else in a URL."""
    drawn = (write_certificate_number(DAY, bits) for bits in count())
    found = next(one for one in drawn if one.endswith(symbol))
    run(database_url, "UPDATE certificates SET number = $1", found)
    paper = paper_of(downloaded(api, quote(found, safe="")))
    assert found in paper.lines
    (url,) = paper.codes
    assert status_at(api, url) == "VALID"


def test_what_is_known_already_is_not_sent_again(api: NamedApi, number: str) -> None:
    answer = api.get(path_of(number))
    tag = answer.headers["ETag"]
    again = api.send("GET", path_of(number), headers=[("If-None-Match", tag)])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == tag
    other = api.send("GET", path_of(number), headers=[("If-None-Match", '"other"')])
    assert (other.status, other.body) == (200, answer.body)
    head = api.send("HEAD", path_of(number))
    assert (head.status, head.body) == (200, b"")
    assert head.headers["ETag"] == tag


def test_what_was_handed_out_is_handed_out_again(
    api: NamedApi, number: str, database_url: str
) -> None:
    """Whatever this version would write; once it says something else it is written anew."""
    first = downloaded(api, number)
    run(database_url, "UPDATE certificate_documents SET content = 'of an older version'")
    assert downloaded(api, number) == b"of an older version"
    run(database_url, "UPDATE certificate_documents SET edition = 'that says something else'")
    assert downloaded(api, number) == first
    (row,) = run(database_url, "SELECT content FROM certificate_documents")
    assert row["content"] == first


def test_a_franchise_stands_on_what_it_issues(api: NamedApi, database_url: str) -> None:
    franchise = a_franchise(name="Bengaluru West")
    earned = Earned(database_url, "Asha Rao", franchise=franchise)
    (certificate,) = earned.issue(api)
    paper = paper_of(downloaded(api, certificate["number"]))
    assert "Bengaluru West, a franchise of Muster" in paper.lines
    renamed = api.patch(f"/v1/franchises/{franchise.id}", {"name": "Mysuru Road"})
    assert renamed.status == 200, renamed
    paper = paper_of(downloaded(api, certificate["number"]))
    assert "Mysuru Road, a franchise of Muster" in paper.lines


def test_who_may_download(api: NamedApi, database_url: str, port: int) -> None:
    """Whoever may read the booking's certificates, and nobody else."""
    franchise = a_franchise()
    earned = Earned(database_url, "Asha Rao", franchise=franchise)
    (certificate,) = earned.issue(api)
    client = str(uuid4())
    run(database_url, "UPDATE bookings SET client_id = $1", client)
    number = certificate["number"]
    expected = {
        header_of(Role.COMPANY_ADMIN): (200, None),
        header_of(Role.FRANCHISE_MANAGER, franchise_id=str(franchise.id)): (200, None),
        header_of(Role.CLIENT, client_id=client): (200, None),
        header_of(Role.FRANCHISE_MANAGER, franchise_id=str(uuid4())): (404, "NOT_FOUND"),
        header_of(Role.CLIENT, client_id=str(uuid4())): (404, "NOT_FOUND"),
        header_of(Role.TRAINER, trainer_id=str(earned.booking.trainer_id)): (403, "FORBIDDEN"),
        ("X-Nobody", "known"): (401, "UNAUTHENTICATED"),
    }
    for caller, (status, code) in expected.items():
        answer = NamedApi(port, caller).get(path_of(number))
        assert answer.status == status, (caller, answer)
        assert code is None or answer.error["code"] == code


def test_what_is_not_there(api: NamedApi) -> None:
    assert refused(api, NUMBER) == (404, "NOT_FOUND")
    assert refused(api, "nonsense") == (400, "CERTIFICATE_NUMBER_INVALID")
    assert refused(api, "x" * 101) == (400, "VALIDATION_FAILED")
    assert api.get(path_of(NUMBER), format="a4").error["code"] == "VALIDATION_FAILED"
    assert api.post(path_of(NUMBER)).status == 405
