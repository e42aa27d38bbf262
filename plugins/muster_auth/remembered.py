"""Answers of the database, each believed for half a second.

What another server changed counts here within a second, and the cost is one short read each half
second for each question, not one for each request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Remembered"]

_BELIEVED_SECONDS = 0.5
_MOST = 10_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Asks, and remembers the answers for a moment."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Remember nothing yet.

        Args:
            monotonic: Returns seconds from any beginning.
        """
        self._monotonic = monotonic
        self._known: dict[K, tuple[float, V]] = {}

    async def answer(self, question: K, ask: Callable[[], Awaitable[V]]) -> V:
        """Return what is remembered, else ask.

        Args:
            question: By what an answer is remembered.
            ask: Finds the answer; what it raises is not remembered.
        """
        asked_at = self._monotonic()
        known = self._known.get(question)
        if known is not None and asked_at - known[0] < _BELIEVED_SECONDS:
            return known[1]
        found = await ask()
        self._known.pop(question, None)
        while len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        self._known[question] = asked_at, found
        return found

    def forget(self, question: K) -> None:
        """Ask anew the next time."""
        self._known.pop(question, None)
