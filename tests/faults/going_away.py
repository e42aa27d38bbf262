"""Clients that go away: amid the headers, amid the body, with the request sent, amid the answer."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress

from tests.faults.staffed_zone import Json

__all__ = ["go_away"]

_LONGEST_PAUSE_SECONDS = 0.02


async def go_away(port: int, order: Json, chance: random.Random) -> None:
    """Send a request, not always all of it, and leave; maybe in the middle of the answer."""
    request = chance.choice([_booking, _list])(order)
    head, body = request[: request.index(b"\r\n\r\n") + 4], len(request)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = chance.choice([chance.randrange(len(head)), chance.randrange(body), body, body])
    with suppress(ConnectionError):
        writer.write(request[:sent])
        await writer.drain()
        await asyncio.sleep(chance.random() * _LONGEST_PAUSE_SECONDS)
        if sent == len(request) and chance.random() < 0.3:
            await reader.read(chance.randrange(1, 100))
    _leaving(writer, chance)()


def _leaving(writer: asyncio.StreamWriter, chance: random.Random) -> Callable[[], None]:
    """Say goodbye, or be cut off."""
    return chance.choice([writer.close, writer.transport.abort])


def _booking(order: Json) -> bytes:
    body = json.dumps(order).encode()
    head = (
        "POST /v1/bookings HTTP/1.1\r\nHost: muster\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _list(_: Json) -> bytes:
    return b"GET /v1/bookings?limit=100 HTTP/1.1\r\nHost: muster\r\n\r\n"
