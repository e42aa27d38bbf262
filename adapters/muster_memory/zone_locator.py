"""Which zones serve a place, by looking at every zone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from muster.domain.geography import Point, chord_between
from muster.domain.zones import Zone, ZoneStatus, covers
from muster.ports.zones import ZoneLocator, ZonesAround
from muster_memory.store import MemoryStore

__all__ = ["MemoryZoneLocator"]


class MemoryZoneLocator(ZoneLocator):
    """The domain's own functions, asked of every committed zone."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def covering(self, points: Sequence[Point]) -> tuple[tuple[Zone, ...], ...]:
        """Return the active zones that cover each of some places."""
        zones = list(self._store.zones.all())
        return tuple(tuple(zone for zone in zones if covers(zone, point)) for point in points)

    async def zone(self, zone_id: UUID) -> Zone | None:
        """Return a zone, archived or not."""
        return self._store.zones.get(zone_id)

    async def around(self, point: Point) -> ZonesAround:
        """Return the zones that cover a place, or the nearest one."""
        active = [zone for zone in self._store.zones.all() if zone.status is ZoneStatus.ACTIVE]
        covering = tuple(zone for zone in active if covers(zone, point))
        if covering:
            return ZonesAround(covering, None)
        nearest = min(
            active,
            key=lambda zone: (chord_between(zone.centre, point), zone.id.int),
            default=None,
        )
        return ZonesAround((), nearest)
