"""Real servers that misbehave, and the directory that asks them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from muster.domain.trainers import Trainer
from muster.ports.entropy import Entropy
from muster.ports.snapshot_store import SnapshotStore
from muster.ports.trainer_directory import TrainerQuestion
from muster.testing.clock import FakeClock
from muster.testing.entropy import SeededEntropy
from muster.testing.examples import AN_INSTANT, new_id
from muster_memory import store as memory
from muster_memory.snapshot_store import MemorySnapshotStore
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.breaker import Breaker
from muster_trainer_http.bulk_dialect import BulkDialect
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.directory import HttpTrainerDirectory
from muster_trainer_http.listing_dialect import ListingDialect
from muster_trainer_http.settings import TrainerHttpSettings
from muster_trainer_http.snapshots import SnapshotDirectory

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class MemoryStore(MemorySnapshotStore):
    """A snapshot store in memory that can be looked into, and counts the marks."""

    def __init__(self) -> None:
        tables = memory.MemoryStore()
        super().__init__(tables)
        self.kept = tables.snapshots
        self.marks = 0

    async def mark_asked(self, question: TrainerQuestion, at: datetime) -> None:
        self.marks += 1
        await super().mark_asked(question, at)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Answer every path by one handler; yield the URL."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving_bytes(reply: bytes) -> AsyncIterator[str]:
    """Answer every request by the same bytes and hang up, whatever HTTP thinks of it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def asking(
    url: str,
    clock: FakeClock | None = None,
    activity: DirectoryActivity | None = None,
    entropy: Entropy | None = None,
    breaker: Breaker | None = None,
    **settings: Any,
) -> AsyncIterator[HttpTrainerDirectory]:
    """Yield an open directory for a service."""
    section = TrainerHttpSettings(url=url, **settings)
    noted = activity if activity is not None else DirectoryActivity()
    client = TrainerServiceClient(url, section, entropy or SeededEntropy(0), noted)
    time = clock or FakeClock(AN_INSTANT)
    kind = ListingDialect if section.dialect == "listing" else BulkDialect
    async with client.opened():
        yield HttpTrainerDirectory(
            kind(client, section),
            time,
            section.question_seconds,
            breaker or Breaker(time, section.breaker_failures, section.breaker_seconds),
            noted,
        )


@asynccontextmanager
async def remembering(
    url: str,
    clock: FakeClock,
    store: SnapshotStore,
    activity: DirectoryActivity | None = None,
    breaker: Breaker | None = None,
    **settings: Any,
) -> AsyncIterator[SnapshotDirectory]:
    """Yield an open directory for a service, inside snapshots."""
    noted = activity if activity is not None else DirectoryActivity()
    async with asking(url, clock, noted, breaker=breaker, **settings) as inner:
        section = TrainerHttpSettings(url=url, **settings)
        yield SnapshotDirectory(inner, store, clock, section, noted)


def a_record(**changes: Any) -> dict[str, Any]:
    """Return a trainer in the words of the contract."""
    record: dict[str, Any] = {
        "id": str(new_id()),
        "name": "Asha Rao",
        "active": True,
        "franchiseId": None,
        "zoneIds": [str(new_id())],
        "certifiedCourses": [str(new_id())],
        "location": {"latitude": 16.5, "longitude": 80.6},
        "weeklyHours": [{"weekday": 1, "from": "08:00", "to": "18:00"}],
        "leave": [{"from": "2026-12-24", "to": "2026-12-26"}],
        "updatedAt": "2026-11-20T08:00:00Z",
    }
    return record | changes


def a_page(*records: Any, cursor: str | None = None) -> bytes:
    """Return a response of the contract."""
    page = {"data": records, "page": {"nextCursor": cursor}, "asOf": "2026-11-20T08:00:00Z"}
    return json.dumps(page).encode()


def always(body: bytes, status: int = 200, content_type: str = "application/json") -> Handler:
    """Return a handler with one answer."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type=content_type)

    return answer


def staff_for(question: TrainerQuestion, count: int) -> list[Trainer]:
    """Return trainers who answer to a question."""
    courses = () if question.course_id is None else (question.course_id,)
    return [
        Trainer(
            id=new_id(),
            name=f"Trainer {number}",
            active=True,
            franchise_id=question.franchise_id,
            zone_ids=frozenset({question.zone_id}),
            certified_courses=frozenset(courses),
        )
        for number in range(count)
    ]


def ids_of(trainers: Sequence[Trainer]) -> set[UUID]:
    return {trainer.id for trainer in trainers}
