"""The listing contract of older services: a list in pages, then one call for each trainer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from msgspec import Raw

from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import TrainerQuestion
from muster_trainer_http.bulk_wire import PageNotTheContract, TrainerNotTheContract
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.dialect import Dialect, ServiceAnswer
from muster_trainer_http.failures import CallFailed, FailureKind
from muster_trainer_http.listing_wire import ListedTrainer, read_details, read_listed, read_listing
from muster_trainer_http.settings import TrainerHttpSettings

__all__ = ["ListingDialect"]

_PATH = "api/v1/trainers"
_PAGE_LIMIT = 100


class ListingDialect(Dialect):
    """Asks a service that speaks the listing contract, and filters what it says.

    Whoever the list calls unavailable, or another franchise's, costs no call of its own.
    """

    def __init__(self, client: TrainerServiceClient, settings: TrainerHttpSettings) -> None:
        """Take the client to ask with, and the limits of an answer."""
        self._client = client
        self._settings = settings

    async def ask(self, question: TrainerQuestion) -> ServiceAnswer:
        """Read the list and the details of all who may answer; see the protocol."""
        left_out: Counter[str] = Counter()
        listed = await self._listed(left_out)
        wanted = [one for one in listed if _may_answer(one, question)]
        trainers = await self._trainers(wanted, left_out)
        if left_out and not trainers and (wanted or not listed):
            raise CallFailed(
                FailureKind.NO_VALID_TRAINER,
                f"named {left_out.total()} trainers, and none of them validates",
            )
        return ServiceAnswer(tuple(one for one in trainers if _answers(one, question)), left_out)

    async def _listed(self, left_out: Counter[str]) -> list[ListedTrainer]:
        listed: dict[UUID, ListedTrainer] = {}
        async for page in self._pages():
            for raw in page:
                try:
                    entry = read_listed(raw)
                except TrainerNotTheContract as refused:
                    left_out[str(refused)] += 1
                    continue
                trainer_id = UUID(entry.trainer_id)
                # Of one who is named twice, the word that they are away counts.
                if trainer_id not in listed or not entry.available:
                    listed[trainer_id] = entry
        return list(listed.values())

    async def _pages(self) -> AsyncIterator[list[Raw]]:
        seen: set[bytes] = set()
        count, number, most = 0, 1, self._settings.max_trainers
        while True:
            body = await self._client.get(_PATH, {"page": str(number), "limit": str(_PAGE_LIMIT)})
            try:
                page = read_listing(body)
            except PageNotTheContract as refused:
                raise CallFailed(
                    FailureKind.NOT_THE_CONTRACT, f"did not answer with a page: {refused}"
                ) from None
            entries = [raw for raw in page.data if bytes(raw) not in seen]
            seen.update(map(bytes, entries))
            count += len(page.data)
            if count > most:
                raise CallFailed(FailureKind.TOO_LARGE, f"named more than {most} trainers")
            yield entries
            if page.total is None:
                # A service that does not page gives the same entries again.
                if len(page.data) < _PAGE_LIMIT or not entries:
                    return
            elif count >= page.total:
                return
            elif not entries:
                raise CallFailed(
                    FailureKind.ENDLESS_PAGES, "names fewer trainers than it says it has"
                )
            number += 1

    async def _trainers(
        self, wanted: Iterable[ListedTrainer], left_out: Counter[str]
    ) -> list[Trainer]:
        trainers: list[Trainer] = []
        waiting = iter(wanted)

        async def fetch() -> None:
            for one in waiting:
                body = await self._client.get(f"{_PATH}/{one.trainer_id}", {}, f"{_PATH}/{{id}}")
                try:
                    trainers.append(read_details(one, body))
                except TrainerNotTheContract as refused:
                    left_out[str(refused)] += 1

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._settings.detail_calls):
                    group.create_task(fetch())
        except ExceptionGroup as several:
            failed = next((one for one in several.exceptions if isinstance(one, CallFailed)), None)
            if failed is None:
                raise
            raise failed from None
        return trainers


def _may_answer(listed: ListedTrainer, question: TrainerQuestion) -> bool:
    return listed.available and (
        listed.franchise_id is None or UUID(listed.franchise_id) == question.franchise_id
    )


def _answers(trainer: Trainer, question: TrainerQuestion) -> bool:
    return (
        trainer.franchise_id == question.franchise_id
        and question.zone_id in trainer.zone_ids
        and (question.course_id is None or question.course_id in trainer.certified_courses)
    )
