"""Routes for trainers' time."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from muster.application.preview_block import PreviewBlock
from muster.application.read_bookings import GetSchedule
from muster.application.trainer_blocks import ListBlocks, UnblockTrainer
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.blocks import (
    BlockedShape,
    BlockPreviewShape,
    BlockShape,
    NewBlock,
    block_preview_shape,
    block_shape,
    blocked_shape,
)
from muster.http.shapes.bookings import ScheduleShape, schedule_shape
from muster.http.shapes.common import Listing
from muster.http.shapes.fields import IdText
from muster.plugin_api.pages import whole

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

    @post("/{trainer_id:str}/blocks", operation_id="blockTrainer", summary="Block a trainer's time")
    async def block(
        self, request: HttpRequest, trainer_id: FromPath[IdText], data: JSONBody[NewBlock]
    ) -> BlockedShape:
        """Block days or hours, several weeks at once; sessions under them are stranded."""
        return blocked_shape(await ask(request, data.command(UUID(trainer_id))))

    @post(
        "/{trainer_id:str}/blocks/preview",
        operation_id="previewBlock",
        summary="Tell what a block would strand",
        status_code=200,
    )
    async def preview_block(
        self, request: HttpRequest, trainer_id: FromPath[IdText], data: JSONBody[NewBlock]
    ) -> BlockPreviewShape:
        """Tell which sessions would be stranded, and to whom they would go."""
        command = PreviewBlock(data.command(UUID(trainer_id)))
        return block_preview_shape(await ask(request, command))

    @get("/{trainer_id:str}/blocks", operation_id="listBlocks", summary="List a trainer's blocks")
    async def blocks(
        self,
        request: HttpRequest,
        trainer_id: FromPath[IdText],
        from_day: Annotated[date, QueryParameter(name="from", description="First local date.")],
        to_day: Annotated[
            date, QueryParameter(name="to", description="Last local date, included.")
        ],
    ) -> Listing[BlockShape]:
        """List the blocks with a day between two local dates, both included."""
        found = await ask(request, ListBlocks(UUID(trainer_id), from_day, to_day))
        return whole(found, block_shape)

    @delete(
        "/{trainer_id:str}/blocks/{block_id:str}",
        operation_id="unblockTrainer",
        summary="Let blocked time go",
        status_code=200,
    )
    async def unblock(
        self, request: HttpRequest, trainer_id: FromPath[IdText], block_id: FromPath[IdText]
    ) -> BlockShape:
        """Remove a block; who was stranded by it stays so until somebody takes over."""
        command = UnblockTrainer(UUID(trainer_id), UUID(block_id))
        return block_shape(await ask(request, command))
