"""Routes for calendar feeds."""

from __future__ import annotations

import asyncio
from datetime import date
from importlib.metadata import version
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from muster.application.read_bookings import GetBooking
from muster.application.read_calendars import GetTrainerCalendar
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.calendars import CalendarFeed, booking_feed, trainer_feed
from muster.http.shapes.fields import IdText
from muster.plugin_api.entity_tags import entity_tag, is_known

__all__ = ["CALENDAR_MEDIA_TYPE", "Calendars"]

CALENDAR_MEDIA_TYPE = "text/calendar"

_WRITTEN_BY = tuple(f"{name} {version(name)}" for name in ("muster", "icalendar", "tzdata"))

_UNCHANGED = {304: ResponseSpec(None, False, "Nothing has changed since the tag that was sent")}


class Calendars(Controller):
    """Calendars to subscribe to."""

    path = "/v1"
    tags = ("Calendars",)

    @get(
        "/trainers/{trainer_id:str}/calendar.ics",
        operation_id="getTrainerCalendar",
        summary="Subscribe to a trainer's calendar",
        media_type=CALENDAR_MEDIA_TYPE,
        responses=_UNCHANGED,
    )
    async def of_trainer(
        self,
        request: HttpRequest,
        trainer_id: FromPath[IdText],
        from_day: Annotated[
            date | None,
            QueryParameter(name="from", description="First local date; 31 days back if none."),
        ] = None,
        to_day: Annotated[
            date | None,
            QueryParameter(name="to", description="Last local date; 366 days ahead if none."),
        ] = None,
    ) -> Response[str]:
        """Show lessons, those that were cancelled or handed over, and leave, as iCalendar."""
        calendar = await ask(request, GetTrainerCalendar(UUID(trainer_id), from_day, to_day))
        return await _answer(request, trainer_feed(calendar))

    @get(
        "/bookings/{booking_id:str}/calendar.ics",
        operation_id="getBookingCalendar",
        summary="Subscribe to a booking's calendar",
        media_type=CALENDAR_MEDIA_TYPE,
        responses=_UNCHANGED,
    )
    async def of_booking(self, request: HttpRequest, booking_id: FromPath[IdText]) -> Response[str]:
        """Show a booking's sessions as iCalendar, the cancelled ones as such."""
        found = await ask(request, GetBooking(UUID(booking_id)))
        return await _answer(request, booking_feed(found.booking))


async def _answer(request: HttpRequest, feed: CalendarFeed) -> Response[str]:
    """Answer with a feed, or say that nothing has changed; that is known without rendering."""
    tag = entity_tag(feed, _WRITTEN_BY)
    headers = {"ETag": tag, "Cache-Control": "private, max-age=0, must-revalidate"}
    if is_known(tag, request.headers):
        return Response("", status_code=304, headers=headers)
    # In a thread: 0.2 ms for each event are too long for the loop when there are thousands.
    text = await asyncio.to_thread(_rendered, feed)
    return Response(text, media_type=CALENDAR_MEDIA_TYPE, headers=headers)


def _rendered(feed: CalendarFeed) -> str:
    # The first feed pays for the import, and not every start.
    from muster.http.icalendar_text import calendar_text

    return calendar_text(feed)
