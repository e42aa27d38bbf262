"""A command that is given up leaves nothing behind: no row, no lock, no lost connection."""

from __future__ import annotations

import asyncio
import threading

import asyncpg

from muster_edge.plugin import EdgePlugin
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.e2e.orders import a_zone
from tests.http.server_under_test import serving

PLUGINS = [PostgresPlugin, TrainerHttpPlugin, EdgePlugin]
SETTINGS = {"MUSTER_EDGE__REQUEST_SECONDS": "1", "MUSTER_POSTGRES__POOL_MAX_SIZE": "2"}


def test_a_command_that_takes_too_long_is_rolled_back(clean_database: str) -> None:
    held, done = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(clean_database)
        async with connection.transaction():
            await connection.execute("LOCK TABLE zones IN SHARE MODE")
            held.set()
            await asyncio.to_thread(done.wait)
        await connection.close()

    holder = threading.Thread(target=lambda: asyncio.run(hold()))
    with serving(clean_database, PLUGINS, **SETTINGS) as server:
        holder.start()
        try:
            assert held.wait(30)
            # More than the pool has connections: each that was given up is whole again.
            for _ in range(3):
                refused = server.api.post("/v1/zones", a_zone())
                assert (refused.status, refused.error["code"]) == (503, "TOO_SLOW")
        finally:
            done.set()
            holder.join()
        assert server.api.get("/v1/zones").json["data"] == []
        assert server.api.post("/v1/zones", a_zone()).status == 201
