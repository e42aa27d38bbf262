"""``muster plugins`` of the default composition, as it was agreed upon.

What changes here changes for every operator. After a change that is meant:
``muster plugins > tests/unit/runtime/golden/plugins.txt`` and
``muster plugins --json > tests/unit/runtime/golden/plugins.json``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from muster import __version__
from muster.plugin_api import API_VERSION
from muster.runtime.cli import muster, plugins_command
from muster.runtime.plugin_discovery import installed_plugins

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(autouse=True)
def as_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, and no plugins but Muster's own."""
    for name in os.environ:
        if name.startswith("MUSTER_") or name.endswith("_URL"):
            monkeypatch.delenv(name)
    own = [entry for entry in installed_plugins() if entry.dist and entry.dist.name == "muster"]
    monkeypatch.setattr(plugins_command, "installed_plugins", lambda: own)


def normalised(text: str) -> str:
    """Without the version of Muster, and the blanks whose number follows from it."""
    text = re.sub(r'muster \d[\w.+]*|(?<="version": )"[^"]*"', "muster VERSION", text)
    return "\n".join(re.sub(r" {2,}", "  ", line.rstrip()) for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "file"), [((), "plugins.txt"), (("--json",), "plugins.json")]
)
def test_the_default_composition_is_as_agreed(arguments: Sequence[str], file: str) -> None:
    shown = CliRunner().invoke(muster, ["plugins", *arguments])
    assert shown.exit_code == 0
    assert __version__ in shown.stdout
    assert normalised(shown.stdout) == normalised((GOLDEN / file).read_text())


def test_another_version_of_muster_is_no_change() -> None:
    wide = "memory  enabled  muster 10.20.0rc1   1\n"
    assert normalised(wide) == normalised("memory  enabled  muster 0.1.0  1\n")
    assert normalised('"version": "1.0"') == normalised('"version": "0.1.0"')
    assert normalised(f"muster 1.0  {API_VERSION}") != normalised(f"muster 1.0  {API_VERSION + 1}")
