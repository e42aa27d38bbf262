"""Routes for single sessions: what becomes of them, and when they are held."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, post
from litestar.params import FromPath, JSONBody

from muster.application.session_outcomes import (
    CancelSession,
    CompleteSession,
    MarkNoShow,
    RestoreSession,
    VoidSession,
)
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.bookings import BookingShape, booking_shape
from muster.http.shapes.commands import MakeUp, Motive, NewTime, StatedReason
from muster.http.shapes.fields import IdText

__all__ = ["Sessions"]


class Sessions(Controller):
    """The lessons of bookings, one by one; each answer is the whole booking."""

    path = "/v1/sessions/{session_id:str}"
    tags = ("Sessions",)

    @post(
        "/complete",
        operation_id="completeSession",
        summary="Record that a session was held",
        status_code=200,
    )
    async def complete(
        self,
        request: HttpRequest,
        session_id: FromPath[IdText],
        data: JSONBody[Motive | None] = None,
    ) -> BookingShape:
        """Record that a session was held, not before it began; a second time changes nothing."""
        return booking_shape(await ask(request, CompleteSession(UUID(session_id), _why(data))))

    @post(
        "/no-show",
        operation_id="markNoShow",
        summary="Record that nobody came",
        status_code=200,
    )
    async def no_show(
        self,
        request: HttpRequest,
        session_id: FromPath[IdText],
        data: JSONBody[Motive | None] = None,
    ) -> BookingShape:
        """Record that nobody came, not before the session began; its time was used."""
        return booking_shape(await ask(request, MarkNoShow(UUID(session_id), _why(data))))

    @post(
        "/cancel",
        operation_id="cancelSession",
        summary="Call a session off",
        status_code=200,
    )
    async def cancel(
        self,
        request: HttpRequest,
        session_id: FromPath[IdText],
        data: JSONBody[Motive | None] = None,
    ) -> BookingShape:
        """Call one session off and free its time; a second time changes nothing."""
        return booking_shape(await ask(request, CancelSession(UUID(session_id), _why(data))))

    @post(
        "/void",
        operation_id="voidSession",
        summary="Take a completion back",
        status_code=200,
    )
    async def void(
        self, request: HttpRequest, session_id: FromPath[IdText], data: JSONBody[StatedReason]
    ) -> BookingShape:
        """Take a completion back; certificates that stood on it are suspended."""
        return booking_shape(await ask(request, VoidSession(UUID(session_id), data.reason)))

    @post(
        "/restore",
        operation_id="restoreSession",
        summary="Let a completion count again",
        status_code=200,
    )
    async def restore(
        self,
        request: HttpRequest,
        session_id: FromPath[IdText],
        data: JSONBody[Motive | None] = None,
    ) -> BookingShape:
        """Let a completion count again that was taken back, and with it the certificates."""
        return booking_shape(await ask(request, RestoreSession(UUID(session_id), _why(data))))

    @post(
        "/reschedule",
        operation_id="rescheduleSession",
        summary="Move a session to another time",
        status_code=200,
    )
    async def reschedule(
        self, request: HttpRequest, session_id: FromPath[IdText], data: JSONBody[NewTime]
    ) -> BookingShape:
        """Move a session with its trainer, who must be free then; else nothing changes."""
        return booking_shape(await ask(request, data.command(UUID(session_id))))

    @post(
        "/make-up",
        operation_id="makeUpSession",
        summary="Make up for a session that was not held",
    )
    async def make_up(
        self, request: HttpRequest, session_id: FromPath[IdText], data: JSONBody[MakeUp]
    ) -> BookingShape:
        """Put a new session in the place of one that was missed or called off."""
        return booking_shape(await ask(request, data.command(UUID(session_id))))


def _why(data: Motive | None) -> str | None:
    return data.reason if data else None
