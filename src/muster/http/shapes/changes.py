"""Changes of sessions as clients see them: in receipts, in history, in previews."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.application.impacts import Impact, Move
from muster.domain.bookings import BookingStatus
from muster.domain.history import HistoryEntry
from muster.domain.receipts import ReceiptKind
from muster.domain.session_changes import SessionChange, SessionMark
from muster.domain.sessions import SessionStatus

__all__ = [
    "HistoryEntryShape",
    "ImpactShape",
    "MoveShape",
    "SessionChangeShape",
    "SessionMarkShape",
    "history_entry_shape",
    "impact_shape",
    "session_change_shape",
]


class SessionMarkShape(Struct, frozen=True, rename="camel"):
    """All of a session that a change can change; the instant in UTC."""

    status: SessionStatus
    trainer_id: UUID | None
    local_date: date
    local_time: str
    time_zone: str
    starts_at: datetime


class SessionChangeShape(Struct, frozen=True, rename="camel"):
    """A session before and after a change; before is null for one that the change made."""

    session_id: UUID
    number: int
    before: SessionMarkShape | None
    after: SessionMarkShape


class MoveShape(Struct, frozen=True, rename="camel"):
    """What would become of one session of a booking."""

    booking_id: UUID
    session_id: UUID
    number: int
    before: SessionMarkShape | None
    after: SessionMarkShape


class ImpactShape(Struct, frozen=True, rename="camel"):
    """How much a command would touch, and every session in order of time; nothing is written."""

    sessions: int
    bookings: int
    students: int
    moves: list[MoveShape]


class HistoryEntryShape(Struct, frozen=True, rename="camel"):
    """What made one version of a booking."""

    version: int
    at: datetime
    kind: ReceiptKind
    status: BookingStatus
    chosen: UUID | None
    receipt_id: UUID | None
    sessions: list[SessionChangeShape]
    reason: str | UnsetType = UNSET


def session_change_shape(change: SessionChange) -> SessionChangeShape:
    """Show a change of a session."""
    before = _mark(change.before) if change.before else None
    return SessionChangeShape(change.session_id, change.number, before, _mark(change.after))


def impact_shape(impact: Impact) -> ImpactShape:
    """Show an impact."""
    moves = [_move(move) for move in impact.moves]
    return ImpactShape(len(moves), impact.bookings, impact.students, moves)


def history_entry_shape(entry: HistoryEntry) -> HistoryEntryShape:
    """Show an entry of a booking's history."""
    return HistoryEntryShape(
        version=entry.version,
        at=entry.at,
        kind=entry.kind,
        status=entry.outcome,
        chosen=entry.chosen,
        receipt_id=entry.receipt_id,
        sessions=[session_change_shape(change) for change in entry.sessions],
        reason=entry.reason or UNSET,
    )


def _move(move: Move) -> MoveShape:
    change = session_change_shape(move.change)
    return MoveShape(move.booking_id, change.session_id, change.number, change.before, change.after)


def _mark(mark: SessionMark) -> SessionMarkShape:
    return SessionMarkShape(
        status=mark.status,
        trainer_id=mark.trainer_id,
        local_date=mark.local_date,
        local_time=mark.local_time,
        time_zone=mark.time_zone,
        starts_at=mark.starts_at,
    )
