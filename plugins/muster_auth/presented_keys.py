"""The API keys that services show, asked about anew at least every half second."""

from __future__ import annotations

import time
from collections.abc import Callable

from muster.plugin_api import Unauthenticated
from muster.ports.clock import Clock
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_auth.api_keys import ApiKey, key_by_hash, note_use
from muster_auth.key_texts import key_hash
from muster_auth.remembered import Remembered

__all__ = ["PresentedKeys"]


class PresentedKeys:
    """Says which key a service shows."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember nothing yet.

        Args:
            units: Open units of work.
            clock: What has expired, and when a key was used.
            monotonic: Returns seconds from any beginning.
        """
        self._units = units
        self._clock = clock
        self._known: Remembered[bytes, ApiKey | None] = Remembered(monotonic)

    async def key(self, shown: str) -> ApiKey:
        """Return the living key of which this is the text.

        Raises:
            Unauthenticated: There is none; why not is not told.
            DatabaseUnavailable: Nobody can say; nobody gets in.
        """
        hash_ = key_hash(shown)
        if hash_ is None:
            raise _refusal()
        key = await self._known.answer(hash_, lambda: self._used(hash_))
        if key is None or not key.lives(self._clock.now()):
            raise _refusal()
        return key

    def forget(self, key: ApiKey) -> None:
        """Ask anew about a key."""
        self._known.forget(key.hash)

    async def _used(self, hash_: bytes) -> ApiKey | None:
        now = self._clock.now()
        async with self._units() as unit:
            key = await key_by_hash(unit.connection, hash_)
            if key is not None and key.lives(now) and key.use_is_to_be_noted(now):
                await note_use(unit.connection, key, now)
                await unit.commit()
        return key


def _refusal() -> Unauthenticated:
    # One answer for every reason: who guesses learns nothing from it.
    return Unauthenticated("The API key is not valid.")
