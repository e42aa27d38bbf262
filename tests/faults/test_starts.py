"""What a start does when its database is not there yet, or not for it."""

from __future__ import annotations

import asyncio
import socket

import pytest
from sqlalchemy.engine import URL, make_url

from muster_postgres.database import Database
from muster_postgres.reaching import DatabaseUnreachable
from muster_postgres.settings import PostgresSettings
from tests.http.cut_wire import Wire

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 30.0
"""More than any of this takes: whoever waits for it all is stopped by the test's own time."""


async def test_a_database_that_comes_late_is_waited_for(clean_database: str) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = make_url(clean_database).set(
            host="127.0.0.1", port=reserved.getsockname()[1], query={}
        )
        starting = asyncio.create_task(start(url))
        await asyncio.sleep(0.3)
        assert not starting.done()
        async with await asyncio.start_server(Wire(clean_database)._connected, sock=reserved):
            await starting


async def test_what_waiting_does_not_mend_is_not_waited_for(clean_database: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        with pytest.raises(DatabaseUnreachable, match='database "nowhere" does not exist'):
            await start(make_url(clean_database).set(database="nowhere"))


async def start(url: URL) -> None:
    settings = PostgresSettings(
        url=url.render_as_string(hide_password=False), connect_timeout_seconds=PATIENCE_SECONDS
    )
    async with Database(settings).opened():
        pass
