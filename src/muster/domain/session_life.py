"""The life of one session: which command leads from which state to which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec.structs import replace

from muster.domain.errors import IllegalState
from muster.domain.sessions import PlannedSession, Session, SessionStatus

__all__ = [
    "LIFE",
    "SessionCommand",
    "after_command",
    "handed_over",
    "moved",
]


class SessionCommand(Enum):
    """What can be done with a session."""

    HAND_OVER = "HAND_OVER"
    COMPLETE = "COMPLETE"
    NO_SHOW = "NO_SHOW"
    CANCEL = "CANCEL"
    CLOSE = "CLOSE"
    MOVE = "MOVE"
    STRAND = "STRAND"
    VOID = "VOID"
    RESTORE = "RESTORE"
    MAKE_UP = "MAKE_UP"


_S, _C = SessionStatus, SessionCommand

LIFE: Mapping[SessionStatus, Mapping[SessionCommand, SessionStatus]] = {
    _S.PLANNED: {_C.HAND_OVER: _S.SCHEDULED, _C.CLOSE: _S.CANCELLED},
    _S.SCHEDULED: {
        _C.HAND_OVER: _S.SCHEDULED,
        _C.COMPLETE: _S.COMPLETED,
        _C.NO_SHOW: _S.NO_SHOW,
        _C.CANCEL: _S.CANCELLED,
        _C.CLOSE: _S.CANCELLED,
        _C.MOVE: _S.SCHEDULED,
        _C.STRAND: _S.STRANDED,
    },
    _S.STRANDED: {
        _C.HAND_OVER: _S.SCHEDULED,
        _C.CANCEL: _S.CANCELLED,
        _C.CLOSE: _S.CANCELLED,
    },
    _S.COMPLETED: {
        _C.COMPLETE: _S.COMPLETED,
        _C.RESTORE: _S.COMPLETED,
        _C.VOID: _S.VOIDED,
    },
    _S.VOIDED: {_C.VOID: _S.VOIDED, _C.RESTORE: _S.COMPLETED},
    _S.NO_SHOW: {_C.NO_SHOW: _S.NO_SHOW, _C.MAKE_UP: _S.REPLACED},
    _S.CANCELLED: {_C.CANCEL: _S.CANCELLED, _C.MAKE_UP: _S.REPLACED},
    _S.REPLACED: {},
}
"""By state and command, the state that follows; what is not here is refused.

``CANCEL`` is for one session, ``CLOSE`` for whatever is open when a whole booking is
cancelled or expires. A command that leads to the same state changes nothing, but for
``MOVE`` and ``HAND_OVER``, which change the time or the trainer.
"""

_NOT_BEFORE_ITS_START = frozenset({SessionCommand.COMPLETE, SessionCommand.NO_SHOW})


def after_command(session: Session, command: SessionCommand, now: datetime) -> Session:
    """Return a session as a command leaves it; the same one where nothing changes.

    Args:
        session: As it is.
        command: What is done with it.
        now: UTC instant of the change.

    Raises:
        IllegalState: Its state does not allow the command, or it has not begun yet.
    """
    status = LIFE[session.status].get(command)
    if status is None:
        raise IllegalState(
            f"Session {session.plan.number} is {session.status.value}, which does not allow "
            f"{command.value}."
        )
    if status is session.status:
        return session
    if command in _NOT_BEFORE_ITS_START and now < session.plan.starts_at:
        raise IllegalState(f"Session {session.plan.number} has not begun yet.")
    return replace(session, status=status)


def handed_over(session: Session, trainer_id: UUID, now: datetime) -> Session:
    """Return a session with a trainer: another one, or its first."""
    return replace(after_command(session, SessionCommand.HAND_OVER, now), trainer_id=trainer_id)


def moved(session: Session, plan: PlannedSession, now: datetime) -> Session:
    """Return a session at another time."""
    return replace(after_command(session, SessionCommand.MOVE, now), plan=plan)
