"""Whoever looks on is told of every call to the trainer service; the service is told the trace."""

from __future__ import annotations

import pytest
from aiohttp import web

from muster.ports.observation import Answered, CallActivity
from muster.ports.trainer_directory import (
    TRAINER_DIRECTORY,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster.runtime.bootstrap import bootstrap
from muster.testing.entropy import SeededEntropy
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.failures import CallFailed
from muster_trainer_http.plugin import TrainerHttpPlugin
from muster_trainer_http.sandbox import Sandbox
from muster_trainer_http.sandbox.faults import Faults
from muster_trainer_http.settings import TrainerHttpSettings
from tests.integration.trainer_http.service_under_test import serving, serving_bytes, staff_for
from tests.integration.trainer_http.test_plugin import StorePlugin
from tests.observed import A_TRACE, Diary, Seen, plugin_of

pytestmark = pytest.mark.anyio

TARGETS = {
    "bulk": {"api/v1/trainers/bulk"},
    "listing": {"api/v1/trainers", "api/v1/trainers/{id}"},
}
BODY = b"a body"


async def called(url: str, diary: Diary, **settings: object) -> bytes:
    """Make one call by a client of its own."""
    section = TrainerHttpSettings(url=url, retry_seconds=0.001, **settings)  # type: ignore[arg-type]
    client = TrainerServiceClient(url, section, SeededEntropy(0), DirectoryActivity(), diary)
    async with client.opened():
        return await client.get("trainers/17/calendar", {"q": "Asha"}, "trainers/{id}/calendar")


def calls(diary: Diary) -> list[Seen]:
    """Every call; each is told by its template alone."""
    found = diary.of(CallActivity)
    expected = CallActivity("trainer_service", "GET", "trainers/{id}/calendar")
    assert {activity for activity, _ in found} == {expected}
    return [seen.await_end() for _, seen in found]


@pytest.mark.parametrize("trace_context", [None, A_TRACE])
async def test_the_trace_stands_on_the_wire(trace_context: str | None) -> None:
    heard: list[list[str]] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(request.headers.getall("traceparent", []))
        return web.Response(body=BODY)

    diary = Diary(trace_context)
    async with serving(answer) as url:
        assert await called(url, diary) == BODY
    assert heard == [[] if trace_context is None else [trace_context]]
    (seen,) = calls(diary)
    assert seen.facts == [Answered(200)]
    assert seen.error is None


async def test_every_try_is_a_call_of_its_own() -> None:
    statuses = iter([503, 503, 200])

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=BODY, status=next(statuses))

    diary = Diary()
    async with serving(answer) as url:
        assert await called(url, diary) == BODY
    assert [seen.answered.status for seen in calls(diary)] == [503, 503, 200]
    assert [type(seen.error) for seen in calls(diary)] == [CallFailed, CallFailed, type(None)]


async def test_what_is_no_http_is_no_answer() -> None:
    diary = Diary()
    async with serving_bytes(b"good day\r\n\r\n") as url:
        with pytest.raises(CallFailed):
            await called(url, diary)
    for seen in calls(diary):
        assert seen.facts == []
        assert isinstance(seen.error, CallFailed)


async def test_an_answer_that_breaks_off_was_one() -> None:
    diary = Diary()
    async with serving_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort") as url:
        with pytest.raises(CallFailed):
            await called(url, diary)
    for seen in calls(diary):
        assert seen.answered == Answered(200)
        assert isinstance(seen.error, CallFailed)


@pytest.mark.parametrize("dialect", TARGETS)
async def test_in_an_app_targets_are_templates_and_the_breaker_can_be_read(
    question: TrainerQuestion, dialect: str
) -> None:
    diary, sandbox = Diary(), Sandbox(staff_for(question, 2))
    async with sandbox as url:
        environ = {
            "TRAINER_SERVICE_URL": url,
            "TRAINER_SERVICE_DIALECT": dialect,
            "TRAINER_SNAPSHOT_FRESH": "0",
            "TRAINER_SNAPSHOT_MAX_AGE": "0",
            "MUSTER_TRAINER_HTTP__BREAKER_FAILURES": "1",
            "MUSTER_TRAINER_HTTP__RETRIES": "0",
        }
        app = bootstrap(environ, [TrainerHttpPlugin, StorePlugin, plugin_of(diary)])
        directory = app.ports.get(TRAINER_DIRECTORY)
        read = diary.gauges["trainer_service_breaker"].read
        async with app.running():
            await directory.candidates(question)
            assert await read() == {"closed": 1, "open": 0, "half-open": 0}
            sandbox.faults = Faults(status=500)
            with pytest.raises(TrainerDirectoryUnavailable):
                await directory.candidates(question)
            assert await read() == {"closed": 0, "open": 1, "half-open": 0}
    assert {activity.target for activity, _ in diary.of(CallActivity)} == TARGETS[dialect]
