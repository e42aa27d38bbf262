"""Single flight: equal work asked for at the same time is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

__all__ = ["SingleFlight"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Flight(Generic[V]):
    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiting = 0


class SingleFlight(Generic[K, V]):
    """Runs the work of a key once for all who wait for it, on one event loop.

    The work belongs to nobody who waits: one who is cancelled leaves the others
    undisturbed, and the last one to leave ends the work.
    """

    def __init__(self) -> None:
        """Begin with no work under way."""
        self._flights: dict[K, _Flight[V]] = {}

    async def run(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return what the key's work returns, starting it if it is not under way.

        Args:
            key: Equal keys share one run.
            work: Does it; called at most once.

        Raises:
            Exception: Whatever the work raised, to everyone who waited for it.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(work()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.task.done() or not flight.waiting:
                self._forget(key, flight)
            if not flight.waiting:
                flight.task.cancel()

    def _forget(self, key: K, flight: _Flight[V]) -> None:
        # A later flight of the same key is not ours to end.
        if self._flights.get(key) is flight:
            del self._flights[key]
