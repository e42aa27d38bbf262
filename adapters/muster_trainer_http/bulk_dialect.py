"""The bulk contract: one call for each page of trainers."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import TrainerQuestion
from muster_trainer_http.bulk_wire import (
    PageNotTheContract,
    TrainerNotTheContract,
    read_page,
    read_trainer,
)
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.dialect import Dialect, ServiceAnswer
from muster_trainer_http.failures import CallFailed, FailureKind
from muster_trainer_http.settings import TrainerHttpSettings

__all__ = ["BulkDialect"]

_PATH = "api/v1/trainers/bulk"
_NEVER = datetime.min.replace(tzinfo=UTC)


class BulkDialect(Dialect):
    """Asks a service that speaks the bulk contract."""

    def __init__(self, client: TrainerServiceClient, settings: TrainerHttpSettings) -> None:
        """Take the client to ask with, and the limits of an answer."""
        self._client = client
        self._settings = settings

    async def ask(self, question: TrainerQuestion) -> ServiceAnswer:
        """Read every page of the answer to a question. A query.

        Of a trainer named more than once the latest ``updatedAt`` counts, and among equals
        one who is not active.

        Raises:
            CallFailed: A call failed, or its answer is not the contract's.
        """
        trainers: dict[UUID, Trainer] = {}
        left_out: Counter[str] = Counter()
        async for page in self._pages(question):
            for raw in page:
                try:
                    trainer = read_trainer(raw)
                except TrainerNotTheContract as refused:
                    left_out[str(refused)] += 1
                    continue
                known = trainers.get(trainer.id)
                if known is None or _precedence(known) < _precedence(trainer):
                    trainers[trainer.id] = trainer
        if left_out and not trainers:
            raise CallFailed(
                FailureKind.NO_VALID_TRAINER,
                f"named {left_out.total()} trainers, and none of them validates",
            )
        return ServiceAnswer(tuple(trainers.values()), left_out)

    async def _pages(self, question: TrainerQuestion) -> AsyncIterator[list[msgspec.Raw]]:
        query = self._query(question)
        cursors: set[str] = set()
        count, most = 0, self._settings.max_trainers
        while True:
            try:
                page = read_page(await self._client.get(_PATH, query))
            except PageNotTheContract as refused:
                raise CallFailed(
                    FailureKind.NOT_THE_CONTRACT, f"did not answer with a page: {refused}"
                ) from None
            count += len(page.data)
            cursor = page.page.next_cursor
            if cursor in cursors or len(cursors) * self._settings.page_limit > most:
                raise CallFailed(FailureKind.ENDLESS_PAGES, "answers with pages without an end")
            if count > most:
                raise CallFailed(FailureKind.TOO_LARGE, f"named more than {most} trainers")
            yield page.data
            if cursor is None:
                return
            cursors.add(cursor)
            query = {**query, "cursor": cursor}

    def _query(self, question: TrainerQuestion) -> dict[str, str]:
        franchise, course = question.franchise_id, question.course_id
        return {
            "franchiseId": "none" if franchise is None else str(franchise),
            "zoneId": str(question.zone_id),
            **({} if course is None else {"courseId": str(course)}),
            "active": "true",
            "limit": str(self._settings.page_limit),
        }


def _precedence(trainer: Trainer) -> tuple[datetime, bool]:
    return trainer.updated_at or _NEVER, not trainer.active
