"""``muster plugin check`` finds nothing wrong with a good plugin, and every planted fault."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

import muster.ports
from muster.ports.keys import PortKey
from muster.runtime.cli import muster as command_line
from muster.runtime.plugin_quality.checks import check_plugins
from muster.runtime.plugin_template.new_package import write_package
from muster.testing.suite_witness import SUITES_OF_PORTS

_numbers = count(1)


class Package:
    """A generated package, in which a test plants a fault."""

    def __init__(self, root: Path, hooks: list[str]) -> None:
        self.name = f"case_{next(_numbers)}"
        self.root = root / self.name
        self.module = self.root / "src" / f"muster_{self.name}"
        write_package(self.name, hooks, self.root)

    def change(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def add(self, source: str, file: str = "settings.py") -> None:
        path = self.module / file
        path.write_text(path.read_text() + source)

    def findings(self) -> dict[str, tuple[str, ...]]:
        """What is wrong, by check, without a run of the tests."""
        (verdict,) = check_plugins(str(self.root), tests=False)
        return {one.check: one.findings for one in verdict.outcomes if one.state.value == "failed"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.setattr(sys, "path", list(sys.path))
    return Package(tmp_path, ["health_checks", "provide_ports"])


def test_a_new_plugin_is_sound(package: Package) -> None:
    assert package.findings() == {}


FAULTS: dict[str, tuple[Callable[[Package], object], str, str]] = {
    "it cannot be imported": (
        lambda it: it.add("\nimport muster_nowhere\n"),
        "manifest",
        "cannot be imported: ModuleNotFoundError: No module named 'muster_nowhere'. Install",
    ),
    "another surface": (
        lambda it: it.change(it.module / "plugin.py", "=API_VERSION", "=API_VERSION + 1"),
        "manifest",
        "was written for version 2 of the plugin surface",
    ),
    "a misspelt hook": (
        lambda it: it.change(it.module / "plugin.py", "def health_checks", "def health_check"),
        "hooks",
        "did you mean health_checks?",
    ),
    "a provider that is no clock": (
        lambda it: it.change(it.module / "provide_ports.py", ": WholeSeconds()", ": object()"),
        "hooks",
        "does not keep to the port 'clock': now is missing.",
    ),
    "it requires what is not there": (
        lambda it: it.change(
            it.module / "plugin.py", "settings=Settings", "settings=Settings, requires=('moon',)"
        ),
        "hooks",
        "Plugin 'moon' is enabled and not installed",
    ),
    "a setting without a hint": (
        lambda it: it.change(
            it.module / "settings.py", 'Annotated[str, setting("What the plugin says")]', "str"
        ),
        "settings",
        "word has no hint: annotate it",
    ),
    "a setting without a default": (
        lambda it: it.change(it.module / "settings.py", ' = "hello"', ""),
        "settings",
        "word has no default",
    ),
    "a setting with the name of another": (
        lambda it: it.change(it.module / "settings.py", 'says")', 'says", env="WORD")'),
        "settings",
        "word is set by WORD, which does not begin with MUSTER_CASE_",
    ),
    "a table without the prefix": (
        lambda it: it.add('\nSQL = "CREATE TABLE IF NOT EXISTS tides (id uuid)"\n'),
        "names",
        "names the table 'tides': let it begin with 'case_",
    ),
    "a model without the prefix": (
        lambda it: it.add('\nclass Tide:\n    __tablename__ = "tides"\n'),
        "names",
        "names the table 'tides'",
    ),
    "a metric without the prefix": (
        lambda it: it.add('\ndef count(meter): meter.create_counter("tides")\n'),
        "names",
        "names the metric 'tides'",
    ),
    "a key without the prefix": (
        lambda it: it.add('\nasync def at(redis, day): await redis.get(f"tide:{day}")\n'),
        "names",
        "names the key 'tide:'",
    ),
    "an import of what is Muster's own": (
        lambda it: it.add("\nfrom muster.runtime.bootstrap import bootstrap\n"),
        "imports",
        "imports muster.runtime.bootstrap, which may change at any time",
    ),
    "a late import of what is Muster's own": (
        lambda it: it.add("\ndef late():\n    from muster import application\n"),
        "imports",
        "imports muster.application, which may change at any time",
    ),
    "an import of an adapter": (
        lambda it: it.add("\nfrom muster_memory import MemoryStore\n"),
        "imports",
        "imports muster_memory, which is another plugin's",
    ),
    "no README": (
        lambda it: (it.root / "README.md").unlink(),
        "package",
        "README.md is missing: say what the plugin does",
    ),
    "a README of something else": (
        lambda it: it.root.joinpath("README.md").write_text("# Ebb\n"),
        "package",
        "does not name the plugin 'case_",
    ),
    "no tests": (
        lambda it: shutil.rmtree(it.root / "tests"),
        "package",
        "tests holds no tests.",
    ),
    "it does not say that it needs Muster": (
        lambda it: it.change(it.root / "pyproject.toml", 'dependencies = ["muster', 'unused = ["'),
        "package",
        "does not depend on muster.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(package: Package, fault: str) -> None:
    plant, check, told = FAULTS[fault]
    plant(package)
    findings = package.findings()
    # What does not start without settings does not fit the hooks either.
    assert set(findings) - {"hooks"} <= {check}
    (finding,) = findings[check]
    assert told in finding


def test_names_with_the_prefix_are_right(package: Package) -> None:
    name = package.name
    package.add(
        f'''
SQL = 'create table "{name}_tides" (id uuid)'


def use(meter, redis, day):
    meter.create_histogram("{name}.height")
    meter.create_counter("muster.{name}.tides")
    redis.set(f"{name}:{{day}}", 1)
    return {{}}.get("anything")
'''
    )
    assert package.findings() == {}


def check(*arguments: object) -> Result:
    return CliRunner().invoke(command_line, ["plugin", "check", *map(str, arguments)])


def test_tests_and_suites_are_run(package: Package) -> None:
    sound = check(package.root, "--json")
    assert sound.exit_code == 0, sound.output
    (verdict,) = json.loads(sound.stdout)
    assert {one["check"]: one["state"] for one in verdict["outcomes"]} == dict.fromkeys(
        ["manifest", "hooks", "settings", "names", "imports", "package", "tests", "ports"], "passed"
    )


def test_a_provider_without_its_suite_and_a_test_that_fails_are_found(package: Package) -> None:
    (package.root / "tests" / "test_provide_ports.py").write_text(
        "def test_nothing() -> None:\n    assert 'the tide is out' == ''\n"
    )
    unsound = check(package.root)
    assert unsound.exit_code == 1
    assert "✗ tests" in unsound.stdout
    assert "the tide is out" in unsound.stdout
    assert (
        f"The provider '{package.name}' of the port 'clock' is not shown to conform: let tests "
        "inherit from ClockSuite of muster.testing.suites, and pass."
    ) in unsound.stdout


@pytest.mark.parametrize("name", ["mail", "memory", "postgres", "trainer_http"])
def test_musters_own_adapters_are_sound(name: str) -> None:
    shown = check(name)
    assert shown.exit_code == 0, shown.output
    assert "– tests\n      Only what is installed is at hand" in shown.stdout


def test_the_example_plugin_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    example = Path(__file__).parents[1] / "plugins" / "example_plugin"
    (verdict,) = check_plugins(str(example), tests=False)
    assert verdict.sound, verdict


def test_there_is_nothing_to_check(tmp_path: Path) -> None:
    for target, told in [
        ("nobody", "'nobody' is no directory and no installed plugin (installed: auth, documents,"),
        (tmp_path, "has no pyproject.toml with a table 'project'."),
    ]:
        refused = check(target)
        assert refused.exit_code == 2
        assert told in refused.stderr
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'tide'\n")
    assert "names no plugin: add a table [project.entry-points" in check(tmp_path).stderr


def ports() -> dict[str, PortKey[Any]]:
    """Every port of the core, by name."""
    keys: dict[str, PortKey[Any]] = {}
    for path in Path(muster.ports.__path__[0]).glob("*.py"):
        module: ModuleType = __import__(f"muster.ports.{path.stem}", fromlist=["_"])
        keys |= {key.name: key for key in vars(module).values() if isinstance(key, PortKey)}
    return keys


def test_every_port_has_its_suites() -> None:
    assert set(SUITES_OF_PORTS) == set(ports())
    written = {
        line.split("(")[0].removeprefix("class ")
        for path in (Path(muster.ports.__path__[0]).parent / "testing" / "suites").glob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith("class ") and "Suite(" in line
    }
    named = {suite for suites in SUITES_OF_PORTS.values() for suite in suites}
    assert named == written - {"JobSuite", "StoreSuite"}
