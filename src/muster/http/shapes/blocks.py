"""Blocks of trainers' time as clients send and see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from muster.application.preview_block import BlockPreview
from muster.application.trainer_blocks import BlockedTime, BlockTrainer, Stranded
from muster.domain.blocks import BlockPeriod, TrainerBlock
from muster.http.shapes.bookings import SessionShape, session_shape
from muster.http.shapes.changes import MoveShape, impact_shape
from muster.http.shapes.fields import Note, TimeSlot, TimeZoneName

__all__ = [
    "BlockPreviewShape",
    "BlockShape",
    "BlockedShape",
    "NewBlock",
    "Period",
    "StrandedShape",
    "block_preview_shape",
    "block_shape",
    "blocked_shape",
]

_MOST_PERIODS = 100


class Period(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Days in a row, both included: whole, or from one time to another on each of them.

    Without ``fromTime`` a day is blocked from its beginning, without ``toTime`` to its end.
    """

    from_date: date
    to_date: date
    from_time: TimeSlot | None = None
    to_time: TimeSlot | None = None


class NewBlock(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Time in which a trainer shall not teach, on the wall clock of a time zone."""

    time_zone: TimeZoneName
    periods: Annotated[list[Period], Meta(min_length=1, max_length=_MOST_PERIODS)]
    reason: Note | None = None

    def command(self, trainer_id: UUID) -> BlockTrainer:
        """Return the command that this asks for."""
        periods = tuple(
            BlockPeriod(one.from_date, one.to_date, one.from_time, one.to_time)
            for one in self.periods
        )
        return BlockTrainer(trainer_id, self.time_zone, periods, self.reason)


class BlockShape(Struct, frozen=True, rename="camel"):
    """A block of a trainer's time."""

    id: UUID
    trainer_id: UUID
    time_zone: str
    periods: list[Period]
    reason: str | None
    created_at: datetime


class StrandedShape(Struct, frozen=True, rename="camel"):
    """A session that has lost its trainer's time, and whose it is."""

    booking_id: UUID
    session: SessionShape


class BlockedShape(Struct, frozen=True):
    """A new block, and every session that it strands, in order of time."""

    block: BlockShape
    stranded: list[StrandedShape]


class BlockPreviewShape(Struct, frozen=True, rename="camel"):
    """What a block would strand, and to whom those sessions would go; nothing is written.

    ``unknown`` names the bookings for which nobody could say who the trainers are.
    """

    sessions: int
    bookings: int
    students: int
    moves: list[MoveShape]
    unknown: list[UUID]


def block_shape(block: TrainerBlock) -> BlockShape:
    """Show a block."""
    periods = [
        Period(one.first_day, one.last_day, one.from_time, one.to_time) for one in block.periods
    ]
    return BlockShape(
        block.id, block.trainer_id, block.time_zone, periods, block.reason, block.created_at
    )


def blocked_shape(blocked: BlockedTime) -> BlockedShape:
    """Show a new block and what it strands."""
    return BlockedShape(block_shape(blocked.block), [_stranded(one) for one in blocked.stranded])


def block_preview_shape(preview: BlockPreview) -> BlockPreviewShape:
    """Show what a block would do."""
    impact = impact_shape(preview.impact)
    return BlockPreviewShape(
        impact.sessions, impact.bookings, impact.students, impact.moves, list(preview.unknown)
    )


def _stranded(stranded: Stranded) -> StrandedShape:
    return StrandedShape(stranded.booking.id, session_shape(stranded.session))
