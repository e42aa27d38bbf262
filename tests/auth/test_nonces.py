"""Nonces of requests that come at the same time, while old ones are deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from muster.plugin_api import EVERYTHING, Scope
from muster.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from muster_auth.authentication import Authentication
from muster_auth.nonces import Nonces
from tests.auth.stage import in_app, run

PATIENCE_SECONDS = 20
KEY = """
    INSERT INTO auth_api_keys (id, name, prefix, hash, permissions, created_by, created_at,
        expires_at)
    VALUES ($1, 'billing', 'muster_', sha256('billing'), '{franchises:read}', 'test', now(),
        now() + interval '1 day')
"""
OLD = """
    INSERT INTO auth_nonces
    SELECT $1, 'old-' || n, now() - interval '1 day' + n * interval '1 second'
    FROM generate_series(0, 199) AS n
"""


class Halting:
    """A unit of work that halts after its first statement."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self._units = units
        self.halted = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def __call__(self, scope: Scope = EVERYTHING) -> AsyncIterator[UnitOfWork]:
        async with self._units(scope) as unit:
            self._unit = unit
            yield cast(UnitOfWork, self)

    @property
    def connection(self) -> Any:
        return self

    async def execute(self, *statement: Any) -> str:
        return str(await self._halted(self._unit.connection.execute, *statement))

    async def fetchrow(self, *statement: Any) -> Any:
        return await self._halted(self._unit.connection.fetchrow, *statement)

    async def commit(self) -> None:
        await self._unit.commit()

    async def _halted(self, send: Any, *statement: Any) -> Any:
        answer = await send(*statement)
        self.halted.set()
        await asyncio.wait_for(self.go_on.wait(), PATIENCE_SECONDS)
        return answer


def test_two_that_delete_old_ones_do_not_wait_for_each_other(clean_database: str) -> None:
    """Each uses one of the hundred that the other would delete."""
    key_id = uuid4()
    run(clean_database, KEY, key_id)
    run(clean_database, OLD, key_id)

    async def script(auth: Authentication) -> list[bool]:
        workings = auth.workings
        until = workings.clock.now() + timedelta(minutes=6)
        begun = []
        halting = [Halting(workings.units) for _ in range(2)]
        for units, nonce in zip(halting, ("old-150", "old-50"), strict=True):
            used = Nonces(units, workings.clock).use(key_id, nonce, until)
            begun.append(asyncio.create_task(used))
            await asyncio.wait_for(units.halted.wait(), PATIENCE_SECONDS)
        for units in halting:
            units.go_on.set()
        return await asyncio.gather(*begun)

    assert in_app(clean_database, script) == [False, False]
    assert not run(clean_database, "SELECT FROM auth_nonces")
