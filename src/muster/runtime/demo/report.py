"""What the demo tells in the end: a table, totals, and one receipt in full."""

from __future__ import annotations

from collections import Counter

import msgspec
from rich.console import Console
from rich.table import Table

from muster.domain.bookings import BookingStatus, ClassType, DeliveryMode
from muster.runtime.demo.client import UnexpectedAnswer
from muster.runtime.demo.courses import course_name
from muster.runtime.demo.play import PlacedBooking, Played
from muster.runtime.demo.receipt_page import WIDE, show_receipt

__all__ = ["show_answer", "show_played"]

_COLOURS = {
    BookingStatus.ASSIGNED: "green",
    BookingStatus.WAITLISTED: "yellow",
    BookingStatus.SERVICE_NOT_AVAILABLE: "magenta",
}

_KINDS = {
    ClassType.ONE_ON_ONE: "1:1",
    ClassType.ONE_ON_TWO: "1:2",
    ClassType.ONE_ON_THREE: "1:3",
    ClassType.HYBRID: "hybrid",
}
_DAYS = {DeliveryMode.DAILY: "daily", DeliveryMode.SUNDAY_ONLY: "Sundays"}


def show_played(console: Console, played: Played, seconds: float) -> None:
    """Show every booking, the fullest receipt and the totals.

    Args:
        console: Where.
        played: What was done.
        seconds: How long it took.
    """
    console.print()
    console.print(_table(played, console.width))
    console.print()
    _show_fullest_receipt(console, played)
    console.print()
    console.print(
        f"{played.franchises} franchises, {played.zones} zones in {played.countries} countries "
        f"and {played.time_zones} time zones, {len(played.trainers):,} trainers.",
        highlight=False,
    )
    totals = Counter(one.booking.status for one in played.bookings)
    said = ", ".join(
        f"{count} {_coloured(status, status.value)}" for status, count in totals.most_common()
    )
    console.print(f"{len(played.bookings)} bookings in all: {said}; {seconds:.0f} s.")


def show_answer(console: Console, answer: UnexpectedAnswer) -> None:
    """Show an answer that should not have been, as it came."""
    console.print(f"Unexpected: {answer.question}: HTTP {answer.status}", markup=False)
    try:
        text = msgspec.json.format(answer.body).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = repr(answer.body)
    console.print(text, markup=False)


def _table(played: Played, width: int) -> Table:
    bookings = sorted(played.bookings, key=lambda one: one.attempt.number)
    caption = "Distance: from trainer to student; where nobody serves, to the nearest zone."
    table = Table(title="Bookings", title_justify="left", caption=caption, caption_justify="left")
    if width >= WIDE:
        _fill_wide(table, bookings)
    else:
        _fill_narrow(table, bookings)
    return table


def _fill_wide(table: Table, bookings: list[PlacedBooking]) -> None:
    table.add_column("No.", justify="right", no_wrap=True)
    for heading in ("Booking", "Place", "Zone", "Operator", "Trainer"):
        table.add_column(heading)
    table.add_column("Distance", justify="right", no_wrap=True)
    table.add_column("Sessions", justify="right", no_wrap=True)
    table.add_column("Outcome", no_wrap=True)
    for one in bookings:
        booking, zone = one.booking, one.booking.zone
        table.add_row(
            str(one.attempt.number),
            f"{_kind(one)}, {_start(one)}",
            one.attempt.place.title,
            zone.name if zone else "–",
            zone.operator.value.lower() if zone else "–",
            booking.trainer_name or "–",
            _distance(one),
            _sessions(one),
            _coloured(booking.status, booking.status.value),
        )


def _fill_narrow(table: Table, bookings: list[PlacedBooking]) -> None:
    table.show_lines = True
    table.add_column("No.", justify="right", no_wrap=True)
    for heading in ("Booking, sessions", "Place, zone, operator", "Trainer, distance", "Outcome"):
        table.add_column(heading, overflow="fold")
    for one in bookings:
        booking, zone = one.booking, one.booking.zone
        trainer = f"{booking.trainer_name}\n" if booking.trainer_name else ""
        table.add_row(
            str(one.attempt.number),
            f"{_kind(one)}\n{_start(one)}\n{_sessions(one)} sessions",
            f"{one.attempt.place.title}\n"
            + (f"{zone.name}\n{zone.operator.value.lower()}" if zone else "–"),
            f"{trainer}{_distance(one)}",
            _coloured(booking.status, booking.status.value.replace("_", " ")),
        )


def _kind(one: PlacedBooking) -> str:
    kind, days = _KINDS[one.booking.class_type], _DAYS[one.booking.delivery_mode]
    return f"{course_name(one.booking.course_id)} {kind} {days}"


def _start(one: PlacedBooking) -> str:
    return f"{one.booking.start_date} {one.booking.preferred_time_slot}"


def _sessions(one: PlacedBooking) -> str:
    return str(len(one.booking.sessions)) if one.booking.zone else "–"


def _distance(one: PlacedBooking) -> str:
    if nearest := one.booking.nearest_zone:
        return f"({nearest.distance_metres / 1000:,.0f} km)"
    if one.receipt is None or one.receipt.chosen is None:
        return "–"
    parts = next(c.parts for c in one.receipt.candidates if c.trainer_id == one.receipt.chosen)
    return "–" if parts.distance_metres is None else f"{parts.distance_metres / 1000:.1f} km"


def _show_fullest_receipt(console: Console, played: Played) -> None:
    """Show the one with most different refusals among those that chose somebody."""
    chosen = [one for one in played.bookings if one.receipt and one.receipt.chosen]
    if not chosen:
        return
    show_receipt(console, max(chosen, key=_variety), played.trainers)


def _variety(one: PlacedBooking) -> tuple[int, int, int]:
    assert one.receipt is not None
    candidates = one.receipt.candidates
    rules = {refusal.rule for candidate in candidates for refusal in candidate.refusals}
    return len(rules), len(candidates), -one.attempt.number


def _coloured(status: BookingStatus, text: str) -> str:
    colour = _COLOURS.get(status, "red")
    return f"[{colour}]{text}[/{colour}]"
