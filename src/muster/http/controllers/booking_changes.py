"""Routes that change a booking's trainers, and that tell its story."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from muster.application.cancel_booking import CancelBooking
from muster.application.offers import OfferStranded
from muster.application.read_bookings import GetHistory
from muster.application.retry_booking import RetryBooking
from muster.http.edge import HttpRequest, ask, impact_on_bookings
from muster.http.shapes.bookings import BookingShape, booking_shape
from muster.http.shapes.changes import (
    HistoryEntryShape,
    ImpactShape,
    history_entry_shape,
    impact_shape,
)
from muster.http.shapes.commands import HandOver, Motive, Swap
from muster.http.shapes.common import Listing, Nothing
from muster.http.shapes.fields import IdText
from muster.plugin_api.pages import whole

__all__ = ["BookingChanges"]


class BookingChanges(Controller):
    """What happens to a booking after it was placed."""

    path = "/v1/bookings/{booking_id:str}"
    tags = ("Bookings",)

    @get("/history", operation_id="getHistory", summary="Tell the whole story of a booking")
    async def history(
        self, request: HttpRequest, booking_id: FromPath[IdText]
    ) -> Listing[HistoryEntryShape]:
        """Tell what made each version of a booking, in order."""
        entries = await ask(request, GetHistory(UUID(booking_id)))
        return whole(entries, history_entry_shape)

    @post(
        "/reassign",
        operation_id="reassignBooking",
        summary="Hand sessions over to another trainer",
        status_code=200,
    )
    async def reassign(
        self, request: HttpRequest, booking_id: FromPath[IdText], data: JSONBody[HandOver]
    ) -> BookingShape:
        """Hand one session or all that remain to a named trainer or to the best other one."""
        return booking_shape(await ask(request, data.command(UUID(booking_id))))

    @post(
        "/reassign/preview",
        operation_id="previewReassign",
        summary="Tell what handing over would do",
        status_code=200,
    )
    async def preview_reassign(
        self, request: HttpRequest, booking_id: FromPath[IdText], data: JSONBody[HandOver]
    ) -> ImpactShape:
        """Tell which sessions would go to whom; nothing is written."""
        return impact_shape(await impact_on_bookings(request, data.command(UUID(booking_id))))

    @post(
        "/cancel/preview",
        operation_id="previewCancel",
        summary="Tell what cancelling would do",
        status_code=200,
    )
    async def preview_cancel(
        self,
        request: HttpRequest,
        booking_id: FromPath[IdText],
        data: JSONBody[Motive | None] = None,
    ) -> ImpactShape:
        """Tell which sessions would be cancelled; nothing is written."""
        return impact_shape(await impact_on_bookings(request, CancelBooking(UUID(booking_id))))

    @post(
        "/swap",
        operation_id="swapTrainers",
        summary="Swap the trainers of two bookings",
        status_code=200,
    )
    async def swap(
        self, request: HttpRequest, booking_id: FromPath[IdText], data: JSONBody[Swap]
    ) -> Listing[BookingShape]:
        """Let each booking's trainer teach what remains of the other one: both or neither."""
        both = await ask(request, data.command(UUID(booking_id)))
        return whole(both, booking_shape)

    @post(
        "/offer",
        operation_id="offerStranded",
        summary="Find trainers for stranded sessions",
        status_code=200,
    )
    async def offer(
        self,
        request: HttpRequest,
        booking_id: FromPath[IdText],
        data: JSONBody[Nothing | None] = None,
    ) -> BookingShape:
        """Give stranded sessions to one trainer if any can take all, else to as few as can."""
        return booking_shape(await ask(request, OfferStranded(UUID(booking_id))))

    @post(
        "/retry",
        operation_id="retryBooking",
        summary="Try a waiting booking again",
        status_code=200,
    )
    async def retry(
        self,
        request: HttpRequest,
        booking_id: FromPath[IdText],
        data: JSONBody[Nothing | None] = None,
    ) -> BookingShape:
        """Try once more to assign a waiting booking; one that can begin no more expires."""
        return booking_shape(await ask(request, RetryBooking(UUID(booking_id))))
