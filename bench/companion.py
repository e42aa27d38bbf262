"""A process that answers questions, so that what it measures runs with nothing else around."""

from __future__ import annotations

import asyncio
import multiprocessing
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, TypeVar

import uvloop

__all__ = ["Companion", "CompanionFailed"]

Q = TypeVar("Q")
A = TypeVar("A")

Opened = Callable[[], AbstractAsyncContextManager[Callable[[Q], Awaitable[A]]]]
"""Opens what answers; picklable."""


class CompanionFailed(Exception):
    """A question raised in the other process; the message is its traceback."""


class Companion(Generic[Q, A]):
    """A spawned process with uvloop; asks one question at a time."""

    def __init__(self, opened: Opened[Q, A]) -> None:
        """Start it.

        Args:
            opened: Called in the process; what it yields answers.
        """
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_live, args=(theirs, opened), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Companion[Q, A]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        self._process.join(10)
        self._process.kill()

    def ask(self, question: Q) -> A:
        """Ask, and wait for the answer.

        Raises:
            CompanionFailed: It could not answer, or is no more.
        """
        self.tell(question)
        return self.answer()

    def tell(self, question: Q) -> None:
        """Ask without waiting; ``answer`` waits."""
        self._pipe.send(question)

    def answer(self) -> A:
        """Wait for the answer to what was told.

        Raises:
            CompanionFailed: It could not answer, or is no more.
        """
        try:
            failed, found = self._pipe.recv()
        except EOFError:
            raise CompanionFailed("the process ended") from None
        if failed:
            raise CompanionFailed(found)
        answer: A = found
        return answer


def _live(pipe: Connection[Any, Any], opened: Opened[Any, Any]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answer_all(pipe, opened))


async def _answer_all(pipe: Connection[Any, Any], opened: Opened[Any, Any]) -> None:
    try:
        async with opened() as answer:
            while True:
                try:
                    question = await asyncio.to_thread(pipe.recv)
                except (EOFError, OSError):
                    return
                try:
                    found = await answer(question)
                except Exception:  # noqa: BLE001 - whatever it is, the parent raises it
                    pipe.send((True, traceback.format_exc()))
                else:
                    pipe.send((False, found))
    except Exception:  # noqa: BLE001 - told at the next question
        pipe.send((True, traceback.format_exc()))
