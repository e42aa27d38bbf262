"""When a key was last used: written once a minute, and never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.runtime.bootstrap import bootstrap
from muster.testing.clock import FakeClock
from muster_auth.presented_keys import PresentedKeys
from tests.auth.service_stage import BEGIN, Company, Service
from tests.auth.stage import PLUGINS, run, settings

PATIENCE_SECONDS = 20


class Watched:
    """A server's memory of keys, the time that goes by for it, and the row of one key."""

    def __init__(self, url: str, service: Service) -> None:
        self.url = url
        self.service = service
        self.clock = FakeClock(BEGIN)
        self.seconds = 0.0
        self.keys: PresentedKeys

    def later(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(timedelta(seconds=seconds))

    async def used(self) -> datetime | None:
        """Show the key; return the last use that is stored after it."""
        await asyncio.wait_for(self.keys.key(self.service.key), PATIENCE_SECONDS)
        found: datetime | None = run(
            self.url,
            "SELECT last_used_at FROM auth_api_keys WHERE id = $1",
            UUID(self.service.id),
        )[0]["last_used_at"]
        return found


def watch(url: str, service: Service, script: Callable[[Watched], Awaitable[None]]) -> None:
    async def played() -> None:
        watched = Watched(url, service)
        application = bootstrap(settings(url), PLUGINS)
        async with application.running():
            units = application.ports.get(UNIT_OF_WORK)
            watched.keys = PresentedKeys(units, watched.clock, lambda: watched.seconds)
            await script(watched)

    asyncio.run(played())


def test_a_use_is_written_once_a_minute(company: Company, database_url: str) -> None:
    async def script(watched: Watched) -> None:
        assert await watched.used() == BEGIN
        for _ in range(59):
            watched.later(1)
            assert await watched.used() == BEGIN
        watched.later(1)
        assert await watched.used() == BEGIN + timedelta(minutes=1)

    watch(database_url, company.service(), script)


def test_within_half_a_second_nobody_is_asked(company: Company, database_url: str) -> None:
    async def script(watched: Watched) -> None:
        await watched.used()
        forgotten = "UPDATE auth_api_keys SET last_used_at = NULL"
        run(database_url, forgotten)
        watched.later(0.49)
        assert await watched.used() is None
        watched.later(0.02)
        assert await watched.used() == watched.clock.now()

    watch(database_url, company.service(), script)


def test_a_request_waits_for_nobody_who_changes_the_key(
    company: Company, database_url: str
) -> None:
    async def script(watched: Watched) -> None:
        other = await asyncpg.connect(database_url)
        try:
            async with other.transaction():
                await other.execute("SELECT FROM auth_api_keys FOR UPDATE")
                assert await watched.used() is None
        finally:
            await other.close()

    watch(database_url, company.service(), script)
