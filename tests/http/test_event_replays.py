"""``POST /admin/events/replay``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.auth.stage import run
from tests.http.orders import a_franchise
from tests.http.server_under_test import ServerUnderTest, serving
from tests.integration.replay_server import SUBSCRIBER, TABLE, listening
from tests.jobs.test_first_types import eventually

PATH = "/admin/events/replay"


@pytest.fixture(scope="module")
def module_server(database_url: str) -> Iterator[ServerUnderTest]:
    plugins = [PostgresPlugin, TrainerHttpPlugin, listening("one")]
    with serving(database_url, plugins, MUSTER_EVENTS__POLL_SECONDS="0.05") as server:
        yield server


@pytest.fixture
def heard(clean_database: str) -> Iterator[Any]:
    """The events in the order in which they were heard."""
    run(clean_database, TABLE)
    yield lambda: [
        row["event_id"] for row in run(clean_database, "SELECT event_id FROM heard ORDER BY number")
    ]
    run(clean_database, "DROP TABLE heard")


def test_what_was_heard_is_heard_again(
    module_server: ServerUnderTest, clean_database: str, heard: Any
) -> None:
    api = module_server.api
    for _ in range(3):
        api.created("/v1/franchises", a_franchise())
    eventually(lambda: len(heard()) == 3)
    _, *told = run(clean_database, "SELECT id, position FROM outbox_events ORDER BY position")
    last_two = {"subscriber": SUBSCRIBER, "firstPosition": told[0]["position"]}
    answer = api.post(PATH, last_two)
    assert answer.status == 202, answer
    ((replay,), page) = answer.json["data"], answer.json["page"]
    assert page["nextCursor"] is None
    assert replay["subscriber"] == SUBSCRIBER
    assert replay["lastPosition"] == told[1]["position"]
    assert replay["position"] == replay["firstPosition"] - 1
    eventually(lambda: len(heard()) == 5)
    assert sorted(heard()[3:]) == sorted(one["id"] for one in told)
    (entry,) = api.get("/admin/audit", action="ReplayEvents").json["data"]
    assert (entry["subjectKind"], entry["subjectId"]) == ("event_replay", replay["id"])
    assert entry["change"]["after"]["subscriber"] == SUBSCRIBER


def test_where_nothing_happened(module_server: ServerUnderTest, clean_database: str) -> None:
    long_ago = {"subscriber": None, "to": "2001-01-01T00:00:00Z"}
    answer = module_server.api.post(PATH, long_ago)
    assert (answer.status, answer.json["data"]) == (202, [])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"subscriber": "nobody/at-all"}, 404, "NOT_FOUND"),
        ({}, 400, "VALIDATION_FAILED"),
        ({"subscriber": SUBSCRIBER, "from": "2026-11-20T08:00:00"}, 400, "VALIDATION_FAILED"),
        ({"subscriber": SUBSCRIBER, "firstPosition": 0}, 400, "VALIDATION_FAILED"),
        ({"subscriber": SUBSCRIBER, "since": None}, 400, "VALIDATION_FAILED"),
    ],
)
def test_what_is_refused(
    module_server: ServerUnderTest, clean_database: str, body: Any, status: int, code: str
) -> None:
    answer = module_server.api.post(PATH, body)
    assert (answer.status, answer.error["code"]) == (status, code), answer


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_time(
    module_server: ServerUnderTest, clean_database: str, heard: Any, instant: str
) -> None:
    module_server.api.created("/v1/franchises", a_franchise())
    answer = module_server.api.post(
        PATH, {"subscriber": SUBSCRIBER, "from": instant, "to": instant}
    )
    assert answer.status == 202, answer
    eventually(lambda: not run(clean_database, "SELECT FROM event_replays"))
