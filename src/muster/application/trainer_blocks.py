"""Block a trainer's time, and let it go again: leave that is entered here."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.application.access import Forbidden, Permission
from muster.application.booking_changes import BookingChange, BookingLedger
from muster.application.day_spans import hold_to_span
from muster.application.deeds import change_between
from muster.application.errors import InvalidRequest, NotFound, SlotTaken
from muster.application.identifiers import Identifiers
from muster.application.read_bookings import LONGEST_SCHEDULE_DAYS
from muster.application.use_case import Deed, DirectCommandCase, QueryCase, Request, Work
from muster.domain.blocks import BlockPeriod, TrainerBlock, faults_of_periods, stretches_of
from muster.domain.bookings import Booking
from muster.domain.errors import Fault
from muster.domain.events import TrainerBlocked, TrainerUnblocked
from muster.domain.lifecycle import altered
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.session_life import LIFE, SessionCommand, after_command
from muster.domain.sessions import Session
from muster.domain.slots import Slot, SlotState
from muster.ports.blocks import BlockReader
from muster.ports.unit_of_work import TransactionConflict

__all__ = [
    "BlockTrainer",
    "BlockedTime",
    "BlocksTrainer",
    "ListBlocks",
    "ListsBlocks",
    "Stranded",
    "UnblockTrainer",
    "UnblocksTrainer",
]


class Stranded(Struct, frozen=True):
    """A session that has lost its trainer's time, and its booking as it is then."""

    booking: Booking
    session: Session


class BlockedTime(Struct, frozen=True):
    """The answer: the block, its slots, and every session that it strands, in order of time."""

    block: TrainerBlock
    slots: tuple[Slot, ...]
    stranded: tuple[Stranded, ...]


class BlockTrainer(Request[BlockedTime], frozen=True):
    """Block days or hours of a trainer's time, by the wall clock of a time zone."""

    trainer_id: UUID
    time_zone: str
    periods: tuple[BlockPeriod, ...]
    reason: str | None = None


class UnblockTrainer(Request[TrainerBlock], frozen=True):
    """Remove a block; who was stranded by it stays so until somebody takes over."""

    trainer_id: UUID
    block_id: UUID


class ListBlocks(Request[tuple[TrainerBlock, ...]], frozen=True):
    """Show a trainer's blocks with a day between two local days, both included.

    At most ``LONGEST_SCHEDULE_DAYS``, as when a schedule is shown.
    """

    trainer_id: UUID
    from_day: date
    to_day: date


class BlocksTrainer(DirectCommandCase[BlockTrainer]):
    """Frees the slots under a block and strands their sessions, all in one unit."""

    handles = BlockTrainer
    permission = Permission.SCHEDULES_BLOCK

    def __init__(self, ledger: BookingLedger, identifiers: Identifiers) -> None:
        """Work with these."""
        self._ledger = ledger
        self._identifiers = identifiers

    async def perform(self, command: BlockTrainer, prepared: None, work: Work) -> BlockedTime:
        """Store the block and its slots, the stranded sessions and their receipts."""
        _hold_to_own_time(command.trainer_id, work)
        block = self._block(command, work)
        slots = self._slots(block)
        freed, bookings = await _held_under(slots, work)
        _refuse_used_time(bookings, freed)
        stranded = [
            BookingChange(ReceiptKind.STRAND, before, _stranded(before, freed, work), block.reason)
            for before in bookings
        ]
        await work.unit.schedule.release(list(freed))
        if not await work.unit.schedule.claim(slots):
            raise TransactionConflict("The trainer's time keeps being claimed; try again.")
        await work.unit.blocks.add(block)
        stored = await self._ledger.store(work, *stranded) if stranded else ()
        work.record(TrainerBlocked(block.trainer_id, block.id), _deed(None, block, len(freed)))
        return BlockedTime(block, tuple(slots), _in_order_of_time(stored, freed))

    def _block(self, command: BlockTrainer, work: Work) -> TrainerBlock:
        if faults := faults_of_periods(command.periods, command.time_zone):
            raise InvalidRequest(*faults)
        return TrainerBlock(
            id=self._identifiers.new(),
            trainer_id=command.trainer_id,
            time_zone=command.time_zone,
            periods=tuple(sorted(command.periods, key=lambda one: (one.first_day, one.begins))),
            reason=command.reason,
            created_at=work.now,
        )

    def _slots(self, block: TrainerBlock) -> list[Slot]:
        stretches = stretches_of(block.periods, block.time_zone)
        ids = self._identifiers.several(len(stretches))
        return [
            Slot(
                id=id_,
                trainer_id=block.trainer_id,
                state=SlotState.BLOCKED,
                local_date=stretch.local_date,
                timeslot=stretch.timeslot,
                time_zone=block.time_zone,
                starts_at=stretch.starts_at,
                ends_at=stretch.ends_at,
                reason=block.reason,
                block_id=block.id,
            )
            for id_, stretch in zip(ids, stretches, strict=True)
        ]


class UnblocksTrainer(DirectCommandCase[UnblockTrainer]):
    """Lets a blocked time go."""

    handles = UnblockTrainer
    permission = Permission.SCHEDULES_BLOCK

    async def perform(self, command: UnblockTrainer, prepared: None, work: Work) -> TrainerBlock:
        """Free the block's slots and remove it."""
        _hold_to_own_time(command.trainer_id, work)
        block = await work.unit.blocks.get(command.block_id)
        if block is None or block.trainer_id != command.trainer_id:
            raise NotFound("block", command.block_id)
        await work.unit.schedule.unblock(block.id)
        await work.unit.blocks.remove(block.id)
        work.record(TrainerUnblocked(block.trainer_id, block.id), _deed(block, None, 0))
        return block


class ListsBlocks(QueryCase[ListBlocks]):
    """Lists a trainer's blocks."""

    handles = ListBlocks
    permission = Permission.SCHEDULES_READ

    def __init__(self, blocks: BlockReader) -> None:
        """Read from this reader."""
        self._blocks = blocks

    async def answer(self, query: ListBlocks, scope: Scope) -> tuple[TrainerBlock, ...]:
        """Return the blocks."""
        hold_to_span(query.from_day, query.to_day, LONGEST_SCHEDULE_DAYS)
        return await self._blocks.of_trainer(query.trainer_id, query.from_day, query.to_day, scope)


def _hold_to_own_time(trainer_id: UUID, work: Work) -> None:
    if not work.principal.scope.holds_trainer(trainer_id):
        raise Forbidden("This trainer's time is not yours to block.")


async def _held_under(slots: list[Slot], work: Work) -> tuple[set[UUID], tuple[Booking, ...]]:
    """Lock whatever a block will touch: the bookings by their ids, then the trainer.

    Returns:
        The sessions under the block, and the bookings that they belong to.
    """
    if not slots:
        raise InvalidRequest(Fault("periods", "EMPTY", "These periods hold no time."))
    bookings = await work.unit.bookings.several(_booking_ids(await work.unit.schedule.under(slots)))
    await work.unit.schedule.hold([slots[0].trainer_id])
    under = await work.unit.schedule.under(slots)
    if not set(_booking_ids(under)) <= {booking.id for booking in bookings}:
        raise TransactionConflict("The trainer was booked meanwhile; try again.")
    if any(slot.state is SlotState.BLOCKED for slot in under):
        raise SlotTaken("Some of this time is blocked already.")
    freed = {slot.session_id for slot in under if slot.session_id is not None}
    touched = set(_booking_ids(under))
    return freed, tuple(booking for booking in bookings if booking.id in touched)


def _refuse_used_time(bookings: tuple[Booking, ...], freed: set[UUID]) -> None:
    for booking in bookings:
        for session in booking.sessions:
            if session.id in freed and SessionCommand.STRAND not in LIFE[session.status]:
                raise SlotTaken(
                    f"Session {session.plan.number} of booking {booking.id} is "
                    f"{session.status.value}: its time was used."
                )


def _booking_ids(slots: tuple[Slot, ...]) -> list[UUID]:
    return list({slot.booking_id for slot in slots if slot.booking_id is not None})


def _stranded(booking: Booking, freed: set[UUID], work: Work) -> Booking:
    under = [session for session in booking.sessions if session.id in freed]
    after = [after_command(session, SessionCommand.STRAND, work.now) for session in under]
    return altered(booking, after, work.now)


def _in_order_of_time(bookings: tuple[Booking, ...], freed: set[UUID]) -> tuple[Stranded, ...]:
    found = [
        Stranded(booking, session)
        for booking in bookings
        for session in booking.sessions
        if session.id in freed
    ]
    return tuple(sorted(found, key=lambda one: (one.session.plan.starts_at, one.session.id.int)))


def _deed(before: TrainerBlock | None, after: TrainerBlock | None, stranded: int) -> Deed:
    block = after or before
    assert block is not None, "a deed is done to a block that was or is"
    return Deed(
        subject_kind="trainer",
        subject_id=block.trainer_id,
        franchise_id=None,
        change=change_between(
            None if before is None else _audited(before),
            None if after is None else _audited(after),
            blockId=str(block.id),
            strandedSessions=stranded,
        ),
    )


def _audited(block: TrainerBlock) -> dict[str, Any]:
    # The reason is in somebody's own words, and may tell of an illness.
    return {
        "timeZone": block.time_zone,
        "days": [[f"{one.first_day}", f"{one.last_day}"] for one in block.periods],
    }
