"""Snapshots around the trainer directory: fresh answers spare a call, older ones an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum
from functools import partial

import structlog
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.errors import DomainError
from muster.domain.receipts import DirectorySource
from muster.ports.clock import Clock
from muster.ports.snapshot_store import AgingSnapshot, Snapshot, SnapshotStore
from muster.ports.trainer_directory import (
    DirectoryAnswer,
    TrainerDirectory,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.process_copy import ProcessCopy
from muster_trainer_http.settings import TrainerHttpSettings
from muster_trainer_http.single_flight import SingleFlight

__all__ = ["SnapshotDirectory"]

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_MARKS_IN_A_WINDOW = 10
"""A question that is asked is marked again once this part of the time has passed for which a
question counts as asked: its last mark is never much older than the last time it was asked."""


class _Origin(Enum):
    SERVICE = "service"
    PROCESS_COPY = "process copy"
    STORE = "store"


class _Found(Struct, frozen=True):
    answer: DirectoryAnswer
    origin: _Origin


class _Kept(Struct, frozen=True):
    snapshot: Snapshot
    origin: _Origin


class SnapshotDirectory(TrainerDirectory):
    """Remembers what the directory inside answered.

    A snapshot younger than the fresh time answers without a call. When the directory
    inside is unavailable, one younger than the greatest age answers. Either says that it
    is a snapshot, and of when. Equal questions asked at the same time are asked once.
    """

    def __init__(
        self,
        inner: TrainerDirectory,
        store: SnapshotStore,
        clock: Clock,
        settings: TrainerHttpSettings,
        activity: DirectoryActivity | None = None,
    ) -> None:
        """Wrap a directory.

        Args:
            inner: Asked when no snapshot is fresh.
            store: Keeps answers for every server; its failures cost calls, never answers.
            clock: By which ages are measured.
            settings: The fresh time, the greatest age, the size of the process's copy.
            activity: Where outcomes are counted; one of its own unless given.
        """
        self._inner = inner
        self._store = store
        self._clock = clock
        self._max_age = timedelta(seconds=settings.snapshot_max_age_seconds)
        self._fresh = min(timedelta(seconds=settings.snapshot_fresh_seconds), self._max_age)
        self._window = timedelta(seconds=settings.refresh_asked_within_seconds)
        self._store_seconds = settings.store_seconds
        self._activity = activity if activity is not None else DirectoryActivity()
        self._copy = ProcessCopy(settings.process_copy_trainers)
        self._flights: SingleFlight[TrainerQuestion, _Found] = SingleFlight()

    async def candidates(self, question: TrainerQuestion) -> DirectoryAnswer:
        """Answer from a snapshot or ask; see the port."""
        self._activity.questions += 1
        kept = self._copy.get(question)
        if kept is not None and self._age(kept) < self._fresh:
            self._activity.answers_from_process_copy += 1
            return await self._from(question, kept)
        try:
            found = await self._flights.run(question, partial(self._find, question))
        except BaseException:
            self._activity.unanswered += 1
            raise
        self._count(found.origin)
        return found.answer

    async def refresh(self, aging: AgingSnapshot) -> None:
        """Ask anew for nobody in particular, and keep the answer. A command.

        Those who ask meanwhile do not wait for it: they may have to make do with a snapshot,
        and this may not. One that is asked in vain is noted as tried.

        Raises:
            TrainerDirectoryUnavailable: The service cannot be asked, or answers nonsense.
            DatabaseUnavailable: The answer cannot be kept.
        """
        try:
            answer = await self._inner.candidates(aging.question)
        except TrainerDirectoryUnavailable:
            with self._tolerated("mark"):
                async with asyncio.timeout(self._store_seconds):
                    await self._store.mark_tried(aging.question, self._clock.now())
            raise
        snapshot = Snapshot(answer.trainers, answer.as_of, aging.asked_at)
        await self._store.save(aging.question, snapshot)

    async def _find(self, question: TrainerQuestion) -> _Found:
        kept = await self._newest(question)
        if kept is not None and self._age(kept.snapshot) < self._fresh:
            return _Found(await self._from(question, kept.snapshot), kept.origin)
        try:
            answer = await self._inner.candidates(question)
        except TrainerDirectoryUnavailable:
            if kept is None or self._age(kept.snapshot) >= self._max_age:
                raise
            log.warning(
                "trainers_from_snapshot",
                age_seconds=self._age(kept.snapshot).total_seconds(),
                origin=kept.origin.value,
                zone_id=str(question.zone_id),
            )
            return _Found(await self._from(question, kept.snapshot), kept.origin)
        snapshot = Snapshot(answer.trainers, answer.as_of, asked_at=answer.as_of)
        self._copy.put(question, snapshot)
        await self._save(question, snapshot)
        return _Found(answer, _Origin.SERVICE)

    async def _newest(self, question: TrainerQuestion) -> _Kept | None:
        copied, stored = self._copy.get(question), await self._load(question)
        if copied is not None and (stored is None or self._age(copied) <= self._age(stored)):
            return _Kept(copied, _Origin.PROCESS_COPY)
        return None if stored is None else _Kept(stored, _Origin.STORE)

    def _age(self, snapshot: Snapshot) -> timedelta:
        # Another server's clock may run ahead: what it dates in the future is trusted for
        # as long as if it were of the past, not until that future has come and gone.
        return abs(self._clock.now() - snapshot.as_of)

    async def _from(self, question: TrainerQuestion, kept: Snapshot) -> DirectoryAnswer:
        """Answer from a snapshot; whoever reaches for an old mark first makes a new one."""
        now = self._clock.now()
        stale = self._window and now - kept.asked_at >= self._window / _MARKS_IN_A_WINDOW
        self._copy.put(question, replace(kept, asked_at=now) if stale else kept)
        if stale:
            with self._tolerated("mark"):
                async with asyncio.timeout(self._store_seconds):
                    await self._store.mark_asked(question, now)
        as_of = min(kept.as_of, now)
        return DirectoryAnswer(kept.trainers, as_of, DirectorySource.SNAPSHOT)

    async def _load(self, question: TrainerQuestion) -> Snapshot | None:
        stored: Snapshot | None = None
        with self._tolerated("load"):
            async with asyncio.timeout(self._store_seconds):
                stored = await self._store.load(question)
        return stored

    async def _save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        with self._tolerated("save"):
            async with asyncio.timeout(self._store_seconds):
                await self._store.save(question, snapshot)

    @contextmanager
    def _tolerated(self, action: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            # Whatever store it is: without it there are more calls, but no fewer answers.
            self._activity.store_failures += 1
            expected = isinstance(error, TimeoutError | DomainError)
            log.warning(
                "snapshot_store_failed",
                action=action,
                error=type(error).__name__,
                exc_info=None if expected else error,
            )

    def _count(self, origin: _Origin) -> None:
        if origin is _Origin.SERVICE:
            self._activity.answers_from_service += 1
        elif origin is _Origin.STORE:
            self._activity.answers_from_store += 1
        else:
            self._activity.answers_from_process_copy += 1
