"""``muster events replay`` and ``muster events status``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner, Result

from muster.ports.journal import Audience
from muster.runtime.bootstrap import bootstrap
from muster.runtime.cli import muster
from muster.testing.suites.store_under_test import StoreUnderTest
from muster.testing.suites.telling import NOW, an_event_at, tell
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.integration.replay_server import SUBSCRIBER, listening
from tests.integration.test_events_command import on_store

PLUGINS = [PostgresPlugin, TrainerHttpPlugin, listening("one")]


@pytest.fixture
def muster_on(clean_database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(
        "muster.runtime.cli.starting.bootstrap", partial(bootstrap, plugins=PLUGINS)
    )
    settings = {
        "DATABASE_URL": clean_database,
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
    }
    return lambda *arguments: CliRunner().invoke(muster, ["events", *arguments], env=settings)


def happened(url: str, number: int, audience: Audience | None = None) -> None:
    """Events an hour apart."""
    events = [an_event_at(NOW + hour * timedelta(hours=1)) for hour in range(number)]

    async def store(store: StoreUnderTest) -> None:
        await tell(store, events, audience or {})

    on_store(url, store)


def shown(muster_on: Callable[..., Result]) -> Any:
    said = muster_on("status", "--json")
    assert said.exit_code == 0, said.output
    status: Any = json.loads(said.stdout)
    return status


def test_a_range_is_asked_for_and_seen(
    clean_database: str, muster_on: Callable[..., Result]
) -> None:
    happened(clean_database, 5)
    assert muster_on("status").stdout.endswith("No replay is running.\n")
    since = f"{NOW + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    said = muster_on("replay", SUBSCRIBER, "--from", since)
    assert said.exit_code == 0, said.output
    again = muster_on("replay", SUBSCRIBER, "--from", since)
    assert again.stdout == said.stdout, "while it runs it is the same one"
    status = shown(muster_on)
    (line,) = status["replays"]
    assert line["replayId"] in said.stdout
    assert line["subscriber"] == SUBSCRIBER
    assert line["lastPosition"] == status["lastPosition"]
    assert line["position"] == line["firstPosition"] - 1
    assert status["subscribers"] == [
        {"subscriber": SUBSCRIBER, "waiting": 0, "lagSeconds": 0.0, "parked": 0}
    ]
    assert str(line["replayId"]) in muster_on("status").stdout


def test_positions_and_everybody(clean_database: str, muster_on: Callable[..., Result]) -> None:
    happened(clean_database, 5)
    last = int(str(shown(muster_on)["lastPosition"]))
    said = muster_on("replay", "--all", "--from", str(last - 1), "--to", str(last))
    assert said.stdout.startswith(
        f"{SUBSCRIBER} is told of positions {last - 1} to {last}: replay "
    )


def test_nothing_to_tell(muster_on: Callable[..., Result]) -> None:
    said = muster_on("replay", SUBSCRIBER)
    assert (said.exit_code, said.stdout) == (0, "There is nothing to tell.\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nobody/at-all",), f"Subscribers: {SUBSCRIBER}."),
        ((), "Name a subscriber, or say --all."),
        ((SUBSCRIBER, "--all"), "Name a subscriber, or say --all."),
        ((SUBSCRIBER, "--from", "2026-11-20T08:00:00"), "instant with its offset"),
        ((SUBSCRIBER, "--to", "yesterday"), "neither a position"),
    ],
)
def test_what_means_nothing(
    muster_on: Callable[..., Result], arguments: tuple[str, ...], why: str
) -> None:
    said = muster_on("replay", *arguments)
    assert said.exit_code == 2, said.output
    assert why in " ".join(said.stderr.replace("│", " ").split())
