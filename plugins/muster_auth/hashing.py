"""Hashing passwords off the event loop, so many at a time and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from muster_auth.errors import TooManyLogins
from muster_auth.passwords import accepted_password
from muster_auth.settings import AuthSettings

__all__ = ["PasswordHashing", "Turn"]

T = TypeVar("T")


class Turn:
    """The right to one thread; what hashes does so within it."""

    def __init__(self, hasher: PasswordHasher, dummy: str, threads: ThreadPoolExecutor) -> None:
        """Take over a thread."""
        self._hasher = hasher
        self._dummy = dummy
        self._threads = threads

    async def hash(self, password: str) -> str:
        """Return argon2id of a password, with its salt and parameters."""
        return await self._run(lambda: self._hasher.hash(password.encode()))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Return whether a password is the one that was hashed.

        Args:
            stored: What it is held to; without one a stand-in is, which takes as long.
            password: In its normal form.
        """
        right = await self._run(lambda: self._is_right(stored or self._dummy, password))
        return right and stored is not None

    def _is_right(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


class PasswordHashing:
    """argon2id in a few threads; whoever would wait too long is refused at once."""

    def __init__(self, settings: AuthSettings) -> None:
        """Start no thread yet, but hash a stand-in.

        Args:
            settings: The parameters of argon2id, and the bounds.
        """
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
        )
        self._dummy = self._hasher.hash(b"nobody's password")
        self._threads = ThreadPoolExecutor(settings.hash_threads, "muster-auth-hash")
        self._free = asyncio.Semaphore(settings.hash_threads)
        self._most = settings.hash_threads + settings.hash_queue
        self._present = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for a thread.

        Raises:
            TooManyLogins: Too many wait already.
        """
        if self._present >= self._most:
            raise TooManyLogins
        self._present += 1
        try:
            async with self._free:
                yield Turn(self._hasher, self._dummy, self._threads)
        finally:
            self._present -= 1

    async def of_new(
        self, password: str, *, shortest: int, about: tuple[str, ...], path: str = "newPassword"
    ) -> str:
        """Return the hash of a new password, held to the rules before it takes a thread.

        Args:
            password: As it was typed.
            shortest: The fewest characters (code points in NFKC).
            about: Words that others expect in it: the identifier, the owner's name.
            path: Where it stands in the request.

        Raises:
            PasswordRefused: It breaks rules.
            TooManyLogins: Too many are being evaluated.
        """
        accepted = accepted_password(password, shortest=shortest, about=about, path=path)
        async with self.turn() as turn:
            return await turn.hash(accepted)

    def is_outdated(self, stored: str) -> bool:
        """Return whether a hash was made with other parameters than the present ones."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
