"""A histogram that takes many observations at once."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from prometheus_client import Histogram

__all__ = ["Timings"]


class Timings(Histogram):
    """One of ``prometheus_client``, whose ``observe`` takes two locks for each observation.

    With 25 at once each takes 0.2 microseconds instead of 1.2. It builds on how that class keeps
    its numbers; a test holds it to what ``observe`` would have counted.
    """

    def observe_all(self, amounts: Sequence[float]) -> None:
        """Observe amounts, each of which must be a number. A command.

        Args:
            amounts: In the unit of the metric.
        """
        bounds = self._upper_bounds
        for place, number in Counter([bisect_left(bounds, one) for one in amounts]).items():
            self._buckets[place].inc(number)
        self._sum.inc(sum(amounts))
