"""The command line: help, refusals, what plugins mount."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from muster import __version__
from muster.plugin_api import CliCommand, Manifest, SettingsLookup, hookimpl
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.cli import muster, starting
from muster.runtime.cli.plugins_command import report
from muster.runtime.plugin_discovery import installed_plugins

ON_MEMORY = {"MUSTER_PLUGINS__ENABLED": "memory"}
OPEN = {"MUSTER_PLUGINS__ENABLED": "postgres,trainer_http"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TRAINER_SERVICE_URL", "MUSTER_CONFIG", "MUSTER_DEEP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("MUSTER_TEST_DATABASE_URL", raising=False)


def run(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(muster, list(arguments), env=settings)


def test_help_shows_every_command() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    for name in ("serve", "demo", "config", "events", "audit", "plugins", "db", "trainer-sandbox"):
        assert name in shown.stdout


@pytest.mark.parametrize(
    "command",
    [
        *("serve", "demo", "config", "config show", "config check", "plugins", "db", "db upgrade"),
        *("events", "events parked", "events retry", "events drop", "audit", "audit verify"),
    ],
)
def test_every_command_has_help(command: str) -> None:
    shown = run(*command.split(), "--help")
    assert shown.exit_code == 0
    assert f"Usage: muster {command}" in shown.stdout


@pytest.mark.parametrize(
    "settings",
    [{"MUSTER_LOG__LEVEL": "LOUD"}, {"MUSTER_PLUGINS__ENABLED": "nobody"}],
)
def test_help_is_there_when_nothing_composes(settings: dict[str, str]) -> None:
    shown = run("--help", **settings)
    assert shown.exit_code == 0
    assert "serve" in shown.stdout
    assert "trainer-sandbox" not in shown.stdout
    note = shown.stdout.partition("The commands of plugins are not shown, because:")[2]
    assert any(value in note or name in note for name, value in settings.items())
    refused = run("db", "current", **settings)
    assert refused.exit_code == 2
    assert refused.stderr


def test_version() -> None:
    assert run("--version").stdout == f"muster, version {__version__}\n"


def test_a_name_that_nobody_has() -> None:
    refused = run("nonsense")
    assert refused.exit_code == 2
    assert "No such command 'nonsense'" in refused.stderr


def test_check_exits_with_0_or_2_and_every_fault() -> None:
    assert run("config", "check").exit_code == 0
    refused = run("config", "check", MUSTER_HTTP__PORT="x", TRAINER_SNAPSHOT_FRESH="x")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("Settings are wrong; nothing was started.\n  • MUSTER_HTTP")
    assert "TRAINER_SNAPSHOT_FRESH" in refused.stderr
    unfit = run("config", "check", MUSTER_PLUGINS__ENABLED="trainer_http")
    assert unfit.exit_code == 2
    assert "No enabled plugin provides the port" in unfit.stderr


def test_show_masks_secrets_and_says_where_values_come_from(tmp_path: Path) -> None:
    file = tmp_path / "muster.toml"
    file.write_text("[http]\ndrain_seconds = 7.5\n")
    shown = run(
        *("--config", str(file), "config", "show", "--changed", "--json"),
        TRAINER_SERVICE_TOKEN="sesame",
    )
    settings = {one["path"]: one for one in json.loads(shown.stdout)}
    assert settings["http.drain_seconds"]["source"] == str(file)
    assert settings["trainer_http.token"]["value"] == "********"
    assert settings["trainer_http.token"]["source"] == "environment"
    table = run("config", "show", TRAINER_SERVICE_TOKEN="sesame").stdout
    assert "sesame" not in shown.stdout + table
    assert "MUSTER_HTTP__DRAIN_SECONDS" in table


def test_a_file_that_is_not_there() -> None:
    refused = run("--config", "/nowhere/muster.toml", "config", "check")
    assert refused.exit_code == 2
    assert "/nowhere/muster.toml cannot be read (No such file or directory)" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "told"),
    [
        (
            ["--host", "0.0.0.0"],
            OPEN,
            "No enabled plugin authenticates, and 0.0.0.0 is no loopback",
        ),
        ([], {**OPEN, "MUSTER_HTTP__HOST": "example.org"}, "example.org is no loopback address"),
        ([], {"MUSTER_PLUGINS__ENABLED": "memory,postgres"}, "Several plugins provide the port"),
        ([], {"MUSTER_PLUGINS__ENABLED": "nobody"}, "Plugin 'nobody' is enabled and not installed"),
        (["--workers", "0"], {}, "0 is not in the range 1<=x<=64"),
    ],
)
def test_what_does_not_serve(arguments: list[str], settings: dict[str, str], told: str) -> None:
    refused = run("serve", *arguments, **settings)
    assert refused.exit_code == 2
    assert told in refused.stderr


def test_plugins_as_a_table_and_as_json() -> None:
    told = json.loads(run("plugins", "--json", **ON_MEMORY).stdout)
    lines = {line["name"]: line for line in told["plugins"]}
    assert lines["memory"] == {
        "name": "memory",
        "enabled": True,
        "distribution": "muster",
        "version": __version__,
        "apiVersion": 1,
        "requires": [],
        "hooks": ["provide_ports"],
        "settings": [],
    }
    assert (lines["postgres"]["enabled"], lines["postgres"]["hooks"]) == (False, [])
    assert {port["provider"] for port in told["ports"]} == {"memory/memory", "system/system"}
    table = run("plugins").stdout
    assert "trainer_http/http → trainer_http/snapshots@CACHE" in table
    assert "TRAINER_SERVICE_URL" in table


class Rival:
    MANIFEST = Manifest(name="rival", api_version=1)
    name = "serve"

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        @click.command(self.name)
        @click.option("--times", default=2)
        def greet(times: int) -> None:
            """Greet."""
            click.echo("hello " * times)

        return [CliCommand(greet)]


class Greeter(Rival):
    name = "greet"


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Application:
    app = bootstrap({}, [request.param])
    monkeypatch.setattr(starting, "bootstrap", lambda environ: app)
    return app


@pytest.mark.parametrize("only", [Rival], indirect=True)
def test_a_name_that_is_taken_stops_the_start(only: Application) -> None:
    refused = run("serve")
    assert refused.exit_code == 2
    assert (
        "Plugin 'rival' (tests 0) contributes the command 'serve', which is the core's; rename it, "
        "or take rival out of MUSTER_PLUGINS__ENABLED."
    ) in refused.stderr


@pytest.mark.parametrize("only", [Greeter], indirect=True)
def test_a_plugins_command_is_mounted_at_the_top(only: Application) -> None:
    assert run("greet", "--times", "3").stdout == "hello hello hello \n"
    assert "Greet." in run("--help").stdout
    (line,) = [one for one in report(only, installed_plugins()).plugins if one.name == "rival"]
    assert line.hooks == ("cli_commands",)
