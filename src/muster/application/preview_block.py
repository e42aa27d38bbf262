"""Preview a block of a trainer's time: what it strands, and who would take that over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission, Principal
from muster.application.impacts import Impact, impact_of
from muster.application.later_placement import Ground, LaterPlacements
from muster.application.offers import offers_for, stranded_of
from muster.application.rehearsed_calendars import RehearsedCalendars
from muster.application.trainer_blocks import BlockedTime, BlocksTrainer, BlockTrainer
from muster.application.use_case import QueryCase, Request, Work
from muster.domain.bookings import Booking
from muster.domain.lifecycle import taken_over
from muster.domain.ranking import RANKING_WINDOW_DAYS
from muster.domain.scopes import Scope
from muster.domain.slots import Slot
from muster.ports.clock import Clock
from muster.ports.schedule import ScheduleReader
from muster.ports.trainer_directory import TrainerDirectoryUnavailable
from muster.ports.unit_of_work import UnitOfWorkFactory

__all__ = ["BlockPreview", "PreviewBlock", "PreviewsBlock"]

_REHEARSAL = "rehearsal"


class BlockPreview(Struct, frozen=True):
    """What a block would do.

    Attributes:
        impact: Every session under it, as it is now and as it would be once the offers that
            follow a block are made.
        unknown: The bookings among them for which nobody could say who the trainers are.
    """

    impact: Impact
    unknown: tuple[UUID, ...]


class PreviewBlock(Request[BlockPreview], frozen=True):
    """Tell what a block would strand, and to whom those sessions would go."""

    command: BlockTrainer


class PreviewsBlock(QueryCase[PreviewBlock]):
    """Rehearses a block, then the offers that follow it, on a copy of the calendars.

    As many questions for five hundred sessions as for five: the rehearsal, one to the
    trainer service for each zone and course, one about the calendars of all candidates.
    """

    handles = PreviewBlock
    permission = Permission.SCHEDULES_BLOCK

    def __init__(
        self,
        blocks: BlocksTrainer,
        units: UnitOfWorkFactory,
        clock: Clock,
        placements: LaterPlacements,
        schedule: ScheduleReader,
    ) -> None:
        """Work with these."""
        self._blocks = blocks
        self._units = units
        self._clock = clock
        self._placements = placements
        self._schedule = schedule

    async def answer(self, query: PreviewBlock, scope: Scope) -> BlockPreview:
        """Return what would be."""
        async with self._units(scope) as unit:
            work = Work(unit, self._clock.now(), Principal(_REHEARSAL, frozenset(), scope))
            blocked = await self._blocks.perform(query.command, None, work)
        changes, now = list(work.changes), work.now
        bookings = _in_order_of_offers([after for _, after in changes], now)
        grounds = await self._grounds(bookings)
        calendars = await self._calendars(blocked, bookings, grounds)
        for booking in bookings:
            if booking.id in grounds:
                ground = grounds[booking.id]
                changes.append((booking, await self._offered(booking, ground, calendars, now)))
        unknown = tuple(booking.id for booking in bookings if booking.id not in grounds)
        return BlockPreview(impact_of(changes), unknown)

    async def _offered(
        self, booking: Booking, ground: Ground, calendars: RehearsedCalendars, now: datetime
    ) -> Booking:
        after = booking
        for offer in await offers_for(booking, ground, self._placements, calendars, now):
            seating = offer.seating
            after = taken_over(after, offer.sessions, seating.trainer_id, seating.name, now)
        return after

    async def _grounds(self, bookings: Iterable[Booking]) -> dict[UUID, Ground]:
        asked: dict[tuple[UUID | None, UUID], Ground | None] = {}
        for booking in bookings:
            question = booking.zone_id, booking.purchase.course_id
            if question in asked:
                continue
            try:
                asked[question] = await self._placements.ground_of(booking)
            except TrainerDirectoryUnavailable:
                asked[question] = None
        answers = ((one.id, asked[one.zone_id, one.purchase.course_id]) for one in bookings)
        return {booking_id: ground for booking_id, ground in answers if ground is not None}

    async def _calendars(
        self,
        blocked: BlockedTime,
        bookings: Sequence[Booking],
        grounds: Mapping[UUID, Ground],
    ) -> RehearsedCalendars:
        candidates = {
            trainer.id for ground in grounds.values() for trainer in ground.known.trainers
        }
        days = [one.plan.local_date for booking in bookings for one in booking.sessions]
        live: tuple[Slot, ...] = ()
        if candidates and days:
            # A day more before, for what is meant by another wall clock.
            live = await self._schedule.several(
                sorted(candidates, key=lambda one: one.int),
                min(days) - timedelta(days=1),
                max(days) + timedelta(days=RANKING_WINDOW_DAYS),
            )
        freed = {one.session.id for one in blocked.stranded}
        calendars = RehearsedCalendars(one for one in live if one.session_id not in freed)
        calendars.put(blocked.slots)
        return calendars


def _in_order_of_offers(bookings: Iterable[Booking], now: datetime) -> list[Booking]:
    """Order bookings as they are offered: whoever is needed soonest comes first."""
    stranded = [booking for booking in bookings if stranded_of(booking, now)]
    return sorted(stranded, key=lambda one: (stranded_of(one, now)[0].plan.starts_at, one.id.int))
