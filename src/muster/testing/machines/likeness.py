"""What two stores have in common that took the same commands in another way.

A command that others got in the way of asks more trainers, and so draws other identifiers
for slots and receipts, and sees other candidates. All else must be alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict, replace

from muster.application.place_booking import PlacedBooking
from muster.application.trainer_blocks import BlockedTime
from muster.domain.bookings import Booking
from muster.domain.receipts import Receipt
from muster.domain.slots import Slot
from muster.testing.machines.houses import Outcome
from muster.testing.machines.requests import NOBODY
from muster.testing.machines.states import State

__all__ = ["likeness_of_outcome", "likeness_of_state"]


def likeness_of_outcome(outcome: Outcome) -> Any:
    """Return what outcomes of the same command must have in common."""
    return outcome.refusal, _answer(outcome.answer)


def likeness_of_state(state: State) -> dict[str, Any]:
    """Return what states after the same commands must have in common, by parts."""
    return asdict(state) | {
        "bookings": sorted(map(_booking, state.bookings), key=lambda one: one.id),
        "slots": _slots(state.slots),
        "receipts": {id_: tuple(map(_receipt, found)) for id_, found in state.receipts.items()},
    }


def _answer(answer: Any) -> Any:
    if isinstance(answer, Booking):
        return _booking(answer)
    if isinstance(answer, PlacedBooking):
        return _booking(answer.booking), answer.created
    if isinstance(answer, BlockedTime):
        stranded = [(_booking(one.booking), one.session) for one in answer.stranded]
        return answer.block, _slots(answer.slots), stranded
    if isinstance(answer, tuple):
        return tuple(map(_answer, answer))
    return answer


def _booking(booking: Booking) -> Booking:
    return replace(booking, receipt_id=None)


def _receipt(receipt: Receipt) -> tuple[Any, ...]:
    made = receipt.kind, receipt.version, receipt.outcome, receipt.created_at
    return *made, receipt.chosen, receipt.reason, receipt.sessions


def _slots(slots: Iterable[Slot]) -> list[Slot]:
    unnamed = (replace(slot, id=NOBODY) for slot in slots)
    return sorted(unnamed, key=lambda one: (one.trainer_id, one.starts_at))
