"""Queues that stand still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_jobs.admin_statements import PAUSED

__all__ = ["Pause", "PausedQueues"]


class Pause(Struct, frozen=True):
    """That a queue stands still.

    Attributes:
        at: UTC instant since which it does.
        by: Who said so.
    """

    at: datetime
    by: str


class PausedQueues:
    """Which queues no worker takes from, as the database has it."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        """Read in units of these."""
        self._units = units

    async def now(self) -> Mapping[str, Pause]:
        """Return the pauses by queue. A query.

        Raises:
            DatabaseUnavailable: It cannot be read.
        """
        async with self._units() as unit:
            rows = await unit.connection.fetch(PAUSED)
        return {row["queue"]: Pause(row["paused_at"], row["paused_by"]) for row in rows}
