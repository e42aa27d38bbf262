"""Answers of the database, each believed for half a second from the moment it was asked for.

What another server changed counts here within a second. What is forgotten here is asked anew for
everybody who comes after that, also where an answer was on its way. The cost is one short read each
half second for each question, however many ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Remembered"]

_BELIEVED_SECONDS = 0.5
_MOST = 10_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Asked(NamedTuple, Generic[V]):
    at: float
    answer: asyncio.Future[V]


class Remembered(Generic[K, V]):
    """Asks, and remembers the answers for a moment."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Remember nothing yet.

        Args:
            monotonic: Returns seconds from any beginning.
        """
        self._monotonic = monotonic
        self._asked: dict[K, _Asked[V]] = {}
        """Questions in the order in which they were asked, the answered and the pending ones."""

    async def answer(self, question: K, ask: Callable[[], Awaitable[V]]) -> V:
        """Return what is remembered, or wait for what is being asked, else ask.

        Args:
            question: By what an answer is remembered.
            ask: Finds the answer, also when whoever asked first has gone away. What it raises is
                raised to all who wait for it, and is not remembered.
        """
        now = self._monotonic()
        asked = self._asked.get(question)
        if asked is None or now - asked.at >= _BELIEVED_SECONDS:
            asked = self._ask(question, ask, now)
        return await asyncio.shield(asked.answer)

    def forget(self, question: K) -> None:
        """Ask anew the next time; a pending answer is for those alone who wait for it already."""
        self._asked.pop(question, None)

    def _ask(self, question: K, ask: Callable[[], Awaitable[V]], now: float) -> _Asked[V]:
        asked = _Asked(now, asyncio.ensure_future(ask()))
        self.forget(question)
        while len(self._asked) >= _MOST:
            del self._asked[next(iter(self._asked))]
        self._asked[question] = asked

        def settled(answer: asyncio.Future[V]) -> None:
            unanswered = answer.cancelled() or answer.exception() is not None
            if unanswered and self._asked.get(question) is asked:
                self.forget(question)

        asked.answer.add_done_callback(settled)
        return asked
