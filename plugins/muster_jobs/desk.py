"""All that the administration of jobs works with, while the app runs."""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from muster.plugin_api import PortLookup
from muster_jobs.job_board import JobBoard
from muster_jobs.job_rulings import JobRulings
from muster_jobs.live_status import LiveStatus
from muster_jobs.overview import queue_shapes

__all__ = ["Desk", "desk_of"]

_LOOK_SECONDS = 1.0


class Desk(Struct, frozen=True):
    """Of one app.

    Attributes:
        board: Reads.
        rulings: Changes.
        live: Tells of changes.
    """

    board: JobBoard
    rulings: JobRulings
    live: LiveStatus


class _LiveType(Struct, frozen=True):
    type: str
    waiting: int
    running: int
    dead: int


def desk_of(ports: PortLookup) -> Desk:
    """Return the desk of an app.

    Raises:
        CompositionError: A port is not provided.
    """
    board = JobBoard(ports)

    async def look() -> bytes:
        return await _looked(board)

    live = LiveStatus(look, lambda: asyncio.sleep(_LOOK_SECONDS))
    return Desk(board, JobRulings(ports), live)


async def _looked(board: JobBoard) -> bytes:
    """Return the status in JSON, without an instant: it is the same while nothing changes."""
    status = await board.status()
    types = [
        _LiveType(name, one.waiting, one.running, one.dead)
        for name, one in sorted(status.counts.items())
    ]
    return msgspec.json.encode({"queues": queue_shapes(board.types, status), "types": types})
