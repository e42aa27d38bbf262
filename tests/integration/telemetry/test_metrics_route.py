"""Who may read ``/metrics``, and who may offer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from litestar import get

from muster.plugin_api import (
    CompositionError,
    HttpRoutes,
    Manifest,
    SettingsLookup,
    hookimpl,
)
from muster.testing.app_under_test import make_app
from muster_postgres.plugin import PostgresPlugin
from muster_telemetry.plugin import TelemetryPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import Answer, Api
from tests.http.server_under_test import serving

TOKEN = "a token of the scraper's"
PLUGINS = [PostgresPlugin, TrainerHttpPlugin, TelemetryPlugin]


@pytest.fixture(scope="module")
def open_api(database_url: str) -> Iterator[Api]:
    with serving(database_url, PLUGINS) as server:
        yield server.api


@pytest.fixture(scope="module")
def guarded_api(database_url: str) -> Iterator[Api]:
    with serving(database_url, PLUGINS, MUSTER_TELEMETRY__METRICS_TOKEN=TOKEN) as server:
        yield server.api


def bearer(token: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {token}")]


def refused(answer: Answer) -> bool:
    assert b"muster_" not in answer.body
    return (answer.status, answer.error["code"]) == (401, "UNAUTHENTICATED")


def test_this_machine_needs_no_token(open_api: Api) -> None:
    open_api.get("/v1/zones")
    answer = open_api.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b'muster_http_request_duration_seconds_count{method="GET",route="/v1/zones"' in (
        answer.body
    )
    assert b'muster_database_connections{state="idle"}' in answer.body


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "x-forwarded-for"])
@pytest.mark.parametrize("value", ["127.0.0.1", "203.0.113.7", ""])
def test_through_a_proxy_nobody_is_of_this_machine(open_api: Api, name: str, value: str) -> None:
    assert refused(open_api.send("GET", "/metrics", headers=[(name, value)]))


def test_who_is_of_another_machine_is_refused() -> None:
    app = make_app([TelemetryPlugin])
    with app.client() as client:  # its address is no address of this machine
        assert client.get("/metrics").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        [],
        bearer("another token, as long"),
        bearer(""),
        bearer(TOKEN[:-1]),
        bearer(f"{TOKEN} "[1:]),
        bearer("é" * 20),
        [("Authorization", TOKEN)],
        [("Authorization", f"Basic {TOKEN}")],
        [("X-Token", TOKEN)],
    ],
)
def test_a_token_that_is_not_the_one_opens_nothing(
    guarded_api: Api, headers: list[tuple[str, str]]
) -> None:
    assert refused(guarded_api.send("GET", "/metrics", headers=headers))


def test_the_token_opens_also_through_a_proxy(guarded_api: Api) -> None:
    through = [*bearer(TOKEN), ("X-Forwarded-For", "203.0.113.7")]
    for headers in (bearer(TOKEN), through):
        assert guarded_api.send("GET", "/metrics", headers=headers).status == 200


def test_head_is_guarded_alike(guarded_api: Api) -> None:
    assert guarded_api.send("HEAD", "/metrics").status == 401
    answer = guarded_api.send("HEAD", "/metrics", headers=bearer(TOKEN))
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_can_only_be_read(open_api: Api, method: str) -> None:
    assert open_api.send(method, "/metrics").status == 405


def test_it_stands_in_no_document(open_api: Api) -> None:
    assert "/metrics" not in open_api.get("/docs/openapi.json").json["paths"]


@pytest.mark.parametrize("settings", [{"METRICS": "off"}, {"METRICS": "console"}])
def test_it_is_there_only_where_it_is_scraped(settings: dict[str, str]) -> None:
    environ = {f"MUSTER_TELEMETRY__{name}": value for name, value in settings.items()}
    app = make_app([TelemetryPlugin], environ)
    with app.client() as client:
        assert client.get("/metrics").status_code == 404


@get("/", include_in_schema=False)
async def impostor() -> str:
    return "muster_fine 1"


@pytest.mark.parametrize(
    ("name", "path"),
    [("impostor", "/metrics"), ("telemetry", "/v1/zones"), ("telemetry", "/"), ("x", "/health")],
)
def test_no_plugin_takes_a_path_that_it_is_not_granted(name: str, path: str) -> None:
    class Impostor:
        MANIFEST = Manifest(name=name, api_version=1)

        @hookimpl
        def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
            return [HttpRoutes([impostor], public=True, granted_path=path)]

    with pytest.raises(CompositionError, match=f"{name!r} asks for the path {path!r}"):
        make_app([Impostor]).client()
