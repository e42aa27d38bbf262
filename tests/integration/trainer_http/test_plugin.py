"""The plugin in a composed app: chosen, wrapped, opened, watched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from litestar import Litestar, Router
from litestar.testing import AsyncTestClient

from muster.domain.receipts import DirectorySource
from muster.plugin_api import (
    CompositionError,
    HealthStatus,
    Manifest,
    PortProvider,
    SettingsLookup,
    hookimpl,
)
from muster.ports.snapshot_store import SNAPSHOT_STORE
from muster.ports.trainer_directory import (
    TRAINER_DIRECTORY,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster.runtime.bootstrap import Application, bootstrap
from muster.testing.examples import new_id
from muster_trainer_http.plugin import TrainerHttpPlugin
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import MemoryStore, staff_for

pytestmark = pytest.mark.anyio


class StorePlugin:
    """Brings a snapshot store in memory."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="store_for_test", api_version=1)

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        return [PortProvider(SNAPSHOT_STORE, "memory", lambda ports: MemoryStore())]


def compose(**environ: str) -> Application:
    return bootstrap(environ, [TrainerHttpPlugin, StorePlugin])


async def status_of(app: Application) -> dict[str, Any]:
    handlers = [handler for _, routes in app.routes for handler in routes.handlers]
    litestar = Litestar([Router("/plugins/trainer_http", route_handlers=handlers)])
    async with AsyncTestClient(litestar) as client:
        body: dict[str, Any] = (await client.get("/plugins/trainer_http/status")).json()
    return body


async def test_the_directory_as_an_app_composes_it(question: TrainerQuestion) -> None:
    sandbox = Sandbox(staff_for(question, 2), token="s3cret")
    async with sandbox as url:
        app = compose(TRAINER_SERVICE_URL=url, TRAINER_SERVICE_TOKEN="s3cret")
        directory = app.ports.get(TRAINER_DIRECTORY)
        async with app.running():
            sources = [(await directory.candidates(question)).source for _ in range(3)]
    assert sources == [DirectorySource.LIVE, DirectorySource.SNAPSHOT, DirectorySource.SNAPSHOT]
    assert sandbox.calls["bulk"] == 1
    (chain,) = [chain for chain in app.ports.chains() if chain.port == "trainer_directory"]
    assert chain.provider == "trainer_http/http"
    assert chain.wrappers == ("trainer_http/snapshots@CACHE",)


async def test_the_environment_reaches_the_adapter(question: TrainerQuestion) -> None:
    sandbox = Sandbox(staff_for(question, 30))
    async with sandbox as url:
        app = compose(
            TRAINER_SERVICE_URL=url,
            TRAINER_SNAPSHOT_FRESH="0",
            MUSTER_TRAINER_HTTP__PAGE_LIMIT="10",
        )
        async with app.running():
            answer = await app.ports.get(TRAINER_DIRECTORY).candidates(question)
    assert len(answer.trainers) == 30
    assert sandbox.calls["bulk"] == 3


async def test_the_listing_dialect_by_its_setting(question: TrainerQuestion) -> None:
    sandbox = Sandbox(staff_for(question, 3))
    async with sandbox as url:
        app = compose(TRAINER_SERVICE_URL=url, TRAINER_SERVICE_DIALECT="listing")
        async with app.running():
            answer = await app.ports.get(TRAINER_DIRECTORY).candidates(question)
    assert len(answer.trainers) == 3
    assert sandbox.calls == {"listing": 1, "details": 3}


async def test_the_wrong_token(question: TrainerQuestion) -> None:
    async with Sandbox(token="s3cret") as url:
        app = compose(TRAINER_SERVICE_URL=url, TRAINER_SERVICE_TOKEN="other")
        async with app.running():
            with pytest.raises(TrainerDirectoryUnavailable, match="401"):
                await app.ports.get(TRAINER_DIRECTORY).candidates(question)


async def test_without_a_url_nothing_is_asked() -> None:
    app = compose()
    with pytest.raises(CompositionError, match="TRAINER_SERVICE_URL"):
        app.ports.get(TRAINER_DIRECTORY)
    assert app.health_checks == []
    assert [command.command.name for command in app.commands] == ["trainer-sandbox"]


async def test_asking_outside_the_life_of_the_app(question: TrainerQuestion) -> None:
    app = compose(TRAINER_SERVICE_URL="http://127.0.0.1:9")
    directory = app.ports.get(TRAINER_DIRECTORY)
    with pytest.raises(CompositionError):
        await directory.candidates(question)
    async with app.running():
        pass
    with pytest.raises(CompositionError):
        await directory.candidates(question)


async def test_the_health_check() -> None:
    sandbox = Sandbox()
    url = await sandbox.__aenter__()
    app = compose(TRAINER_SERVICE_URL=url, MUSTER_TRAINER_HTTP__PAGE_SECONDS="2")
    (check,) = app.health_checks
    assert (check.name, check.critical) == ("trainerService", False)
    assert check.timeout_seconds > 2, "a call must end by its own time, to be told with the breaker"
    async with app.running():
        up = await check.check(app.ports)
        await sandbox.__aexit__(None, None, None)
        down = await check.check(app.ports)
    assert (up.status, up.message) == (HealthStatus.UP, None)
    assert (down.status, down.message) == (
        HealthStatus.DOWN,
        "The trainer service cannot be reached.",
    )
    assert up.details == down.details == {"breaker": "closed"}
    assert sandbox.calls == {"health": 1}


async def test_the_status_route(question: TrainerQuestion) -> None:
    async with Sandbox(staff_for(question, 1)) as url:
        app = compose(TRAINER_SERVICE_URL=url)
        assert not any(routes.public for _, routes in app.routes)
        directory = app.ports.get(TRAINER_DIRECTORY)
        async with app.running():
            for _ in range(3):
                await directory.candidates(question)
    async with app.running():
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(TrainerQuestion(None, new_id(), new_id()))
    status = await status_of(app)
    assert status.pop("lastSuccessAt").endswith("Z")
    assert status.pop("lastFailureAt").endswith("Z")
    assert status == {
        "questions": 4,
        "answersFromService": 1,
        "answersFromProcessCopy": 2,
        "answersFromStore": 0,
        "unanswered": 1,
        "calls": 5,
        "trainersLeftOut": 0,
        "storeFailures": 0,
        "lastFailureKind": "connection",
        "breaker": "closed",
    }


async def test_the_breaker_where_an_operator_looks(question: TrainerQuestion) -> None:
    async with Sandbox(token="s3cret") as url:
        app = compose(TRAINER_SERVICE_URL=url, MUSTER_TRAINER_HTTP__BREAKER_SECONDS="0.4")
        (check,) = app.health_checks
        directory = app.ports.get(TRAINER_DIRECTORY)
        async with app.running():
            for _ in range(6):
                with pytest.raises(TrainerDirectoryUnavailable):
                    await directory.candidates(question)
            opened, status = await check.check(app.ports), await status_of(app)
            await asyncio.sleep(0.5)
            half_open = await check.check(app.ports)
    assert (opened.status, opened.details) == (HealthStatus.DOWN, {"breaker": "open"})
    assert (status["breaker"], status["calls"], status["lastFailureKind"]) == ("open", 5, "status")
    assert half_open.status is HealthStatus.DEGRADED
    assert half_open.details == {"breaker": "half-open"}
