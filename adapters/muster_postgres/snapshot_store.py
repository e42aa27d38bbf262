"""The trainer service's answers, remembered in PostgreSQL."""

from __future__ import annotations

import msgspec

from muster.domain.trainers import Trainer
from muster.ports.snapshot_store import Snapshot, SnapshotStore
from muster.ports.trainer_directory import TrainerQuestion
from muster_postgres.database import Database

__all__ = ["PostgresSnapshotStore"]

_LOAD = """
    SELECT as_of, trainers FROM trainer_snapshots
    WHERE zone_id = $1 AND course_id IS NOT DISTINCT FROM $2
        AND franchise_id IS NOT DISTINCT FROM $3
"""

_SAVE = """
    INSERT INTO trainer_snapshots AS kept (zone_id, course_id, franchise_id, as_of, trainers)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT ON CONSTRAINT trainer_snapshots_question_key DO UPDATE
    SET as_of = excluded.as_of, trainers = excluded.trainers
    WHERE excluded.as_of >= kept.as_of
"""

_TRAINERS = msgspec.json.Decoder(tuple[Trainer, ...])


class PostgresSnapshotStore(SnapshotStore):
    """Keeps the newest answer to each question."""

    def __init__(self, database: Database) -> None:
        """Keep them in a database."""
        self._database = database

    async def load(self, question: TrainerQuestion) -> Snapshot | None:
        """Return the newest answer kept for exactly this question, however old."""
        row = await self._database.fetchrow(
            _LOAD, question.zone_id, question.course_id, question.franchise_id
        )
        return None if row is None else Snapshot(_TRAINERS.decode(row["trainers"]), row["as_of"])

    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        """Keep an answer, unless a newer one is kept already."""
        async with self._database.connection() as connection:
            await connection.execute(
                _SAVE,
                question.zone_id,
                question.course_id,
                question.franchise_id,
                snapshot.as_of,
                msgspec.json.encode(snapshot.trainers).decode(),
            )
