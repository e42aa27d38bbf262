"""One run of the demo, from the first process to the last."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime

from rich.console import Console

from muster.runtime.demo.client import DemoClient, UnexpectedAnswer
from muster.runtime.demo.play import OutcomeWrong, Played, play
from muster.runtime.demo.progress import Steps
from muster.runtime.demo.report import show_answer, show_played
from muster.runtime.demo.stage import Stage, set_stage
from muster.runtime.interrupts import Interrupted, Interrupts

__all__ = ["perform"]

_WIDTH_WITHOUT_TERMINAL = 180
_POLL_SECONDS = 0.1


def perform(*, count: int, seed: int, keep: bool) -> int:
    """Run the demo and return the exit code.

    Args:
        count: How many bookings.
        seed: The same seed on the same day asks for the same things.
        keep: Whether everything stays up until Ctrl-C.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; every process has ended.
        ChildFailed: A process did not start.
        EmbeddedPostgresError: PostgreSQL is missing or failed.
    """
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL)
    steps = Steps(console)
    began = time.monotonic()
    steps.tell(f"Demo with seed {seed}")
    with Interrupts() as interrupts, set_stage(interrupts, steps.tell) as stage:
        try:
            played = _uninterrupted(stage, count, seed, steps, interrupts)
        except UnexpectedAnswer as answer:
            show_answer(console, answer)
            return 1
        except OutcomeWrong as wrong:
            console.print(str(wrong), style="red", highlight=False)
            return 1
        show_played(console, played, time.monotonic() - began)
        if keep:
            _show_addresses(console, stage)
            while not interrupts.received:
                time.sleep(_POLL_SECONDS)
        else:
            console.print(
                f"The API pages were at {stage.api}/docs; with --keep they stay up.",
                highlight=False,
            )
    return 0


def _uninterrupted(
    stage: Stage, count: int, seed: int, steps: Steps, interrupts: Interrupts
) -> Played:
    """Play, unless a signal comes first."""

    async def playing() -> Played:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        interrupts.tell(lambda: loop.call_soon_threadsafe(task.cancel))
        async with DemoClient(stage.api, stage.sandbox, stage.token) as client:
            return await play(client, count, seed, datetime.now(UTC).date(), steps)

    try:
        return asyncio.run(playing())
    except asyncio.CancelledError:
        raise Interrupted(interrupts.received[0]) from None
    finally:
        interrupts.tell(None)


def _show_addresses(console: Console, stage: Stage) -> None:
    console.print(f"API pages: {stage.api}/docs", highlight=False)
    console.print(f"Access token, for an hour: {stage.token}", highlight=False, soft_wrap=True)
    console.print(f"Trainer service: {stage.sandbox}/api/v1/trainers/bulk", highlight=False)
    console.print("Everything stays up until Ctrl-C.")
