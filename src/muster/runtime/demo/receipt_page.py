"""A receipt as a person reads it: why this trainer, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from muster.http.shapes.receipts import CandidateShape, ReceiptShape
from muster.runtime.demo.play import PlacedBooking

__all__ = ["WIDE", "show_receipt"]

WIDE = 150
"""From this many columns on, every fact has a column of its own."""


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
    facts = Table(box=None, show_header=False, padding=(0, 2))
    for name, value in _facts(one, receipt, names):
        facts.add_row(name, escape(value))
    console.print(facts)
    console.print(_candidates(receipt, names, console.width))


def _candidates(receipt: ReceiptShape, names: Mapping[UUID, str], width: int) -> Table:
    rows = [_row(candidate, receipt, names) for candidate in receipt.candidates]
    if width >= WIDE:
        wide = Table("Rank", "Trainer", "Verdict", "Distance", "Band", "Booked", "Id", box=None)
        for row in rows:
            wide.add_row(*row)
        return wide
    narrow = Table(box=None)
    for heading in ("Rank", "Trainer", "Verdict", "Distance, band, booked"):
        narrow.add_column(heading, overflow="fold")
    for rank, name, verdict, distance, band, booked, id_ in rows:
        narrow.add_row(rank, f"{name}\n{id_}", verdict, f"{distance}\n{band}\n{booked}")
    return narrow


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
) -> tuple[str, str, str, str, str, str, str]:
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
