"""What outsiders test their plugins with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from litestar import get
from msgspec import Struct

from muster.plugin_api import (
    CompositionError,
    HttpRoutes,
    Manifest,
    PortProvider,
    SettingsLookup,
    hookimpl,
)
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.testing import AppUnderTest, FakeClock, SeededEntropy, make_app
from muster.testing.examples import AN_INSTANT
from muster_memory.plugin import MemoryPlugin


class Said(Struct, frozen=True):
    word: str = "hello"


class Speaker:
    MANIFEST = Manifest(name="speaker", api_version=1, settings=Said)

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        word = settings.section(Said).word

        @get("/word")
        async def say() -> dict[str, str]:
            return {"word": word}

        return [HttpRoutes([say])]


class Sundial:
    MANIFEST = Manifest(name="sundial", api_version=1)

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        clock = FakeClock(AN_INSTANT - timedelta(days=1))
        return [PortProvider(CLOCK, "sundial", lambda ports: clock)]


def test_a_plugins_route_answers_in_a_whole_app() -> None:
    with make_app([Speaker], {"MUSTER_SPEAKER__WORD": "good day"}).client() as client:
        assert client.get("/plugins/speaker/word").json() == {"word": "good day"}
        franchise = client.post("/v1/franchises", json={"name": "A", "timeZone": "Asia/Kolkata"})
        assert franchise.status_code == 201
        assert franchise.json()["createdAt"] == AN_INSTANT.isoformat().replace("+00:00", "Z")
        assert client.get("/nothing").json()["error"]["code"] == "NOT_FOUND"


def test_time_passes_when_the_test_says_so() -> None:
    app = make_app()
    app.clock.advance(timedelta(hours=1))
    assert app.application.ports.get(CLOCK).now() == AN_INSTANT + timedelta(hours=1)


def test_two_apps_have_the_same_chance_and_share_nothing() -> None:
    one, another = make_app(), make_app()
    assert one.entropy.bits(64) == another.application.ports.get(ENTROPY).bits(64)
    assert one.plugin(MemoryPlugin).store is not another.plugin(MemoryPlugin).store


def test_the_environment_of_the_process_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_SPEAKER__WORD", "no")
    monkeypatch.setenv("MUSTER_NONSENSE", "1")
    assert make_app([Speaker]).application.settings.section(Said).word == "hello"


def test_a_plugins_clock_stands_behind_the_port_where_it_is_chosen() -> None:
    app = make_app([Sundial])
    assert app.application.ports.get(CLOCK) is app.clock
    chosen = make_app([Sundial], {"MUSTER_PLUGINS__PORTS": "clock=sundial"})
    assert chosen.application.ports.get(CLOCK).now() == AN_INSTANT - timedelta(days=1)
    assert chosen.application.ports.get(ENTROPY) is chosen.entropy


def test_adapters_come_by_name_or_by_class() -> None:
    for adapters in (["memory"], [MemoryPlugin]):
        app = make_app(adapters=adapters)
        assert "MemoryUnitOfWork" in type(app.application.ports.get(UNIT_OF_WORK)).__name__
    with pytest.raises(CompositionError, match="No enabled plugin provides the port 'unit_of_w"):
        make_app(adapters=[]).application.dispatcher()


def test_a_plugin_that_takes_no_part_is_not_found() -> None:
    with pytest.raises(LookupError, match="Sundial takes no part in this app"):
        make_app([Speaker]).plugin(Sundial)


def test_the_fixtures_belong_together(
    muster_app: Callable[..., AppUnderTest], fake_clock: FakeClock, seeded_entropy: SeededEntropy
) -> None:
    app = muster_app([Speaker])
    assert (app.clock, app.entropy) == (fake_clock, seeded_entropy)
    assert isinstance(app.plugin(Speaker), Speaker)


def test_the_pytest_plugin_imports_nothing_until_it_is_used() -> None:
    code = (
        "import sys, muster.testing.pytest_plugin\n"
        "print(*sorted(name for name in sys.modules if name.startswith('muster')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["muster", "muster.testing", "muster.testing.pytest_plugin"]


def test_what_is_not_offered_is_no_attribute() -> None:
    import muster.testing

    with pytest.raises(AttributeError, match="has no attribute 'mock'"):
        muster.testing.mock  # noqa: B018
