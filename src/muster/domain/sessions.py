"""Sessions: the numbered lessons of a booking, and the states of one lesson."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from msgspec import Struct

__all__ = [
    "SESSIONS_WITHOUT_SLOT",
    "SESSION_LENGTH",
    "PlannedSession",
    "Session",
    "SessionMode",
    "SessionStatus",
    "has_live_slot",
]

SESSION_LENGTH = timedelta(minutes=40)
"""How long every lesson lasts, in real time."""


class SessionMode(Enum):
    """Where a lesson is held: at the student's place, or on line."""

    OFFLINE = "OFFLINE"
    ONLINE = "ONLINE"


class SessionStatus(Enum):
    """The state of one lesson."""

    PLANNED = "PLANNED"
    SCHEDULED = "SCHEDULED"
    STRANDED = "STRANDED"
    COMPLETED = "COMPLETED"
    VOIDED = "VOIDED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"
    REPLACED = "REPLACED"


SESSIONS_WITHOUT_SLOT = frozenset(
    {SessionStatus.PLANNED, SessionStatus.STRANDED, SessionStatus.CANCELLED}
)
"""The states in which a lesson holds no time; a ``REPLACED`` one keeps what it had."""


def has_live_slot(status: SessionStatus) -> bool:
    """Return whether a lesson in this state holds its trainer's time.

    ``REPLACED`` keeps what it had before, so it cannot be told from the state alone.

    Raises:
        ValueError: The state is ``REPLACED``.
    """
    if status is SessionStatus.REPLACED:
        raise ValueError("a replaced session keeps what it had before")
    return status not in SESSIONS_WITHOUT_SLOT


class PlannedSession(Struct, frozen=True):
    """When and how one lesson is to be held.

    Attributes:
        number: From 1, in order of time.
        mode: Offline or on line.
        local_date: The day on the wall.
        local_time: ``HH:MM`` on the wall, after any adjustment.
        time_zone: IANA key.
        starts_at: UTC instant.
        ends_at: UTC instant, exclusive.
        time_adjusted: Whether a clock change skipped the time asked for.
        movable: Whether the client may move it later.
    """

    number: int
    mode: SessionMode
    local_date: date
    local_time: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    time_adjusted: bool
    movable: bool


class Session(Struct, frozen=True):
    """One lesson of a booking.

    Attributes:
        id: UUIDv7.
        plan: When and how it is held.
        status: Its state.
        trainer_id: Who teaches it, or was to when it was cancelled; ``None`` where nobody
            ever was.
    """

    id: UUID
    plan: PlannedSession
    status: SessionStatus
    trainer_id: UUID | None

    @property
    def is_stranded(self) -> bool:
        """Whether its trainer's time was blocked and nobody has taken it over."""
        return self.status is SessionStatus.STRANDED

    def is_taught_by(self, trainer_id: UUID | None) -> bool:
        """Return whether it is scheduled with this trainer."""
        return self.status is SessionStatus.SCHEDULED and self.trainer_id == trainer_id
