"""The listener that counts and times: on the path of a request it only takes records."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from muster.ports.observation import Activity, Gauge, RequestActivity
from muster_telemetry.counting import Counting
from muster_telemetry.instruments import Instruments
from muster_telemetry.listening import Listener
from muster_telemetry.records import Ear, Record

__all__ = ["Meter"]

_MOST_WAITING = 100
"""Records; together they take less than a millisecond."""

_SECONDS = 1.0
"""How late the other processes of a server may see what this one has counted."""


class Meter(Listener):
    """Takes the records of activities that have ended, and counts many of them at once.

    One by one, between other work, each would find instruments and code out of the processor's
    caches: that takes several times as long. Whoever reads the instruments finds all counted.
    """

    def __init__(self, instruments: Instruments, offered: Callable[[Gauge], None]) -> None:
        """Measure.

        Args:
            instruments: Where it is counted.
            offered: Takes the gauges that are offered.
        """
        self._counting = Counting(instruments)
        self._offered = offered
        self._waiting: deque[Record] = deque()
        self._requests = 0
        in_flight = instruments.gauge("http_requests_in_flight")
        assert in_flight is not None
        self._in_flight = in_flight
        instruments.before_each_reading(self.count)

    def ear_of_begins(self, kind: type[Activity]) -> Ear | None:
        """Return what sees requests come."""
        return self._request_began if kind is RequestActivity else None

    def ear_of_ends(self, kind: type[Activity]) -> Ear:
        """Return what takes records."""
        return self._request_ended if kind is RequestActivity else self._ended

    def offered(self, gauge: Gauge) -> None:
        """Take a gauge."""
        self._offered(gauge)

    def count(self) -> None:
        """Count what has been taken. A command; any thread may ask."""
        self._in_flight.set(self._requests)
        while self._waiting:
            try:
                record = self._waiting.popleft()
            except IndexError:  # another thread was faster
                return
            self._counting.add(record)

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """Count every second while the context is open, and what is left at its end."""
        counter = asyncio.create_task(self._keep_counting(), name="counting of telemetry")
        try:
            yield
        finally:
            counter.cancel()
            await asyncio.gather(counter, return_exceptions=True)
            self.count()

    async def _keep_counting(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS)
            self.count()

    def _request_began(self, record: Record) -> None:
        self._requests += 1

    def _request_ended(self, record: Record) -> None:
        self._requests -= 1
        self._ended(record)

    def _ended(self, record: Record) -> None:
        self._waiting.append(record)
        if len(self._waiting) >= _MOST_WAITING:
            self.count()
