"""docs/plugins/tutorial.md, followed to the letter, ends with a sound plugin."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from muster.runtime.cli import muster
from muster.runtime.plugin_quality.checks import check_plugins

PAGES = Path(__file__).parents[2] / "docs" / "plugins"
PAGE = (PAGES / "tutorial.md").read_text()
FILES = dict(re.findall(r"^`([\w./]+)`:\n\n```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tutorial") / "muster-tide"
    (command,) = re.findall(r"^muster (plugin new .*)$", PAGE, re.MULTILINE)
    written = CliRunner().invoke(muster, [*command.split(), "--directory", str(place)])
    assert written.exit_code == 0, written.output
    for path, source in FILES.items():
        assert (place / path).exists(), f"{path} is not a file of a new package"
        (place / path).write_text(source)
    return place


def test_the_code_of_the_page_is_all_used() -> None:
    assert len(FILES) == PAGE.count("```python") == 4


def test_the_plugin_of_the_page_is_sound_and_its_tests_pass(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    readme = package / "README.md"
    readme.write_text(readme.read_text().replace("MUSTER_TIDE__WORD", "MUSTER_TIDE__MOST_KM"))
    (verdict,) = check_plugins(str(package))
    assert verdict.sound, verdict


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]])
def test_the_code_of_the_page_is_clean(package: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."],
        cwd=package,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_checklist_names_every_check(package: Path) -> None:
    (verdict,) = check_plugins(str(package), tests=False)
    made = [outcome.check for outcome in verdict.outcomes]
    told = re.findall(r"^\| `(\w+)` \|", (PAGES / "quality.md").read_text(), re.MULTILINE)
    assert told == [*made, "ports"]
