"""A second unit of work that runs beside the first: does it wait, and how does it end?"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

__all__ = ["Rival"]

T = TypeVar("T")

_LONG_ENOUGH_SECONDS = 0.2
_TOO_LONG_SECONDS = 15.0


class Rival(Generic[T]):
    """Runs one coroutine beside the test, and never outlives the ``async with``.

    Enter it outside of the first unit of work, start it inside::

        async with Rival[bool]() as rival:
            async with unit_of_work() as first:
                ...
                rival.start(self.claims(slots))
                assert await rival.waits()
                await first.commit()
            assert await rival.result() is False
    """

    def __init__(self) -> None:
        """Start with nothing to run."""
        self._task: asyncio.Task[T] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            await self.cancel()

    async def cancel(self) -> None:
        """Cancel it, and wait until it has ended."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def start(self, coroutine: Coroutine[Any, Any, T]) -> None:
        """Begin to run a coroutine."""
        self._task = asyncio.create_task(coroutine)

    async def waits(self) -> bool:
        """Return whether it is still running after a moment; an error of its own comes out."""
        done, _ = await asyncio.wait({self._running}, timeout=_LONG_ENOUGH_SECONDS)
        if done:
            await self._running
        return not done

    async def result(self) -> T:
        """Return what it returns, or raise what it raises, before long.

        Raises:
            TimeoutError: It does not end.
        """
        return await asyncio.wait_for(asyncio.shield(self._running), _TOO_LONG_SECONDS)

    @property
    def _running(self) -> asyncio.Task[T]:
        if self._task is None:
            raise RuntimeError("the rival was not started")
        return self._task
