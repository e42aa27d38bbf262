"""``muster db`` on the embedded PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.processes import left_behind, run


def test_migrates_the_embedded_database_up_and_down(home: Path) -> None:
    upgraded = run(home, "db", "upgrade")
    assert (upgraded.returncode, upgraded.stderr) == (0, "")
    assert upgraded.stdout.startswith("The database is at revision ")
    assert run(home, "db", "downgrade", "base", "--yes").returncode == 0
    assert run(home, "db", "current").stdout == "none\n"
    assert left_behind(home) == []
