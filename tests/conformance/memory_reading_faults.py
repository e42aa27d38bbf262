"""Faults to plant in what the memory adapter reads: claimed time, demand, parked events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.demand import Demand, GridCell, GridSize
from muster.domain.free_starts import ClaimedTime
from muster.domain.geography import Point
from muster.ports.demand import DemandFilter
from muster_memory import demand
from muster_memory.demand import MemoryDemandReader
from muster_memory.event_feed import MemoryEventFeed
from muster_memory.schedule import MemoryScheduleReader

whole_span = MemoryScheduleReader.live_slots
whole_demand = MemoryDemandReader._demand
whole_wanted = demand._is_wanted
whole_unpark = MemoryEventFeed.unpark

Span = tuple[Sequence[UUID], date, date, datetime, datetime]


def dates_of_the_span_ignored(patch: pytest.MonkeyPatch) -> None:
    """Time is in a span by its instants alone."""

    async def live_slots(self: MemoryScheduleReader, *span: *Span) -> Sequence[ClaimedTime]:
        *_, starts_at, ends_at = span
        found = await whole_span(self, *span)
        return [one for one in found if one.starts_at < ends_at and starts_at < one.ends_at]

    patch.setattr(MemoryScheduleReader, "live_slots", live_slots)


def spans_with_their_ends(patch: pytest.MonkeyPatch) -> None:
    """What touches a span is in it."""

    async def live_slots(
        self: MemoryScheduleReader,
        trainer_ids: Sequence[UUID],
        from_day: date,
        to_day: date,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[ClaimedTime]:
        tick = datetime.resolution
        span = from_day, to_day, starts_at - tick, ends_at + tick
        return await whole_span(self, trainer_ids, *span)

    patch.setattr(MemoryScheduleReader, "live_slots", live_slots)


def shared_times_of_the_first(patch: pytest.MonkeyPatch) -> None:
    """A time that several trainers share is told of one of them."""

    async def live_slots(self: MemoryScheduleReader, *span: *Span) -> Sequence[ClaimedTime]:
        found = await whole_span(self, *span)
        return [replace(one, held_by=list(one.held_by)[:1]) for one in found]

    patch.setattr(MemoryScheduleReader, "live_slots", live_slots)


def given_up_bookings_count(patch: pytest.MonkeyPatch) -> None:
    """Bookings count as unserved whatever has become of them."""

    def is_wanted(booking: Booking, wanted: DemandFilter) -> bool:
        asked = (wanted.made_from, wanted.made_to, wanted.course_id, wanted.zone_id)
        return asked == (None,) * 4 or whole_wanted(booking, wanted)

    patch.setattr(demand, "_is_wanted", is_wanted)


def times_without_their_end(patch: pytest.MonkeyPatch) -> None:
    """The end of the time that is asked for is left out."""

    def is_wanted(booking: Booking, wanted: DemandFilter) -> bool:
        return booking.created_at != wanted.made_to and whole_wanted(booking, wanted)

    patch.setattr(demand, "_is_wanted", is_wanted)


def cells_by_truncation(patch: pytest.MonkeyPatch) -> None:
    """Around the equator and the meridian of Greenwich cells are of double size."""

    class Truncating:
        @staticmethod
        def of(point: Point, size: GridSize) -> GridCell:
            scale = size.cells_a_degree
            return GridCell(int(point.latitude * scale), int(point.longitude * scale))

    patch.setattr(demand, "GridCell", Truncating)


def students_counted_twice(patch: pytest.MonkeyPatch) -> None:
    """A student of two bookings is two students."""

    def counted(
        self: MemoryDemandReader, zone_id: UUID | None, cell: GridCell, made: list[Booking]
    ) -> Demand:
        students = sum(len(one.purchase.students) for one in made)
        return replace(whole_demand(self, zone_id, cell, made), students=students)

    patch.setattr(MemoryDemandReader, "_demand", counted)


def all_unparked(patch: pytest.MonkeyPatch) -> None:
    """Whoever asks for one parked event gets all of them told again."""

    async def unpark(
        self: MemoryEventFeed, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        return await whole_unpark(self, subscriber)

    patch.setattr(MemoryEventFeed, "unpark", unpark)


def forgotten_before_they_are_told(patch: pytest.MonkeyPatch) -> None:
    """Old events go, whoever is still to be told of them."""

    async def forget(self: MemoryEventFeed, before: datetime, limit: int) -> int:
        over = [one.id for one in self._events.all() if one.at < before][:limit]
        for event_id in over:
            self._events.remove(event_id)
        return len(over)

    patch.setattr(MemoryEventFeed, "forget", forget)


def dropped_for_everybody(patch: pytest.MonkeyPatch) -> None:
    """What one subscriber is never told of, nobody is."""
    whole_drop = MemoryEventFeed.drop

    async def drop(
        self: MemoryEventFeed, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        names = {name for name, _ in self._told} | {subscriber}
        dropped = {name: await whole_drop(self, name, event_ids) for name in names}
        return dropped[subscriber]

    patch.setattr(MemoryEventFeed, "drop", drop)
