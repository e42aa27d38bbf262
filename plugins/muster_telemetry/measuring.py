"""The listener that counts and times: on the path of a request it only takes records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager

from muster.ports.observation import Activity, Gauge, RequestActivity
from muster_telemetry.backlog import Backlog
from muster_telemetry.counting import Counting
from muster_telemetry.instruments import Instruments
from muster_telemetry.listening import Listener
from muster_telemetry.records import Ear, Record

__all__ = ["Meter"]


class Meter(Listener):
    """Takes the records of activities that have ended, and counts many of them at once.

    Whoever reads the instruments finds all counted.
    """

    def __init__(self, instruments: Instruments, offered: Callable[[Gauge], None]) -> None:
        """Measure.

        Args:
            instruments: Where it is counted.
            offered: Takes the gauges that are offered.
        """
        self._counting = Counting(instruments)
        self._offered = offered
        self._backlog = Backlog(self._count)
        self._requests = 0
        in_flight = instruments.gauge("http_requests_in_flight")
        assert in_flight is not None
        self._in_flight = in_flight
        instruments.before_each_reading(self._backlog.work_off)

    def ear_of_begins(self, kind: type[Activity]) -> Ear | None:
        """Return what sees requests come."""
        return self._request_began if kind is RequestActivity else None

    def ear_of_ends(self, kind: type[Activity]) -> Ear:
        """Return what takes records."""
        return self._request_ended if kind is RequestActivity else self._backlog.take

    def offered(self, gauge: Gauge) -> None:
        """Take a gauge."""
        self._offered(gauge)

    def kept_up(self) -> AbstractAsyncContextManager[None]:
        """Count every second while the context is open: other processes read without asking."""
        return self._backlog.kept_short()

    def _count(self, records: Iterator[Record]) -> None:
        self._in_flight.set(self._requests)
        self._counting.add(records)

    def _request_began(self, record: Record) -> None:
        self._requests += 1

    def _request_ended(self, record: Record) -> None:
        self._requests -= 1
        self._backlog.take(record)
