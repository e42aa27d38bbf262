"""The conformance suite of the zone locator: against a look at every zone."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.geography import EARTH_RADIUS_METRES, Point, distance_metres
from muster.domain.zones import Zone, ZoneStatus, covers
from muster.testing.examples import a_franchise, a_zone
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["ZoneLocatorSuite"]

_ZONES = 300
_SEED = 20270111
_SAME_DISTANCE_METRES = 1e-3

_points = st.builds(
    Point,
    st.floats(-90, 90) | st.sampled_from([-90.0, 0.0, 90.0]),
    st.floats(-180, 180) | st.sampled_from([-180.0, 0.0, 180.0]),
)


class ZoneLocatorSuite(StoreSuite):
    """Holds a ``ZoneLocator`` to its port."""

    async def test_with_no_zone_there_is_nothing_around(self, store: StoreUnderTest) -> None:
        """Nothing covers the place, and nothing is nearest."""
        around = await store.zone_locator.around(Point(10.0, 20.0))
        assert around.covering == ()
        assert around.nearest is None

    async def test_covering_zones_come_whole(self, store: StoreUnderTest) -> None:
        """Every covering zone is answered with all its fields, and then none is nearest."""
        franchise = a_franchise()
        centre = Point(16.5, 80.6)
        zones = [
            a_zone(centre=centre, priority=3),
            a_zone(centre=centre, franchise_id=franchise.id, radius_km=1 / 3),
        ]
        await store.keep(franchise, *zones, a_zone(centre=Point(-16.5, -80.6)))
        around = await store.zone_locator.around(centre)
        assert sorted(around.covering, key=_id) == sorted(zones, key=_id)
        assert around.nearest is None

    async def test_the_nearest_is_told_on_a_miss_alone(self, store: StoreUnderTest) -> None:
        """Where no zone covers the place, the one with the nearest centre is answered."""
        near, far = a_zone(centre=Point(0.0, 1.0)), a_zone(centre=Point(0.0, 1.5), radius_km=20)
        await store.keep(near, far)
        around = await store.zone_locator.around(Point(0.0, 0.0))
        assert _truly_covering(around.covering, Point(0.0, 0.0)) == []
        assert around.nearest == near

    async def test_a_zone_comes_by_its_id(self, store: StoreUnderTest) -> None:
        """Whole, archived or not, as it is committed; there is no unknown one."""
        franchise = a_franchise()
        zones = [
            a_zone(centre=Point(16.5, 80.6), franchise_id=franchise.id, radius_km=1 / 3),
            a_zone(centre=Point(-48.0, 179.9), status=ZoneStatus.ARCHIVED, priority=-2, version=7),
        ]
        await store.keep(franchise, *zones)
        read = store.zone_locator.zone
        assert [await read(zone.id) for zone in zones] == zones
        assert await read(franchise.id) is None
        changed = replace(zones[0], status=ZoneStatus.ARCHIVED, name="Another", version=2)
        async with store.unit_of_work() as unit:
            await unit.zones.get(changed.id)
            await unit.zones.replace(changed)
            assert await read(changed.id) == zones[0]
            await unit.commit()
        assert await read(changed.id) == changed

    async def test_an_archived_zone_serves_nothing(self, store: StoreUnderTest) -> None:
        """It neither covers a place nor is the nearest."""
        here, away = Point(48.0, 11.0), Point(48.2, 11.0)
        await store.keep(a_zone(centre=here, status=ZoneStatus.ARCHIVED))
        for place in (here, away):
            around = await store.zone_locator.around(place)
            assert (around.covering, around.nearest) == ((), None)
        further = a_zone(centre=Point(49.0, 11.0))
        await store.keep(further)
        for place in (here, away):
            around = await store.zone_locator.around(place)
            assert (around.covering, around.nearest) == ((), further)

    async def test_it_tells_the_committed_truth(self, store: StoreUnderTest) -> None:
        """A zone counts from its commit on, and an edit or its archive at once."""
        zone = a_zone(centre=Point(48.0, 11.0))
        async with store.unit_of_work() as unit:
            await unit.zones.add(zone)
            assert (await store.zone_locator.around(zone.centre)).covering == ()
            await unit.commit()
        assert (await store.zone_locator.around(zone.centre)).covering == (zone,)
        moved = replace(zone, centre=Point(-48.0, 11.0), version=2)
        await _replace(store, moved)
        assert (await store.zone_locator.around(zone.centre)).nearest == moved
        assert (await store.zone_locator.around(moved.centre)).covering == (moved,)
        await _replace(store, replace(moved, status=ZoneStatus.ARCHIVED, version=3))
        assert (await store.zone_locator.around(moved.centre)).nearest is None

    @pytest.mark.parametrize(
        ("centre", "place"),
        [
            (Point(90.0, 0.0), Point(89.99, 137.0)),
            (Point(-90.0, 45.0), Point(-89.99, -135.0)),
            (Point(89.99, 10.0), Point(89.99, -170.0)),
            (Point(0.0, 180.0), Point(0.0, -180.0)),
            (Point(0.0, 179.99), Point(0.0, -179.99)),
            (Point(-17.8, -179.99), Point(-17.8, 179.99)),
            (Point(51.5, 0.0), Point(51.5, 0.0)),
        ],
    )
    async def test_poles_and_antimeridian_are_ordinary(
        self, store: StoreUnderTest, centre: Point, place: Point
    ) -> None:
        """Two places a few kilometres apart are near each other wherever they are."""
        zone = a_zone(centre=centre, radius_km=5.0)
        await store.keep(zone)
        assert (await store.zone_locator.around(place)).covering == (zone,)

    async def test_the_antipodes_are_nearest_when_nothing_else_is(
        self, store: StoreUnderTest
    ) -> None:
        """Half the earth away is a distance like any other."""
        zone = a_zone(centre=Point(12.5, 45.25))
        await store.keep(zone)
        around = await store.zone_locator.around(Point(-12.5, -134.75))
        assert (around.covering, around.nearest) == ((), zone)

    @pytest.fixture
    async def scattered(self, store: StoreUnderTest) -> list[Zone]:
        """Zones everywhere, of all sizes, some archived, many overlapping."""
        random = Random(_SEED)  # noqa: S311 - replayable on purpose
        zones = [a_zone(**_scatter(random, place)) for place in range(_ZONES)]
        await store.keep(*zones)
        return zones

    @AGAINST_A_PORT
    @given(place=_points)
    @example(place=Point(90.0, 0.0))
    @example(place=Point(-90.0, 0.0))
    @example(place=Point(0.0, 180.0))
    @example(place=Point(0.0, -180.0))
    async def test_it_finds_what_a_look_at_every_zone_finds(
        self, store: StoreUnderTest, scattered: list[Zone], place: Point
    ) -> None:
        """For any place: every covering zone, or the nearest of all."""
        await _check(store, scattered, place)

    @AGAINST_A_PORT
    @given(
        which=st.integers(0, _ZONES - 1),
        bearing=st.floats(0, 360),
        part=st.sampled_from([0.0, 0.5, 1.0, 1.0 - 1e-9, 1.0 + 1e-9, 1.001]),
    )
    async def test_the_border_belongs_to_the_zone(
        self,
        store: StoreUnderTest,
        scattered: list[Zone],
        which: int,
        bearing: float,
        part: float,
    ) -> None:
        """On the border, just within and just beyond, it agrees with the law."""
        zone = scattered[which]
        await _check(store, scattered, _walk(zone.centre, bearing, zone.radius_km * part))


async def _check(store: StoreUnderTest, zones: list[Zone], place: Point) -> None:
    around = await store.zone_locator.around(place)
    covering = _truly_covering(zones, place)
    assert _truly_covering(around.covering, place) == covering
    assert len(set(map(_id, around.covering))) == len(around.covering)
    if covering:
        assert around.nearest is None
        return
    active = [zone for zone in zones if zone.status is ZoneStatus.ACTIVE]
    least = min(distance_metres(zone.centre, place) for zone in active)
    assert around.nearest is not None
    assert around.nearest in active
    assert distance_metres(around.nearest.centre, place) <= least + _SAME_DISTANCE_METRES


def _truly_covering(zones: list[Zone] | tuple[Zone, ...], place: Point) -> list[Zone]:
    return sorted((zone for zone in zones if covers(zone, place)), key=_id)


def _id(zone: Zone) -> int:
    return zone.id.int


def _scatter(random: Random, place: int) -> dict[str, object]:
    poles_and_seam = (Point(90.0, 0.0), Point(-90.0, 0.0), Point(0.0, 180.0), Point(0.0, -180.0))
    anywhere = Point(
        degrees(asin(random.uniform(-1, 1))),
        random.uniform(-180, 180),
    )
    return {
        "centre": poles_and_seam[place] if place < len(poles_and_seam) else anywhere,
        "radius_km": random.choice([0.5, 5.0, 50.0, random.uniform(1, 500), 500.0]),
        "status": ZoneStatus.ARCHIVED if random.random() < 0.15 else ZoneStatus.ACTIVE,
        "priority": random.randint(-2, 2),
    }


def _walk(start: Point, bearing: float, kilometres: float) -> Point:
    """Return where a great circle leads (Williams, "Aviation Formulary", direct problem)."""
    way, course = kilometres * 1000 / EARTH_RADIUS_METRES, radians(bearing)
    latitude, longitude = radians(start.latitude), radians(start.longitude)
    height = sin(latitude) * cos(way) + cos(latitude) * sin(way) * cos(course)
    reached = asin(max(-1.0, min(1.0, height)))
    turned = atan2(sin(course) * sin(way) * cos(latitude), cos(way) - sin(latitude) * sin(reached))
    east = (degrees(longitude + turned) + 180) % 360 - 180
    return Point(degrees(reached), east)


async def _replace(store: StoreUnderTest, zone: Zone) -> None:
    async with store.unit_of_work() as unit:
        await unit.zones.get(zone.id)
        await unit.zones.replace(zone)
        await unit.commit()
