"""Preview a change of a zone: which future bookings would no longer fit it."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.errors import NotFound
from muster.application.use_case import QueryCase, Request
from muster.application.zones import refuse_impossible
from muster.domain.scopes import Scope
from muster.domain.zone_changes import ZoneChanges, archived, changed
from muster.domain.zone_impact import LeftBehind, left_behind
from muster.domain.zones import Zone
from muster.ports.clock import Clock
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster.ports.zones import ZoneLocator

__all__ = ["PreviewZoneChange", "PreviewsZoneChange", "ZonePreview"]


class ZonePreview(Struct, frozen=True):
    """What a change would mean.

    Attributes:
        zone: The zone as it would be.
        left_behind: The future bookings that would no longer fit it, oldest first.
    """

    zone: Zone
    left_behind: tuple[LeftBehind, ...]


class PreviewZoneChange(Request[ZonePreview], frozen=True):
    """Tell what a change of a zone would leave behind.

    Attributes:
        zone_id: Which.
        changes: New values; ``None`` is to archive it.
    """

    zone_id: UUID
    changes: ZoneChanges | None


class PreviewsZoneChange(QueryCase[PreviewZoneChange]):
    """Looks at the future bookings of a zone as a change would; three questions in all."""

    handles = PreviewZoneChange
    permission = Permission.ZONES_WRITE

    def __init__(self, units: UnitOfWorkFactory, locator: ZoneLocator, clock: Clock) -> None:
        """Work with these."""
        self._units = units
        self._locator = locator
        self._clock = clock

    async def answer(self, query: PreviewZoneChange, scope: Scope) -> ZonePreview:
        """Return what would be."""
        now = self._clock.now()
        async with self._units(scope) as unit:
            before = await unit.zones.get(query.zone_id)
            if before is None:
                raise NotFound("zone", query.zone_id)
            after = (
                archived(before, now)
                if query.changes is None
                else changed(before, query.changes, now)
            )
            refuse_impossible(after)
            future = await unit.bookings.future_of_zone(before.id, now)
        covering = await self._locator.covering([booking.place for booking in future])
        return ZonePreview(after, left_behind(before, after, zip(future, covering, strict=True)))
