"""What a change made of the sessions of a booking, as receipts keep it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import Booking
from muster.domain.sessions import SESSIONS_WITHOUT_SLOT, Session, SessionStatus

__all__ = ["SessionChange", "SessionMark", "changes_between", "sessions_let_go"]


class SessionMark(Struct, frozen=True):
    """All of a session that a change can change.

    Attributes:
        status: Its state.
        trainer_id: Who teaches it, or was to.
        local_date: The day on the wall.
        local_time: ``HH:MM`` on the wall.
        time_zone: IANA key of the wall clock.
        starts_at: UTC instant.
    """

    status: SessionStatus
    trainer_id: UUID | None
    local_date: date
    local_time: str
    time_zone: str
    starts_at: datetime


class SessionChange(Struct, frozen=True):
    """A session before and after a change.

    Attributes:
        session_id: Which.
        number: Its number.
        before: ``None`` for a session that the change has made.
        after: What it is from then on.
    """

    session_id: UUID
    number: int
    before: SessionMark | None
    after: SessionMark


def changes_between(before: Booking, after: Booking) -> tuple[SessionChange, ...]:
    """Return every session that differs between two versions of a booking, in its order."""
    known = {session.id: session for session in before.sessions}
    return tuple(
        SessionChange(
            session.id,
            session.plan.number,
            _mark(known[session.id]) if session.id in known else None,
            _mark(session),
        )
        for session in after.sessions
        if known.get(session.id) != session
    )


def sessions_let_go(before: Booking, after: Booking) -> tuple[UUID, ...]:
    """Return the sessions that held a slot before a change and hold none after it.

    A replaced session keeps what it had.
    """
    states = {session.id: session.status for session in after.sessions}
    return tuple(
        session.id
        for session in before.sessions
        if session.status not in SESSIONS_WITHOUT_SLOT
        and states[session.id] in SESSIONS_WITHOUT_SLOT
    )


def _mark(session: Session) -> SessionMark:
    plan = session.plan
    return SessionMark(
        status=session.status,
        trainer_id=session.trainer_id,
        local_date=plan.local_date,
        local_time=plan.local_time,
        time_zone=plan.time_zone,
        starts_at=plan.starts_at,
    )
