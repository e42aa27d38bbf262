"""The trainer service's answers, remembered in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import msgspec

from muster.domain.trainers import Trainer
from muster.ports.snapshot_store import AgingSnapshot, Snapshot, SnapshotStore
from muster.ports.trainer_directory import TrainerQuestion
from muster_postgres.database import Database

__all__ = ["PostgresSnapshotStore"]

_THE_QUESTION = """
    WHERE zone_id = $1 AND course_id IS NOT DISTINCT FROM $2
        AND franchise_id IS NOT DISTINCT FROM $3
"""

_LOAD = f"""
    SELECT as_of, asked_at, trainers FROM trainer_snapshots {_THE_QUESTION}
"""  # noqa: S608 - constants

_SAVE = """
    INSERT INTO trainer_snapshots AS kept
        (zone_id, course_id, franchise_id, as_of, asked_at, trainers)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT trainer_snapshots_question_key DO UPDATE
    SET as_of = greatest(kept.as_of, excluded.as_of),
        asked_at = greatest(kept.asked_at, excluded.asked_at),
        trainers = CASE WHEN excluded.as_of >= kept.as_of THEN excluded.trainers
            ELSE kept.trainers END
    WHERE excluded.as_of >= kept.as_of OR excluded.asked_at > kept.asked_at
"""

_MARK = f"""
    UPDATE trainer_snapshots SET asked_at = $4 {_THE_QUESTION} AND asked_at < $4
"""  # noqa: S608 - constants

_TRIED = f"""
    UPDATE trainer_snapshots SET tried_at = greatest(tried_at, $4) {_THE_QUESTION}
"""  # noqa: S608 - constants

_AGING = """
    SELECT zone_id, course_id, franchise_id, asked_at FROM trainer_snapshots
    WHERE asked_at >= $1 AND as_of < $2
    ORDER BY greatest(as_of, tried_at)
    LIMIT $3
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
        if row is None:
            return None
        return Snapshot(_TRAINERS.decode(row["trainers"]), row["as_of"], row["asked_at"])

    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        """Keep an answer, unless a newer one is kept already."""
        async with self._database.connection() as connection:
            await connection.execute(
                _SAVE,
                question.zone_id,
                question.course_id,
                question.franchise_id,
                snapshot.as_of,
                snapshot.asked_at,
                msgspec.json.encode(snapshot.trainers).decode(),
            )

    async def mark_asked(self, question: TrainerQuestion, at: datetime) -> None:
        """Note that a question was asked for somebody."""
        await self._mark(_MARK, question, at)

    async def mark_tried(self, question: TrainerQuestion, at: datetime) -> None:
        """Note that a question was asked anew in vain."""
        await self._mark(_TRIED, question, at)

    async def aging(
        self, asked_since: datetime, answered_before: datetime, limit: int
    ) -> tuple[AgingSnapshot, ...]:
        """Return questions that are still asked and whose answer gets old."""
        rows = await self._database.fetch(_AGING, asked_since, answered_before, limit)
        return tuple(
            AgingSnapshot(
                TrainerQuestion(row["franchise_id"], row["zone_id"], row["course_id"]),
                row["asked_at"],
            )
            for row in rows
        )

    async def _mark(self, statement: str, question: TrainerQuestion, at: datetime) -> None:
        async with self._database.connection() as connection:
            await connection.execute(
                statement, question.zone_id, question.course_id, question.franchise_id, at
            )
