"""A session that ends while somebody is asking about it is dead for who asks next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from muster.plugin_api import EVERYTHING, Scope, command_line
from muster.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from muster_auth.authentication import Authentication
from muster_auth.sessions import Client
from muster_auth.standing import Standings
from muster_auth.token_holders import Tokens
from tests.auth.stage import PASSWORD, create, in_app

PATIENCE_SECONDS = 20


class SlowUnits:
    """Units that have read, and whose readers hear of it only when they may."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self._units = units
        self.read = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def __call__(self, scope: Scope = EVERYTHING) -> AsyncIterator[UnitOfWork]:
        async with self._units(scope) as unit:
            yield unit
        self.read.set()
        await asyncio.wait_for(self.go_on.wait(), PATIENCE_SECONDS)


def test_a_logout_counts_although_an_answer_is_on_its_way(clean_database: str) -> None:
    create(clean_database, "meera")

    async def script(auth: Authentication) -> None:
        workings = auth.workings
        caller = command_line(workings.entropy)
        tokens = await auth.log_in("meera", PASSWORD, Client("", "", caller))
        assert isinstance(tokens, Tokens)
        holder = await auth.holder(tokens.access_token)
        units = SlowUnits(workings.units)
        standings = Standings(units, workings.clock, lambda: 0.0)
        early = asyncio.create_task(standings.of(holder.claims))
        await asyncio.wait_for(units.read.wait(), PATIENCE_SECONDS)
        await auth.own_sessions.log_out(holder, caller)
        session_id = holder.claims.sid
        assert isinstance(session_id, UUID)
        standings.forget(session_id)
        units.go_on.set()
        assert await early is not None
        assert await standings.of(holder.claims) is None

    in_app(clean_database, script)
