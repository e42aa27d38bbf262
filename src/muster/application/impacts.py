"""Impacts: what a command would do to sessions, told without doing it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import Booking
from muster.domain.session_changes import SessionChange, changes_between

__all__ = ["Impact", "Move", "impact_of"]


class Move(Struct, frozen=True):
    """What would become of one session.

    Attributes:
        booking_id: Whose session.
        change: Before and after.
    """

    booking_id: UUID
    change: SessionChange


class Impact(Struct, frozen=True):
    """Whom and what a command would touch.

    Attributes:
        moves: Every session that would change, in order of time.
        bookings: How many bookings they belong to.
        students: How many students those teach.
    """

    moves: tuple[Move, ...]
    bookings: int
    students: int


def impact_of(changes: Iterable[tuple[Booking, Booking]]) -> Impact:
    """Return the impact of changes.

    Args:
        changes: Bookings before and after; several of one booking are told as one.
    """
    first: dict[UUID, Booking] = {}
    last: dict[UUID, Booking] = {}
    for before, after in changes:
        first.setdefault(before.id, before)
        last[after.id] = after
    moves = [
        Move(booking_id, change)
        for booking_id, before in first.items()
        for change in changes_between(before, last[booking_id])
    ]
    touched = {move.booking_id for move in moves}
    students = {student.id for id_ in touched for student in last[id_].purchase.students}
    return Impact(
        moves=tuple(sorted(moves, key=_time_of)),
        bookings=len(touched),
        students=len(students),
    )


def _time_of(move: Move) -> tuple[float, int]:
    mark = move.change.before or move.change.after
    return mark.starts_at.timestamp(), move.change.session_id.int
