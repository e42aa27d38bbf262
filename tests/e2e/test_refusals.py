"""What must not start: everything that is wrong is said, and nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from muster_postgres.revisions import VERSION_TABLE, newest_revision
from tests.e2e.processes import run


def test_every_fault_of_the_settings_is_said_before_anything_starts(home: Path) -> None:
    refused = run(
        home,
        "serve",
        settings={
            "MUSTER_HTTP__PORT": "many",
            "MUSTER_LOG__LEVEL": "LOUD",
            "MUSTER_HTTP__PROT": "8000",
            "TRAINER_SERVICE_URL": "ftp://example.org",
        },
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    lines = refused.stderr.splitlines()
    assert lines[0] == "Settings are wrong; nothing was started."
    assert [line.split()[1].rstrip(":") for line in lines[1:]] == [
        "MUSTER_HTTP__PORT",
        "MUSTER_HTTP__PROT",
        "MUSTER_LOG__LEVEL",
        "trainer_http",
    ]
    assert "Port to listen on" in refused.stderr
    assert "did you mean MUSTER_HTTP__PORT?" in refused.stderr
    assert list(home.iterdir()) == []


def test_what_does_not_fit_together_does_not_start(home: Path) -> None:
    refused = run(home, "serve", "--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "No enabled plugin authenticates" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(home.iterdir()) == []


@pytest.fixture
def newer_database(empty_database: Callable[[], str]) -> str:
    """A database that a later version of Muster has migrated."""
    url = empty_database()

    async def migrate() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(f"CREATE TABLE {VERSION_TABLE} (version_num text NOT NULL)")
            await connection.execute(f"INSERT INTO {VERSION_TABLE} VALUES ('9999')")
        finally:
            await connection.close()

    asyncio.run(migrate())
    return url


NEWER = (
    f"The database is at revision 9999; this Muster knows up to {newest_revision()}. "
    "Start a newer Muster, or downgrade the database with it."
)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_newer_database_is_not_served(home: Path, newer_database: str, workers: str) -> None:
    refused = run(home, "serve", "--workers", workers, settings={"DATABASE_URL": newer_database})
    assert refused.returncode == 2
    assert refused.stderr.count(f"Muster does not start. {NEWER}\n") == 1
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize(
    "command", [["upgrade"], ["downgrade", "base", "--yes"], ["check"], ["new", "more"]]
)
def test_a_newer_database_is_not_migrated(
    home: Path, newer_database: str, command: list[str]
) -> None:
    refused = run(home, "db", *command, settings={"DATABASE_URL": newer_database})
    assert refused.returncode == 1
    assert NEWER in " ".join(refused.stderr.replace("│", " ").split())
    assert "Traceback" not in refused.stderr
