"""Which revision a database is at, and which one this version of Muster needs.

Told without Alembic, whose import alone takes longer than all else that a start does.
"""

from __future__ import annotations

from importlib.resources import files

import asyncpg
from sqlalchemy.engine import make_url

from muster.plugin_api import CompositionError

__all__ = [
    "VERSION_TABLE",
    "MigrationRefused",
    "current_revision",
    "driver_url",
    "newest_revision",
    "refuse_newer",
]

VERSION_TABLE = "schema_version"
"""The table in which Alembic keeps the revision."""


class MigrationRefused(CompositionError):
    """It cannot be done: there is no such revision, or the history does not fit."""


async def current_revision(url: str) -> str | None:
    """Return the revision that a database is at; ``None`` when it has none.

    Args:
        url: A ``postgresql://`` URL.
    """
    connection = await asyncpg.connect(driver_url(url))
    try:
        if await connection.fetchval("SELECT to_regclass($1)", VERSION_TABLE) is None:
            return None
        found: str | None = await connection.fetchval(
            f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - a constant
        )
        return found
    finally:
        await connection.close()


def newest_revision() -> str:
    """Return the last revision of the linear history, by the numbers of its files."""
    return max(_known_revisions())


def refuse_newer(revision: str | None) -> None:
    """Refuse a database that another version of Muster has migrated.

    Args:
        revision: Which it is at.

    Raises:
        MigrationRefused: This version does not know the revision.
    """
    if revision is not None and revision not in _known_revisions():
        raise MigrationRefused(
            f"The database is at revision {revision}; this Muster knows up to "
            f"{newest_revision()}. Start a newer Muster, or downgrade the database with it."
        )


def _known_revisions() -> set[str]:
    versions = files("muster_migrations").joinpath("versions")
    return {entry.name.partition("_")[0] for entry in versions.iterdir() if entry.name[0].isdigit()}


def driver_url(url: str, driver: str = "postgresql") -> str:
    """Return a database URL as a driver wants it.

    Args:
        url: ``postgresql://``, ``postgres://`` or with any driver's name in it.
        driver: What stands before ``://``.
    """
    return make_url(url).set(drivername=driver).render_as_string(hide_password=False)
