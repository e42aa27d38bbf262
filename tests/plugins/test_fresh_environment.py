"""An environment is the same whether uv makes it or pip does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.plugins.fresh_environment import LOCK, FreshEnvironment, pins_of

UV = shutil.which("uv")


def test_pins_are_the_lock_without_its_hashes() -> None:
    lock = """\
# A note with a == b.
anyio==4.12.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
uvicorn[standard]==0.54.0
"""
    assert pins_of(lock) == [
        "anyio==4.12.0",
        "colorama==0.4.6 ; sys_platform == 'win32'",
        "uvicorn[standard]==0.54.0",
    ]


@pytest.mark.parametrize(
    "uv",
    [
        pytest.param(UV, id="uv", marks=pytest.mark.skipif(UV is None, reason="no uv here")),
        pytest.param(None, id="pip"),
    ],
)
def test_no_version_but_the_locks_is_installed(home: Path, uv: str | None) -> None:
    fresh = FreshEnvironment(home, uv)
    fresh.install("msgspec")
    installed = fresh.version("msgspec")
    assert f"msgspec=={installed}" in pins_of(LOCK.read_text())
    with pytest.raises(AssertionError, match="msgspec"):
        fresh.install(f"msgspec!={installed}")
    fresh.uninstall("msgspec")
    assert fresh.version("msgspec") is None
