"""What is seen from outside of a fault that nobody foresaw: nothing of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import asyncpg
import pytest
from litestar import get
from litestar.exceptions import HTTPException

from muster.plugin_api import HttpRoutes, Manifest, SettingsLookup, hookimpl
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import Api
from tests.http.server_under_test import serving

SECRET = "SELECT password FROM accounts"


@get("/bug", operation_id="bug")
async def bug() -> None:
    raise RuntimeError(SECRET)


@get("/sql", operation_id="sql")
async def sql() -> None:
    raise asyncpg.UndefinedTableError(SECRET)


@get("/framework", operation_id="framework")
async def framework() -> None:
    raise HTTPException(detail=SECRET, status_code=500)


class FaultyPlugin:
    """Fails in several ways."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="faulty", api_version=1)

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        return [HttpRoutes([bug, sql, framework])]


@pytest.fixture(scope="module")
def faulty_api(database_url: str) -> Iterator[Api]:
    with serving(database_url, [PostgresPlugin, TrainerHttpPlugin, FaultyPlugin]) as server:
        yield server.api


@pytest.mark.parametrize("route", ["bug", "sql", "framework"])
def test_nothing_of_it_is_told(faulty_api: Api, route: str) -> None:
    headers = [("X-Correlation-ID", f"test-{route}")]
    answer = faulty_api.send("GET", f"/plugins/faulty/{route}", headers=headers)
    assert (answer.status, answer.error["code"]) == (500, "INTERNAL")
    assert answer.error["retryable"] is False
    assert "details" not in answer.error
    assert answer.error["correlationId"] == f"test-{route}"
    assert b"password" not in answer.body


def test_the_server_lives_on(faulty_api: Api) -> None:
    faulty_api.get("/plugins/faulty/bug")
    assert faulty_api.get("/v1/zones").status == 200
