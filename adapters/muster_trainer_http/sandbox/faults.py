"""Faults on demand: what the sample service does to the contract's routes instead of answering."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

__all__ = ["NO_FAULTS", "Faults", "FaultsRefused", "answer_wrongly", "read_faults"]

_ENDLESS_BYTES = 1_000_000_000
_PIECE = b" " * 65_536


class FaultsRefused(ValueError):
    """Something is no description of faults; the message says where."""


class Faults(
    Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """What is wrong; of the wrong answers the first one set is given.

    Attributes:
        latency_seconds: How long every call waits before anything else.
        cut: Whether the connection is broken off in the middle of an answer.
        huge: Whether an answer of a gigabyte is sent, piece by piece.
        redirect_to: Where to send the caller instead.
        garbage: The body of an answer, with status 200 unless one is set.
        status: The status of an answer.
        times: For how many calls; ``None`` until it is changed.
    """

    latency_seconds: Annotated[float, Meta(ge=0, le=3_600)] = 0
    cut: bool = False
    huge: bool = False
    redirect_to: Annotated[str, Meta(pattern=r"\A[\x21-\x7e]+\Z")] | None = None
    garbage: str | None = None
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    times: Annotated[int, Meta(ge=1)] | None = None


NO_FAULTS = Faults()


def read_faults(body: bytes) -> Faults:
    """Read a JSON object of faults.

    Raises:
        FaultsRefused: It is none.
    """
    try:
        return msgspec.json.decode(body, type=Faults)
    except (ValueError, RecursionError) as refused:
        raise FaultsRefused(f"not a JSON object of faults: {refused}") from None


async def answer_wrongly(request: web.Request, faults: Faults) -> web.StreamResponse | None:
    """Do what the faults say; ``None`` when the right answer is to follow."""
    await asyncio.sleep(faults.latency_seconds)
    if faults.cut:
        return await _cut_off(request)
    if faults.huge:
        return await _gigabyte(request)
    if faults.redirect_to is not None:
        return web.Response(status=faults.status or 302, headers={"Location": faults.redirect_to})
    if faults.garbage is not None:
        return web.Response(text=faults.garbage, status=faults.status or 200)
    if faults.status is not None:
        return web.Response(status=faults.status)
    return None


async def _cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"data": [')
    if request.transport is not None:
        request.transport.close()
    return response


async def _gigabyte(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    # Whoever reads a part and hangs up does what is hoped for.
    with suppress(ConnectionError):
        for _ in range(_ENDLESS_BYTES // len(_PIECE)):
            await response.write(_PIECE)
        await response.write_eof()
    return response
