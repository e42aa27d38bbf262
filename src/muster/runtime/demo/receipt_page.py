"""A receipt as a person reads it: why this trainer, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from rich.console import Console
from rich.table import Table

from muster.http.shapes.receipts import CandidateShape, ReceiptShape
from muster.runtime.demo.play import PlacedBooking

__all__ = ["show_receipt"]


def show_receipt(console: Console, one: PlacedBooking, names: Mapping[UUID, str]) -> None:
    """Show the receipt of a booking in full.

    Args:
        console: Where.
        one: The booking, with its receipt.
        names: Of trainers, by id.
    """
    receipt, booking = one.receipt, one.booking
    assert receipt is not None, "the caller has chosen one with a receipt"
    heading = f"Receipt {receipt.id} of booking {one.attempt.number} ({booking.id})"
    console.print(heading, style="bold", highlight=False)
    for name, value in _facts(one, receipt, names):
        console.print(f"  {name:<15}{value}", highlight=False, markup=False)
    table = Table("Rank", "Trainer", "Verdict", "Distance", "Band", "Booked", "Id", box=None)
    for candidate in receipt.candidates:
        table.add_row(*_row(candidate, receipt, names))
    console.print(table)


def _facts(
    one: PlacedBooking, receipt: ReceiptShape, names: Mapping[UUID, str]
) -> list[tuple[str, str]]:
    facts = [("Kind", receipt.kind.value), ("Made at", receipt.created_at.isoformat())]
    if receipt.zone and one.booking.zone:
        covering = len(one.lookup.covering)
        facts.append(
            (
                "Zone",
                f"{one.booking.zone.name}, by {receipt.zone.rule.value} of {covering} that cover "
                f"the place; {receipt.zone.distance_metres / 1000:.1f} km from its centre",
            )
        )
    if receipt.policy:
        facts.append(("Ranked by", f"{receipt.policy.name}, version {receipt.policy.version}"))
    if receipt.directory:
        source, age = receipt.directory.source.value, receipt.directory.age_seconds
        facts.append(("Trainer data", f"{source}, {age:.1f} s old"))
    facts.append(("Rules asked", ", ".join(rule.name for rule in receipt.rules)))
    lost = ", ".join(_name(trainer, names) for trainer in receipt.lost_claims)
    facts.append(("Lost claims", lost or "none"))
    facts.append(("Chosen", _name(receipt.chosen, names) if receipt.chosen else "nobody"))
    return facts


def _row(
    candidate: CandidateShape, receipt: ReceiptShape, names: Mapping[UUID, str]
) -> tuple[str, ...]:
    parts = candidate.parts
    verdict = "\n".join(f"{refusal.rule}: {refusal.message}" for refusal in candidate.refusals)
    if candidate.trainer_id == receipt.chosen:
        verdict = "chosen"
    return (
        "–" if candidate.rank is None else str(candidate.rank),
        _name(candidate.trainer_id, names),
        verdict or "eligible",
        "unknown" if parts.distance_metres is None else f"{parts.distance_metres / 1000:.1f} km",
        parts.distance_band.value,
        f"{parts.booked_minutes} min",
        str(candidate.trainer_id),
    )


def _name(trainer_id: UUID, names: Mapping[UUID, str]) -> str:
    return names.get(trainer_id, str(trainer_id))
