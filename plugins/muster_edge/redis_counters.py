"""Windows that all processes share, in Redis: one script, one round trip, nothing in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from muster_edge.counters import Charge, Count, CountersAway, Tally

__all__ = ["RedisCounters"]

_PREFIX = "muster:limit:"
_MOST_CONNECTIONS = 16
_MILLISECONDS = 1000

_SCRIPT = """
local used, full = {}, 0
for i = 1, #KEYS do
  used[i] = tonumber(redis.call('GET', KEYS[i]) or '0')
  if used[i] >= tonumber(ARGV[3 * i - 2]) then full = 1 end
end
local answer = {full}
for i = 1, #KEYS do
  local cost = tonumber(ARGV[3 * i])
  if full == 0 and cost > 0 then
    used[i] = redis.call('INCRBY', KEYS[i], cost)
    if used[i] == cost then redis.call('PEXPIRE', KEYS[i], ARGV[3 * i - 1]) end
  end
  answer[2 * i] = used[i]
  answer[2 * i + 1] = redis.call('PTTL', KEYS[i])
end
return answer
"""
"""Arguments for each key: limit, length of the window in milliseconds, cost."""


class RedisCounters:
    """Counters in Redis; windows end by themselves."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Keep no connection yet.

        Args:
            url: Of Redis.
            timeout_seconds: How long one answer may take.
        """
        # Without retries: a script that was lost on the way back has counted.
        self._pool = ConnectionPool.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = Redis(connection_pool=self._pool).register_script(_SCRIPT)
        self._free = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._failures = 0

    async def charge(self, charges: Sequence[Charge]) -> Tally:
        """Count a request.

        Raises:
            CountersAway: Redis cannot be reached, or is too slow.
        """
        arguments: list[int] = []
        for charge in charges:
            milliseconds = charge.limit.seconds * _MILLISECONDS
            arguments += (charge.limit.requests, milliseconds, charge.cost)
        keys = [_PREFIX + charge.key for charge in charges]
        failures = self._failures
        async with self._free:
            # Whoever stood in line behind one that waited in vain does not wait once more.
            if self._failures != failures:
                raise CountersAway("another call has just failed")
            try:
                full, *stands = await self._script(keys, arguments)
            except (RedisError, OSError) as error:
                self._failures += 1
                raise CountersAway(type(error).__name__) from error
        return Tally(
            not full,
            [
                Count(used, left / _MILLISECONDS if left > 0 else charge.limit.seconds)
                for charge, used, left in zip(charges, stands[::2], stands[1::2], strict=True)
            ],
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.disconnect()
