"""``muster plugin new`` writes a package that passes its own tests, ruff and mypy at once."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from muster.runtime.cli import muster
from muster.runtime.plugin_template.new_package import known_hooks

ROOT = Path(__file__).parents[2]
HOOKS = list(known_hooks())
SHORTEST, LONGEST = "ab", "a_name_with_24_characters"[:24]


def new(name: str, hooks: list[str], directory: Path) -> Result:
    wanted = [word for hook in hooks for word in ("--hook", hook)]
    return CliRunner().invoke(
        muster, ["plugin", "new", name, *wanted, "--directory", str(directory)]
    )


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package for each hook, and two with all of them: one's name is short, one's long."""
    place = tmp_path_factory.mktemp("shelf")
    packages = {f"only_{number}": [hook] for number, hook in enumerate(HOOKS)}
    packages |= {SHORTEST: HOOKS, LONGEST: HOOKS}
    for name, hooks in packages.items():
        written = new(name, hooks, place / name)
        assert written.exit_code == 0, written.output
    return place


def run(place: Path, *arguments: str, **environ: str) -> None:
    """Run a tool of this environment as its user would, without this run's settings."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=place,
        env={**clean, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_package_passes_its_own_tests(shelf: Path) -> None:
    # One run for all of them: what takes long is to import Muster.
    packages = list(shelf.iterdir())
    assert len(packages) == len(HOOKS) + 2
    sources = " ".join(str(path / "src") for path in packages)
    tests = [str(path / "tests") for path in packages]
    configuration = str(shelf / LONGEST / "pyproject.toml")
    run(shelf, "pytest", "-q", "-c", configuration, "-o", f"pythonpath={sources}", *tests)


def test_the_packages_are_clean(shelf: Path) -> None:
    run(shelf, "ruff", "check", ".")
    run(shelf, "ruff", "format", "--check", ".")


def test_the_packages_are_typed(shelf: Path) -> None:
    # Held to Muster's own options, which are stricter, with what mypy knows of Muster already.
    known = ("--config-file", ROOT / "pyproject.toml", "--cache-dir", ROOT / ".mypy_cache")
    package = shelf / LONGEST
    run(package, "mypy", *map(str, known), "src", "tests", MYPYPATH=str(package / "src"))


def test_the_package_says_what_it_is(shelf: Path) -> None:
    package = shelf / LONGEST
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["entry-points"] == {
        "muster.plugins": {LONGEST: f"muster_{LONGEST}.plugin:Plugin"}
    }
    assert (package / ".github" / "workflows" / "tests.yml").exists()
    assert f"MUSTER_{LONGEST.upper()}__WORD" in (package / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Tide", "'Tide' is no name for a plugin: it is lower snake case, such as 'tide_tables'"),
        ("t", "'t' is no name for a plugin"),
        ("a_name_of_more_than_24_ch", "and of 2 to 24 characters"),
        ("http", "The name 'http' is the core's; take another."),
        ("system", "The name 'system' is the core's; take another."),
    ],
)
def test_names_that_no_plugin_can_have(tmp_path: Path, name: str, told: str) -> None:
    refused = new(name, ["lifespan"], tmp_path)
    assert (refused.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert told in refused.output


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    refused = new("tide", ["lifespan"], tmp_path)
    assert refused.exit_code == 2
    assert "is not empty; name another with --directory" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_hook_that_there_is_not(tmp_path: Path) -> None:
    refused = new("tide", ["lifespam"], tmp_path / "tide")
    assert refused.exit_code == 2
    assert "'lifespam' is not one of" in refused.output
