"""The directory against a service that answers well, badly, late or not at all."""

from __future__ import annotations

import time
from contextlib import AbstractAsyncContextManager

import pytest
from aiohttp import web
from msgspec.structs import replace
from structlog.testing import capture_logs

from muster.domain.receipts import DirectorySource
from muster.ports.trainer_directory import TrainerDirectoryUnavailable, TrainerQuestion
from muster.testing.clock import FakeClock
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.failures import FailureKind
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import (
    a_page,
    a_record,
    always,
    asking,
    ids_of,
    serving,
    serving_bytes,
    staff_for,
)

pytestmark = pytest.mark.anyio

ELEVEN_MB = a_page() + b" " * 11_000_000


async def test_the_answer_of_the_sandbox(question: TrainerQuestion, clock: FakeClock) -> None:
    trainers, others = staff_for(question, 3), staff_for(replace(question, franchise_id=None), 2)
    async with Sandbox([*trainers, *others]) as url, asking(url, clock) as directory:
        answer = await directory.candidates(question)
    assert sorted(answer.trainers, key=lambda one: one.id) == trainers
    assert (answer.source, answer.as_of) == (DirectorySource.LIVE, clock.now())


async def test_nobody_is_an_answer_when_the_service_says_so(question: TrainerQuestion) -> None:
    async with Sandbox() as url, asking(url) as directory:
        assert (await directory.candidates(question)).trainers == ()


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 1), (1, 1), (499, 1), (500, 1), (501, 2), (1_201, 3)]
)
async def test_one_call_for_each_500_trainers(
    question: TrainerQuestion, count: int, calls: int
) -> None:
    trainers = staff_for(question, count)
    sandbox = Sandbox(trainers)
    async with sandbox as url, asking(url) as directory:
        answer = await directory.candidates(question)
    assert ids_of(answer.trainers) == ids_of(trainers)
    assert len(answer.trainers) == count
    assert sandbox.calls["bulk"] == calls


async def test_what_is_asked(question: TrainerQuestion) -> None:
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(body=a_page(cursor=None if len(asked) > 1 else "a/b+c=&d"))

    company = TrainerQuestion(None, question.zone_id, question.course_id)
    async with serving(answer) as url, asking(f"{url}/hr/", token="s3cret") as directory:
        await directory.candidates(question)
        await directory.candidates(company)
    expected = {
        "franchiseId": str(question.franchise_id),
        "zoneId": str(question.zone_id),
        "courseId": str(question.course_id),
        "active": "true",
        "limit": "500",
    }
    assert [dict(request.query) for request in asked] == [
        expected,
        expected | {"cursor": "a/b+c=&d"},
        expected | {"franchiseId": "none"},
    ]
    assert {request.path for request in asked} == {"/hr/api/v1/trainers/bulk"}
    assert {request.headers["Authorization"] for request in asked} == {"Bearer s3cret"}


def raw(head: str, body: bytes) -> AbstractAsyncContextManager[str]:
    return serving_bytes(b"HTTP/1.1 200 OK\r\n" + head.encode() + b"\r\n\r\n" + body)


LENGTH = "Content-Length: {}".format
CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        (lambda: serving(always(b"{}", 500)), FailureKind.STATUS),
        (lambda: serving(always(a_page(), 503)), FailureKind.STATUS),
        (lambda: serving(always(a_page(), 404)), FailureKind.STATUS),
        (lambda: serving(always(a_page(), 401)), FailureKind.STATUS),
        (lambda: serving(always(a_page(), 201)), FailureKind.STATUS),
        (lambda: serving(always(b"", 204)), FailureKind.STATUS),
        (lambda: serving(always(a_page(), 304)), FailureKind.REDIRECT),
        (
            lambda: serving(always(b"<html>maintenance</html>", 200, "text/html")),
            FailureKind.NOT_THE_CONTRACT,
        ),
        (lambda: serving(always(b"")), FailureKind.NOT_THE_CONTRACT),
        (lambda: serving(always(b"null")), FailureKind.NOT_THE_CONTRACT),
        (lambda: serving(always(b"[]")), FailureKind.NOT_THE_CONTRACT),
        (lambda: serving(always(b'{"data": []}')), FailureKind.NOT_THE_CONTRACT),
        (lambda: serving(always(a_page(a_record())[:-30])), FailureKind.NOT_THE_CONTRACT),
        (lambda: serving(always(ELEVEN_MB)), FailureKind.TOO_LARGE),
        (lambda: raw(CHUNKED, b"a7d8c0\r\n" + ELEVEN_MB[:11_000_000]), FailureKind.TOO_LARGE),
        (lambda: raw("Connection: close", ELEVEN_MB), FailureKind.TOO_LARGE),
        (lambda: raw(LENGTH(20), ELEVEN_MB), FailureKind.NOT_THE_CONTRACT),
        (lambda: raw(LENGTH(11_000_000), a_page()), FailureKind.CONNECTION),
        (lambda: raw(CHUNKED, b"ff\r\n{"), FailureKind.CONNECTION),
        (lambda: serving_bytes(b""), FailureKind.CONNECTION),
        (lambda: serving_bytes(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), FailureKind.NOT_THE_CONTRACT),
        (lambda: serving_bytes(b"HTTP/1.1 abc\r\n\r\n"), FailureKind.NOT_THE_CONTRACT),
        (
            lambda: raw("X-Long: " + "x" * 70_000, a_page()),
            FailureKind.NOT_THE_CONTRACT,
        ),
        (lambda: serving(always(a_page(cursor="again"))), FailureKind.ENDLESS_PAGES),
        (lambda: serving(always(a_page(None, {}, 7))), FailureKind.NO_VALID_TRAINER),
    ],
)
async def test_a_wrong_answer_is_unavailable(
    question: TrainerQuestion, service: object, kind: FailureKind
) -> None:
    assert callable(service)
    activity = DirectoryActivity()
    begun = time.monotonic()
    async with service() as url, asking(url, activity=activity, token="s3cret") as directory:
        with capture_logs() as logs, pytest.raises(TrainerDirectoryUnavailable) as refused:
            await directory.candidates(question)
        assert url.partition("//")[2] not in str(refused.value)
    assert activity.last_failure_kind is kind
    assert activity.last_success_at is None
    assert "s3cret" not in f"{refused.value}{logs}"
    told = [line["event"] for line in logs if line["event"] != "stamina.retry_scheduled"]
    assert told == ["trainer_service_unavailable"]
    assert time.monotonic() - begun < 5


async def test_a_compressed_answer_is_not_unpacked(question: TrainerQuestion) -> None:
    async def answer(request: web.Request) -> web.Response:
        response = web.Response(body=a_page(a_record()))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with serving(answer) as url, asking(url) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)


async def test_nobody_listens(question: TrainerQuestion) -> None:
    async with Sandbox() as url:
        pass
    activity = DirectoryActivity()
    async with asking(url, activity=activity) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.last_failure_kind is FailureKind.CONNECTION


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(question: TrainerQuestion, status: int) -> None:
    elsewhere: list[str] = []

    async def other(request: web.Request) -> web.Response:
        elsewhere.append(request.path)
        return web.Response(body=a_page(a_record()))

    async with serving(other) as other_url:

        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": other_url + request.path_qs})

        async with serving(redirect) as url, asking(url) as directory:
            with pytest.raises(TrainerDirectoryUnavailable):
                await directory.candidates(question)
    assert elsewhere == []


async def test_a_bad_second_page_spoils_the_first(question: TrainerQuestion) -> None:
    async def answer(request: web.Request) -> web.Response:
        if "cursor" in request.query:
            return web.Response(status=502)
        return web.Response(body=a_page(a_record(), cursor="next"))

    async with serving(answer) as url, asking(url) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)


async def test_one_bad_trainer_among_good_ones(question: TrainerQuestion) -> None:
    good = [a_record() for _ in range(4)]
    bad = [
        a_record(id="not-an-id", name="Private Person"),
        a_record(active="yes", name="Private Person"),
        None,
    ]
    activity = DirectoryActivity()
    body = a_page(*good[:2], *bad, *good[2:])
    async with serving(always(body)) as url, asking(url, activity=activity) as directory:
        with capture_logs() as logs:
            answer = await directory.candidates(question)
    assert {str(id_) for id_ in ids_of(answer.trainers)} == {record["id"] for record in good}
    assert activity.trainers_left_out == 3
    (line,) = logs
    assert (line["event"], line["count"]) == ("trainers_left_out", 3)
    assert "Private" not in str(line)
    assert "not-an-id" not in str(line)


@pytest.mark.parametrize("order", [1, -1])
async def test_of_a_trainer_named_twice_the_latest_counts(
    question: TrainerQuestion, order: int
) -> None:
    records = [
        a_record(id=(same := a_record()["id"]), name="Old", updatedAt="2026-11-20T08:00:00Z"),
        a_record(id=same, name="Undated", updatedAt=None),
        a_record(id=same, name="New", updatedAt="2026-11-20T08:00:01Z", active=False),
        a_record(id=same, name="As new", updatedAt="2026-11-20T08:00:01Z", active=True),
    ]
    async with serving(always(a_page(*records[::order]))) as url, asking(url) as directory:
        (trainer,) = (await directory.candidates(question)).trainers
    assert (trainer.name, trainer.active) == ("New", False)


async def test_connections_are_kept(question: TrainerQuestion) -> None:
    peers: set[object] = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(body=a_page())

    async with serving(answer) as url, asking(url) as directory:
        for _ in range(10):
            await directory.candidates(question)
    assert len(peers) == 1
