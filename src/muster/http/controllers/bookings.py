"""Routes for bookings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from muster.application.cancel_booking import CancelBooking
from muster.application.place_booking import PlaceBooking, PlacedBooking
from muster.application.preview_booking import PreviewBooking
from muster.application.read_bookings import GetBooking, GetReceipts, ListBookings
from muster.domain.bookings import BookingStatus
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.bookings import BookingShape, SessionShape, booking_shape, session_shape
from muster.http.shapes.common import Listing
from muster.http.shapes.fields import IdText, Limit
from muster.http.shapes.purchases import Cancellation, NewBooking
from muster.http.shapes.receipts import PreviewShape, ReceiptShape, preview_shape, receipt_shape
from muster.plugin_api.pages import Sorting, page_request, paged, whole
from muster.ports.bookings import BookingFilter, BookingOrder

__all__ = ["Bookings"]

_SORTING = Sorting(BookingOrder, {BookingOrder.CREATED_AT: datetime, BookingOrder.START_DATE: date})
BookingSort = Literal["createdAt", "-createdAt", "startDate", "-startDate"]


class Bookings(Controller):
    """Purchases, and what became of them."""

    path = "/v1/bookings"
    tags = ("Bookings",)

    @post(
        operation_id="placeBooking",
        summary="Place a booking",
        responses={
            200: ResponseSpec(BookingShape, False, "The same reference and request as before"),
            202: ResponseSpec(BookingShape, False, "Pending: nobody could say who could teach"),
        },
    )
    async def create(
        self, request: HttpRequest, data: JSONBody[NewBooking]
    ) -> Response[BookingShape]:
        """Place a booking: find the zone, assign a trainer, claim the time, say why."""
        placed = await ask(request, PlaceBooking(data.purchase()))
        return Response(booking_shape(placed.booking), status_code=_status_of(placed))

    @post(
        "/preview",
        operation_id="previewBooking",
        summary="Tell what a booking would become",
        status_code=200,
    )
    async def preview(self, request: HttpRequest, data: JSONBody[NewBooking]) -> PreviewShape:
        """Tell what placing would do now; nothing is written."""
        return preview_shape(await ask(request, PreviewBooking(data.purchase())))

    @get(operation_id="listBookings", summary="List bookings")
    async def list(
        self,
        request: HttpRequest,
        status: FromQuery[BookingStatus | None] = None,
        zone_id: Annotated[IdText | None, QueryParameter(name="zoneId")] = None,
        franchise_id: Annotated[IdText | None, QueryParameter(name="franchiseId")] = None,
        trainer_id: Annotated[IdText | None, QueryParameter(name="trainerId")] = None,
        course_id: Annotated[IdText | None, QueryParameter(name="courseId")] = None,
        day: Annotated[
            date | None,
            QueryParameter(name="date", description="With a session on this local day."),
        ] = None,
        sort: FromQuery[BookingSort] = "-createdAt",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[BookingShape]:
        """List bookings, page by page, the newest first unless asked otherwise."""
        wanted = BookingFilter(
            status=status,
            zone_id=UUID(zone_id) if zone_id else None,
            franchise_id=UUID(franchise_id) if franchise_id else None,
            trainer_id=UUID(trainer_id) if trainer_id else None,
            course_id=UUID(course_id) if course_id else None,
            date=day,
        )
        page = page_request(request, _SORTING, sort, cursor, limit)
        found = await ask(request, ListBookings(wanted, page))
        return paged(request, found, sort, limit, booking_shape)

    @get("/{booking_id:str}", operation_id="getBooking", summary="Show a booking")
    async def show(self, request: HttpRequest, booking_id: FromPath[IdText]) -> BookingShape:
        """Show a booking, and its place in the line while it is waitlisted."""
        found = await ask(request, GetBooking(UUID(booking_id)))
        return booking_shape(found.booking, found.waitlist_position)

    @get(
        "/{booking_id:str}/sessions",
        operation_id="listSessions",
        summary="List a booking's sessions",
    )
    async def sessions(
        self, request: HttpRequest, booking_id: FromPath[IdText]
    ) -> Listing[SessionShape]:
        """List a booking's sessions, in order of their numbers."""
        found = await ask(request, GetBooking(UUID(booking_id)))
        return whole(found.booking.sessions, session_shape)

    @get(
        "/{booking_id:str}/receipts",
        operation_id="listReceipts",
        summary="Tell why a booking became what it is",
    )
    async def receipts(
        self, request: HttpRequest, booking_id: FromPath[IdText]
    ) -> Listing[ReceiptShape]:
        """List a booking's receipts, oldest first."""
        found = await ask(request, GetReceipts(UUID(booking_id)))
        return whole(found, receipt_shape)

    @post(
        "/{booking_id:str}/cancel",
        operation_id="cancelBooking",
        summary="Cancel a booking",
        status_code=200,
    )
    async def cancel(
        self,
        request: HttpRequest,
        booking_id: FromPath[IdText],
        data: JSONBody[Cancellation | None] = None,
    ) -> BookingShape:
        """Cancel a booking and free its slots; a second time changes nothing."""
        reason = data.reason if data else None
        return booking_shape(await ask(request, CancelBooking(UUID(booking_id), reason)))


def _status_of(placed: PlacedBooking) -> int:
    if not placed.created:
        return 200
    return 202 if placed.booking.status is BookingStatus.PENDING else 201
