"""Attempts to show a password or a code: entered before they are evaluated, and settled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from muster.plugin_api import Caller, Unauthenticated
from muster.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from muster_auth.hashing import Turn
from muster_auth.lockout import Attempt, Lockout
from muster_auth.passwords import normal_password

__all__ = ["Attempts", "wrong_password"]

T = TypeVar("T")


class Attempts:
    """The one way to evaluate what somebody guessing could try."""

    def __init__(self, units: UnitOfWorkFactory, lockout: Lockout) -> None:
        """Count by a lockout.

        Args:
            units: Open units of work.
            lockout: Says whether an attempt may be evaluated.
        """
        self._units = units
        self._lockout = lockout

    async def by_password(
        self,
        turn: Turn,
        identifier: str,
        stored: str | None,
        password: str,
        caller: Caller,
    ) -> Attempt:
        """Evaluate a password; return the attempt, which its caller settles.

        Args:
            turn: The right to hash.
            identifier: Canonical; of an account or of nobody.
            stored: The hash that it is held to; ``None`` of nobody.
            password: As it was typed.
            caller: Whose it is.

        Raises:
            Unauthenticated: It is wrong, or there were too many attempts.
            TooManyLogins: Too many are being evaluated.
        """
        normal = normal_password(password)
        attempt = await self._lockout.attempt(identifier, caller)
        if attempt is None:
            # As slow as any other wrong answer.
            await turn.verify(None, normal)
            raise wrong_password()
        if not await turn.verify(stored, normal):
            await self._lockout.failed(attempt)
            raise wrong_password()
        return attempt

    async def by_code(
        self,
        identifier: str,
        caller: Caller,
        work: Callable[[UnitOfWork], Awaitable[T | None]],
    ) -> T:
        """Evaluate a code in a unit of work; see ``settled``.

        Raises:
            Unauthenticated: It is wrong, or there were too many attempts.
            TooManyLogins: Too many are being evaluated.
        """
        attempt = await self._lockout.attempt(identifier, caller)
        if attempt is None:
            raise _wrong_code()
        return await self.settled(attempt, work)

    async def passed(self, attempt: Attempt) -> None:
        """Take an attempt out of the count: right is no failure, whatever becomes of it."""
        async with self._units() as unit:
            await self._lockout.succeeded(attempt, unit.connection)
            await unit.commit()

    async def settled(
        self, attempt: Attempt, work: Callable[[UnitOfWork], Awaitable[T | None]]
    ) -> T:
        """Do what an attempt was made for, and count it if that shows it to be wrong.

        Args:
            attempt: That was entered.
            work: Returns ``None`` where what was shown is wrong; nothing of it lasts then.

        Raises:
            Unauthenticated: It is wrong.
        """
        async with self._units() as unit:
            found = await work(unit)
            if found is not None:
                await self._lockout.succeeded(attempt, unit.connection)
                await unit.commit()
                return found
        await self._lockout.failed(attempt)
        raise _wrong_code()


def wrong_password() -> Unauthenticated:
    """Return the one answer to every login and password that is not let in."""
    return Unauthenticated(
        "The identifier or the password is wrong, or there were too many attempts."
    )


def _wrong_code() -> Unauthenticated:
    return Unauthenticated("The code or the token is wrong, or there were too many attempts.")
