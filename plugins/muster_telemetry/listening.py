"""One observer for all of telemetry: each concern is a listener, and none wraps another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import get_args

from muster.ports.observation import Activity, Gauge, Observer, Watch
from muster_telemetry.records import Ear, Ears, Record

__all__ = ["Listener", "ListeningObserver"]


class Listener:
    """One concern: hears of beginnings and ends, of the kinds of activities that concern it."""

    def ear_of_begins(self, kind: type[Activity]) -> Ear | None:
        """Return what hears that an activity of a kind begins; by default nothing."""
        return None

    def ear_of_ends(self, kind: type[Activity]) -> Ear | None:
        """Return what hears that an activity of a kind has ended; by default nothing."""
        return None

    def offered(self, gauge: Gauge) -> None:
        """Hear of a gauge; by default it is let go."""
        return


class ListeningObserver(Observer):
    """Keeps a record of each activity; tells its listeners of its beginning and its end.

    They hear of a beginning in their order and of an end in reverse.
    """

    def __init__(self, listeners: Sequence[Listener]) -> None:
        """Tell these listeners.

        Args:
            listeners: In order.
        """
        self._listeners = tuple(listeners)
        self._ears = {kind: _ears(listeners, kind) for kind in get_args(Activity)}

    def observing(self, activity: Activity) -> AbstractContextManager[Watch]:
        """Look on."""
        return Record(activity, self._ears[type(activity)])

    def offer(self, gauge: Gauge) -> None:
        """Hear of a gauge."""
        for listener in self._listeners:
            listener.offered(gauge)


def _ears(listeners: Sequence[Listener], kind: type[Activity]) -> Ears:
    begins = (one.ear_of_begins(kind) for one in listeners)
    ends = (one.ear_of_ends(kind) for one in reversed(listeners))
    return Ears(
        tuple(ear for ear in begins if ear is not None),
        tuple(ear for ear in ends if ear is not None),
    )
