"""The end of a sender: what is left is sent, but no end waits long for a collector."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

__all__ = ["finished_in_time"]

_GRACE_SECONDS = 0.8
"""A server has a few seconds to close all that it holds open; traces and metrics want some each."""


async def finished_in_time(work: Callable[[], object]) -> bool:
    """Do what blocks aside, and return whether it was done soon enough.

    What is not goes on in a thread that keeps no process alive.

    Args:
        work: Is called in that thread; raises nothing.
    """
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work_aside() -> None:
        work()
        # Nobody may be waiting any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    Thread(target=work_aside, name="last of telemetry", daemon=True).start()
    try:
        async with asyncio.timeout(_GRACE_SECONDS):
            await done.wait()
    except TimeoutError:
        return False
    return True
