"""``muster db`` on the embedded PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.processes import left_behind, run


def test_migrates_the_embedded_database_up_and_down(home: Path) -> None:
    fresh = run(home, "db", "check")
    assert fresh.returncode == 1
    upgraded = run(home, "db", "upgrade")
    assert (upgraded.returncode, upgraded.stderr) == (0, "")
    assert upgraded.stdout.startswith("The database is at revision ")
    assert run(home, "db", "downgrade", "base", "--yes").stdout == "The database is empty.\n"
    assert left_behind(home) == []
