"""A server in a process of its own that may be killed; its subscriber writes down what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from multiprocessing.connection import Connection

from muster.plugin_api import (
    EventSubscriber,
    Manifest,
    PortLookup,
    RecordedEvent,
    SettingsLookup,
    hookimpl,
)
from muster.ports.unit_of_work import UNIT_OF_WORK

TABLE = "CREATE TABLE heard (number bigserial, event_id uuid NOT NULL, server text NOT NULL)"
SUBSCRIBER = "listening/diary"


def listening(server: str, seconds: float = 0.0) -> type:
    """The plugin of a server.

    Args:
        server: Its name, which it writes down with what it hears.
        seconds: How long it takes to hear.
    """

    async def hear(recorded: RecordedEvent, ports: PortLookup) -> None:
        async with ports.get(UNIT_OF_WORK)() as unit:
            await unit.connection.execute(
                "INSERT INTO heard (event_id, server) VALUES ($1, $2)", recorded.id, server
            )
            await unit.commit()
        await asyncio.sleep(seconds)

    class Listening:
        MANIFEST = Manifest(name="listening", api_version=1)

        @hookimpl
        def event_subscribers(self, settings: SettingsLookup) -> Sequence[EventSubscriber]:
            return [EventSubscriber("diary", hear)]

    return Listening


def run(url: str, server: str, begun: Connection) -> None:
    """Serve until killed."""
    asyncio.run(_serve(url, server, begun))


async def _serve(url: str, server: str, begun: Connection) -> None:
    from tests.integration.test_event_relay import composed, serving

    async with serving(composed(url, listening(server, 0.02))):
        begun.send(None)
        await asyncio.Event().wait()
