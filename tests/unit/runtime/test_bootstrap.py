"""The composition root: one app from the environment, or a refusal that says why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar
from zoneinfo import TZPATH, ZoneInfo

import click
import pytest
from msgspec import Struct

from muster.plugin_api import (
    CliCommand,
    CompositionError,
    HealthCheck,
    HealthReport,
    LifespanStep,
    Manifest,
    PortLookup,
    SettingsLookup,
    hookimpl,
    setting,
)
from muster.ports.clock import CLOCK
from muster.runtime.bootstrap import bootstrap
from muster.runtime.settings_tree import SettingsInvalid

ON_MEMORY = {"MUSTER_PLUGINS__ENABLED": "memory"}


class Told(Struct, frozen=True):
    word: Annotated[str, setting("What is said.")] = "hello"


async def healthy(ports: PortLookup) -> HealthReport:
    raise NotImplementedError


class Speaker:
    MANIFEST: ClassVar[Manifest] = Manifest(name="speaker", api_version=1, settings=Told)
    diary: ClassVar[list[str]] = []

    @hookimpl
    def health_checks(self, settings: SettingsLookup) -> Sequence[HealthCheck]:
        return [HealthCheck("voice", healthy, 1.0, critical=False)]

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        return [CliCommand(click.Command("speak"))]

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        return [step(f"{word} {settings.section(Told).word}", self.diary) for word in ("1", "2")]


class Echo(Speaker):
    MANIFEST = Manifest(name="echo", api_version=1, settings=type("Other", (Told,), {}))

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        return []


class SecondSpeak(Echo):
    MANIFEST = Manifest(name="second", api_version=1)

    @hookimpl
    def health_checks(self, settings: SettingsLookup) -> Sequence[HealthCheck]:
        return []


class Nameless(SecondSpeak):
    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        return [CliCommand(click.Command(None))]


class Squatter:
    MANIFEST = Manifest(name="http", api_version=1, settings=Told)

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        return []


def step(name: str, diary: list[str]) -> LifespanStep:
    @asynccontextmanager
    async def opened(ports: PortLookup) -> AsyncIterator[None]:
        diary.append(f"open {name}")
        yield
        diary.append(f"close {name}")

    return LifespanStep(name, opened)


def test_an_app_is_composed_from_the_environment() -> None:
    app = bootstrap(ON_MEMORY)
    assert [one.manifest.name for one in app.hooks.plugins] == ["memory", "system"]
    assert {chain.provider for chain in app.ports.chains()} == {"system/system", "memory/memory"}
    assert app.dispatcher().requests
    assert app.ports.get(CLOCK).now().tzinfo is not None


def test_two_apps_share_nothing() -> None:
    one, another = bootstrap(ON_MEMORY), bootstrap(ON_MEMORY)
    assert one.ports.get(CLOCK) is not another.ports.get(CLOCK)


def test_time_zones_come_from_the_pinned_package() -> None:
    bootstrap(ON_MEMORY)
    import zoneinfo

    assert zoneinfo.TZPATH == ()
    assert ZoneInfo("Asia/Kolkata").key == "Asia/Kolkata"
    zoneinfo.reset_tzpath(TZPATH)


def test_given_plugins_take_part_with_their_settings() -> None:
    app = bootstrap({"MUSTER_SPEAKER__WORD": "good day"}, [Speaker])
    assert app.settings.section(Told).word == "good day"
    assert [check.name for check in app.health_checks] == ["voice"]
    assert app.command_owners == {"speak": "speaker"}


def test_what_is_opened_is_closed_in_reverse() -> None:
    app = bootstrap({}, [Speaker])
    Speaker.diary.clear()

    async def live() -> None:
        async with app.running():
            Speaker.diary.append("work")

    asyncio.run(live())
    assert Speaker.diary == [
        "open 1 hello",
        "open 2 hello",
        "work",
        "close 2 hello",
        "close 1 hello",
    ]


@pytest.mark.parametrize(
    ("plugins", "told"),
    [
        (
            [Squatter],
            "Plugin 'http' (test_bootstrap 0) has the name of a section of the core's settings; "
            "rename it.",
        ),
        (
            [Speaker, Echo],
            "Plugin 'speaker' (test_bootstrap 0) offers the health check 'voice', which Plugin "
            "'echo' (test_bootstrap 0) offers already; disable or rename one of them.",
        ),
        (
            [Speaker, SecondSpeak],
            "Plugin 'speaker' (test_bootstrap 0) contributes the command 'speak', which Plugin "
            "'second' (test_bootstrap 0) contributes already; disable or rename one of them.",
        ),
        (
            [Nameless],
            "Plugin 'second' (test_bootstrap 0) contributes a command without a name; give it one.",
        ),
    ],
)
def test_what_does_not_fit_together(plugins: list[type], told: str) -> None:
    for plugin in plugins:
        plugin.__module__ = "test_bootstrap"
    with pytest.raises(CompositionError) as refused:
        bootstrap({}, plugins)
    assert str(refused.value) == told


def test_a_port_that_nobody_provides_is_named() -> None:
    with pytest.raises(CompositionError, match="No enabled plugin provides the port 'unit_of_wo"):
        bootstrap({}, [Speaker]).dispatcher()


def refused(environ: dict[str, str], plugins: Any = None) -> list[str]:
    with pytest.raises(SettingsInvalid) as told:
        bootstrap(environ, plugins)
    return [fault.split()[0].rstrip(":") for fault in told.value.faults]


def test_faults_of_core_and_plugins_are_told_together() -> None:
    environ = {"MUSTER_HTTP__PORT": "x", "TRAINER_SNAPSHOT_FRESH": "x", "MUSTER_HTPP__PORT": "1"}
    assert refused(environ) == [
        "MUSTER_HTPP__PORT",
        "MUSTER_HTTP__PORT",
        "TRAINER_SNAPSHOT_FRESH",
    ]


def test_when_plugins_cannot_be_known_the_faults_of_the_core_are_told(tmp_path: Any) -> None:
    file = tmp_path / "muster.toml"
    file.write_text("[plugins]\nenabled = 1\n")
    environ = {"MUSTER_CONFIG": str(file), "MUSTER_HTTP__PORT": "x", "DATABASE_URL": "whatever"}
    assert refused(environ) == ["MUSTER_HTTP__PORT", "MUSTER_PLUGINS__ENABLED"]
