"""Locks that units of work hold until they end, as a database holds row locks."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from enum import Enum

from muster.ports.unit_of_work import TransactionConflict

__all__ = ["LockMode", "LockTable"]


class LockMode(Enum):
    """Whether others may hold the same lock in the same mode."""

    SHARED = "SHARED"
    EXCLUSIVE = "EXCLUSIVE"


class _Wait:
    __slots__ = ("granted", "mode", "owner")

    def __init__(self, owner: object, mode: LockMode) -> None:
        self.owner = owner
        self.mode = mode
        self.granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class _Lock:
    __slots__ = ("holders", "key", "queue")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.holders: dict[object, LockMode] = {}
        self.queue: list[_Wait] = []

    def blockers(self, owner: object, mode: LockMode) -> Iterator[object]:
        for holder, held in self.holders.items():
            if holder is not owner and LockMode.EXCLUSIVE in (mode, held):
                yield holder

    def free_for(self, owner: object, mode: LockMode) -> bool:
        return next(self.blockers(owner, mode), None) is None


class LockTable:
    """Who holds and who awaits which lock.

    Like a database's row locks, a shared lock passes by those who wait for an exclusive
    one, and a wait that could never end is refused at once.
    """

    def __init__(self) -> None:
        """Start with no lock held."""
        self._locks: dict[Hashable, _Lock] = {}
        self._held: dict[object, set[Hashable]] = {}
        self._waits: dict[object, tuple[_Lock, LockMode]] = {}

    def holds(self, owner: object, key: Hashable) -> bool:
        """Return whether an owner holds a lock exclusively."""
        lock = self._locks.get(key)
        return lock is not None and lock.holders.get(owner) is LockMode.EXCLUSIVE

    def is_free(self, key: Hashable) -> bool:
        """Return whether nobody holds a lock."""
        lock = self._locks.get(key)
        return lock is None or not lock.holders

    async def acquire(self, owner: object, key: Hashable, mode: LockMode) -> None:
        """Take a lock, waiting while others hold it. A lock once held may be made exclusive.

        Args:
            owner: Who holds it until ``release``; one lock at a time is awaited.
            key: Which lock.
            mode: How it is held.

        Raises:
            TransactionConflict: The wait would never end: a deadlock.
        """
        lock = self._locks.setdefault(key, _Lock(key))
        if lock.holders.get(owner) in (mode, LockMode.EXCLUSIVE):
            return
        if lock.free_for(owner, mode):
            self._hold(lock, owner, mode)
            return
        self._waits[owner] = (lock, mode)
        try:
            if self._awaits_itself(owner):
                raise TransactionConflict("Two units of work waited for each other.")
            await self._wait(lock, _Wait(owner, mode))
        finally:
            del self._waits[owner]

    def release(self, owner: object) -> None:
        """Let go of every lock that an owner holds, and let those go on who waited."""
        for key in tuple(self._held.get(owner, ())):
            self.release_one(owner, key)

    def release_one(self, owner: object, key: Hashable) -> None:
        """Let go of one lock that an owner holds."""
        held = self._held[owner]
        held.remove(key)
        if not held:
            del self._held[owner]
        lock = self._locks[key]
        del lock.holders[owner]
        self._grant(lock)
        if not lock.holders and not lock.queue:
            del self._locks[key]

    def _hold(self, lock: _Lock, owner: object, mode: LockMode) -> None:
        lock.holders[owner] = mode
        self._held.setdefault(owner, set()).add(lock.key)

    async def _wait(self, lock: _Lock, wait: _Wait) -> None:
        lock.queue.append(wait)
        try:
            await wait.granted
        finally:
            # One that is cancelled leaves the queue itself; what it was granted at the
            # same moment is released with the rest.
            if wait in lock.queue:
                lock.queue.remove(wait)

    def _grant(self, lock: _Lock) -> None:
        for wait in tuple(lock.queue):
            if not wait.granted.done() and lock.free_for(wait.owner, wait.mode):
                lock.queue.remove(wait)
                self._hold(lock, wait.owner, wait.mode)
                wait.granted.set_result(None)

    def _awaits_itself(self, owner: object) -> bool:
        seen: set[object] = set()
        ahead: list[object] = [owner]
        while ahead:
            waiter = ahead.pop()
            if waiter not in self._waits:
                continue
            lock, mode = self._waits[waiter]
            new = [blocker for blocker in lock.blockers(waiter, mode) if blocker not in seen]
            seen.update(new)
            ahead.extend(new)
        return owner in seen
