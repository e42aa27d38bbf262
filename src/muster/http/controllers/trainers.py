"""Routes for trainers' time."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from muster.application.read_bookings import GetSchedule
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.bookings import ScheduleShape, schedule_shape
from muster.http.shapes.fields import IdText

__all__ = ["Trainers"]


class Trainers(Controller):
    """The time of trainers, who themselves belong to the trainer service."""

    path = "/v1/trainers"
    tags = ("Trainers",)

    @get(
        "/{trainer_id:str}/schedule",
        operation_id="getSchedule",
        summary="Show a trainer's claimed time",
    )
    async def schedule(
        self,
        request: HttpRequest,
        trainer_id: FromPath[IdText],
        from_day: Annotated[date, QueryParameter(name="from", description="First local date.")],
        to_day: Annotated[
            date, QueryParameter(name="to", description="Last local date, included.")
        ],
    ) -> ScheduleShape:
        """Show a trainer's claimed time between two local dates, both included."""
        id_ = UUID(trainer_id)
        slots = await ask(request, GetSchedule(id_, from_day, to_day))
        return schedule_shape(id_, from_day, to_day, slots)
