"""The two guards over live slots, and the one slot of a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from muster.domain.slots import Slot

__all__ = ["GuardBroken", "check_guards", "fit_together"]


class GuardBroken(RuntimeError):
    """A unit of work was about to commit slots that the guards forbid: a fault of the code."""


def fit_together(slots: Sequence[Slot]) -> bool:
    """Return whether one trainer's live slots can all hold.

    No two have the same local date and timeslot, and no two overlap in absolute time
    (the end is exclusive).
    """
    if len({(slot.local_date, slot.timeslot) for slot in slots}) < len(slots):
        return False
    in_time = sorted(slots, key=lambda slot: slot.starts_at)
    return all(one.ends_at <= following.starts_at for one, following in pairwise(in_time))


def check_guards(calendars: Iterable[Sequence[Slot]]) -> None:
    """Check the calendars of trainers before they are committed.

    Raises:
        GuardBroken: Slots of one trainer collide.
    """
    for slots in calendars:
        if not fit_together(slots):
            raise GuardBroken(f"the slots of trainer {slots[0].trainer_id} collide")
