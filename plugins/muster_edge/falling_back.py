"""Shared windows while they can be reached, those of the process while not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from muster_edge.counters import Charge, Counters, CountersAway, Tally

__all__ = ["SECONDS_BETWEEN_ATTEMPTS", "FallingBack"]

SECONDS_BETWEEN_ATTEMPTS = 1.0
"""How long shared windows are left alone; then one request looks for them."""

_log = structlog.get_logger("muster.edge")


class FallingBack:
    """Counters that are always there; each outage of the shared ones is logged once."""

    def __init__(self, shared: Counters, own: Counters, monotonic: Callable[[], float]) -> None:
        """Prefer the shared ones.

        Args:
            shared: Exact over all processes.
            own: Of this process.
            monotonic: Returns seconds that never go back.
        """
        self._shared = shared
        self._own = own
        self._monotonic = monotonic
        self._next_attempt: float | None = None

    async def charge(self, charges: Sequence[Charge]) -> Tally:
        """Count a request in one of them."""
        now = self._monotonic()
        if self._next_attempt is not None and now < self._next_attempt:
            return await self._own.charge(charges)
        looking = self._next_attempt is not None
        if looking:
            # Set before it is asked, so that no second request waits for the same answer.
            self._next_attempt = now + SECONDS_BETWEEN_ATTEMPTS
        try:
            tally = await self._shared.charge(charges)
        except CountersAway as error:
            if self._next_attempt is None:
                _log.warning("limits_not_shared", reason=str(error))
            self._next_attempt = self._monotonic() + SECONDS_BETWEEN_ATTEMPTS
            return await self._own.charge(charges)
        if looking:
            self._next_attempt = None
            _log.info("limits_shared_again")
        return tally
