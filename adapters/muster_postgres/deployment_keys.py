"""The keys of a deployment, kept in PostgreSQL."""

from __future__ import annotations

from muster.ports.deployment_keys import DeploymentKeys
from muster_postgres.database import Database

__all__ = ["PostgresDeploymentKeys"]

# The update changes nothing; it is there so that the row that was first is returned.
_KEY = """
    INSERT INTO deployment_keys AS kept (name, key) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET name = kept.name
    RETURNING key
"""


class PostgresDeploymentKeys(DeploymentKeys):
    """Random keys that all servers of the database share."""

    def __init__(self, database: Database) -> None:
        """Keep them in a database."""
        self._database = database

    async def key(self, name: str, proposed: bytes) -> bytes:
        """Return the key of a name; the first proposal made for it is kept for good."""
        row = await self._database.fetchrow(_KEY, name, proposed)
        assert row is not None, "the statement always returns a row"
        kept: bytes = row["key"]
        return kept
