"""The conformance suite of the repository of zones."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from muster.domain.geography import Point
from muster.domain.zones import MAX_RADIUS_KM, Zone, ZoneStatus
from muster.ports.zones import ZoneNameTaken
from muster.testing.examples import AN_INSTANT, a_franchise, a_zone, new_id
from muster.testing.suites.franchises import SAME_NAMES
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["ZoneRepositorySuite"]


class ZoneRepositorySuite(StoreSuite):
    """Holds a ``ZoneRepository`` to its port."""

    async def test_what_was_added_is_got(self, store: StoreUnderTest) -> None:
        """Every field comes back as it was, floats to the last bit."""
        franchise = a_franchise()
        zones = [
            a_zone(),
            a_zone(franchise_id=franchise.id, priority=-3, version=9),
            a_zone(centre=Point(90.0, -180.0), radius_km=MAX_RADIUS_KM, priority=1000),
            a_zone(centre=Point(-90.0, 180.0), radius_km=0.001, time_zone="Antarctica/McMurdo"),
            a_zone(centre=Point(0.1 + 0.2, -1e-07), radius_km=1 / 3, status=ZoneStatus.ARCHIVED),
        ]
        await store.keep(franchise, *zones)
        async with store.unit_of_work() as unit:
            assert [await unit.zones.get(zone.id) for zone in zones] == zones

    async def test_there_is_no_unknown_zone(self, store: StoreUnderTest) -> None:
        """``get`` and ``version_in_force`` return ``None`` for an id that is not there."""
        async with store.unit_of_work() as unit:
            assert await unit.zones.get(new_id()) is None
            assert await unit.zones.version_in_force(new_id()) is None

    async def test_a_changed_zone_is_stored(self, store: StoreUnderTest) -> None:
        """``replace`` stores every field that may change."""
        zone = a_zone()
        changed = replace(
            zone,
            name="Another name",
            centre=Point(-33.86, 151.21),
            radius_km=7.25,
            time_zone="Australia/Sydney",
            priority=4,
            status=ZoneStatus.ARCHIVED,
            version=2,
            updated_at=AN_INSTANT + timedelta(hours=1),
        )
        await store.keep(zone)
        await _replace(store, zone, changed)
        assert await store.zone_reader.get(zone.id) == changed

    @pytest.mark.parametrize("name", SAME_NAMES)
    @pytest.mark.parametrize("of_franchise", [False, True], ids=["company", "franchise"])
    async def test_a_folded_name_is_taken_once_for_each_operator(
        self, store: StoreUnderTest, name: str, of_franchise: bool
    ) -> None:
        """``add`` refuses a name that folds to one that the operator uses; nothing lasts."""
        franchise = a_franchise()
        owner = franchise.id if of_franchise else None
        await store.keep(franchise, a_zone(name=SAME_NAMES[0], franchise_id=owner))
        refused = a_zone(name=name, franchise_id=owner)
        with pytest.raises(ZoneNameTaken):
            await store.keep(refused)
        assert await store.zone_reader.get(refused.id) is None

    async def test_operators_do_not_share_names(self, store: StoreUnderTest) -> None:
        """The same name may stand in two franchises, and once more in the company."""
        one, other = a_franchise(), a_franchise()
        zones = [a_zone(name="Centre", franchise_id=id_) for id_ in (None, one.id, other.id)]
        await store.keep(one, other, *zones)
        assert [await store.zone_reader.get(zone.id) for zone in zones] == zones

    @pytest.mark.parametrize("of_franchise", [False, True], ids=["company", "franchise"])
    async def test_an_archived_zone_keeps_its_name(
        self, store: StoreUnderTest, of_franchise: bool
    ) -> None:
        """Names are unique among all zones of an operator, whatever their status."""
        franchise = a_franchise()
        owner = franchise.id if of_franchise else None
        archived = a_zone(name="Old", status=ZoneStatus.ARCHIVED, franchise_id=owner)
        await store.keep(franchise, archived)
        with pytest.raises(ZoneNameTaken):
            await store.keep(a_zone(name="OLD", franchise_id=owner))

    async def test_a_name_taken_in_the_same_unit_is_taken(self, store: StoreUnderTest) -> None:
        """The unit's own writes count."""
        with pytest.raises(ZoneNameTaken):
            await store.keep(a_zone(name="Twice"), a_zone(name="TWICE"))

    async def test_renaming_to_a_taken_name_is_refused(self, store: StoreUnderTest) -> None:
        """``replace`` refuses the name of another zone of the operator; nothing lasts."""
        zone = a_zone()
        await store.keep(zone, a_zone(name=SAME_NAMES[0]))
        with pytest.raises(ZoneNameTaken):
            await _replace(store, zone, replace(zone, name=SAME_NAMES[1]))
        assert await store.zone_reader.get(zone.id) == zone

    async def test_its_own_name_may_be_written_otherwise(self, store: StoreUnderTest) -> None:
        """A zone's own name stands in nobody's way, and a name given up is free."""
        zone = a_zone(name="First")
        await store.keep(zone)
        await _replace(store, zone, replace(zone, name="FIRST"))
        await _replace(store, zone, replace(zone, name="Second"))
        await store.keep(a_zone(name="first"))

    @pytest.mark.parametrize("of_franchise", [False, True], ids=["company", "franchise"])
    async def test_of_two_units_at_once_one_gets_the_name(
        self, store: StoreUnderTest, of_franchise: bool
    ) -> None:
        """However many add a name at the same time, one succeeds."""
        franchise = a_franchise()
        owner = franchise.id if of_franchise else None
        await store.keep(franchise)
        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(
                *(store.keep(a_zone(name=name, franchise_id=owner)) for name in SAME_NAMES),
                return_exceptions=True,
            )
        refused = [outcome for outcome in outcomes if outcome is not None]
        assert len(refused) == len(SAME_NAMES) - 1
        assert all(isinstance(outcome, ZoneNameTaken) for outcome in refused)

    async def test_the_version_in_force_is_an_active_zones(self, store: StoreUnderTest) -> None:
        """An active zone has one; an archived zone has none."""
        active, archived = a_zone(version=5), a_zone(status=ZoneStatus.ARCHIVED)
        await store.keep(active, archived)
        async with store.unit_of_work() as unit:
            assert await unit.zones.version_in_force(active.id) == 5
            assert await unit.zones.version_in_force(archived.id) is None

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_zone_that_was_got_is_locked_against_writers(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Another writer waits in ``get`` until the unit ends, and then sees what it left."""
        zone = a_zone()
        changed = replace(zone, radius_km=9.0, version=2)
        await store.keep(zone)
        async with Rival[Zone | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.zones.get(zone.id)
                rival.start(_get(store, zone))
                assert await rival.waits()
                assert await store.zone_reader.get(zone.id) == zone
                await unit.zones.replace(changed)
                assert await rival.waits()
                if committed:
                    await unit.commit()
            assert await rival.result() == (changed if committed else zone)

    @pytest.mark.parametrize("status", list(ZoneStatus))
    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_zone_that_was_got_is_locked_against_new_bookings(
        self, store: StoreUnderTest, committed: bool, status: ZoneStatus
    ) -> None:
        """``version_in_force`` waits until the editor ends, and then says what holds."""
        zone = a_zone()
        await store.keep(zone)
        async with Rival[int | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.zones.get(zone.id)
                rival.start(_version(store, zone))
                assert await rival.waits()
                await unit.zones.replace(replace(zone, status=status, version=2))
                if committed:
                    await unit.commit()
            in_force = 2 if status is ZoneStatus.ACTIVE else None
            assert await rival.result() == (in_force if committed else 1)

    async def test_the_version_stays_in_force_until_the_unit_ends(
        self, store: StoreUnderTest
    ) -> None:
        """An editor waits for the bookings that rely on the zone, for all of them."""
        zone = a_zone()
        await store.keep(zone)
        async with Rival[Zone | None]() as editor:
            async with store.unit_of_work() as second:
                async with store.unit_of_work() as first:
                    assert await first.zones.version_in_force(zone.id) == 1
                    assert await second.zones.version_in_force(zone.id) == 1
                    editor.start(_get(store, zone))
                    assert await editor.waits()
                    await first.commit()
                assert await editor.waits()
            assert await editor.result() == zone

    async def test_bookings_of_a_zone_do_not_wait_for_each_other(
        self, store: StoreUnderTest
    ) -> None:
        """Many units hold the same version in force at once."""
        zone = a_zone()
        await store.keep(zone)
        all_hold_it = asyncio.Barrier(3)

        async def book() -> int | None:
            async with store.unit_of_work() as unit:
                version = await unit.zones.version_in_force(zone.id)
                await all_hold_it.wait()
                await unit.commit()
            return version

        async with asyncio.timeout(5):
            assert await asyncio.gather(*(book() for _ in range(3))) == [1, 1, 1]

    async def test_zones_do_not_wait_for_each_other(self, store: StoreUnderTest) -> None:
        """A lock is on one zone alone."""
        one, other = a_zone(), a_zone()
        await store.keep(one, other)
        async with store.unit_of_work() as unit:
            await unit.zones.get(one.id)
            async with asyncio.timeout(10):
                assert await _get(store, other) == other
                assert await _version(store, other) == 1


async def _get(store: StoreUnderTest, zone: Zone) -> Zone | None:
    async with store.unit_of_work() as unit:
        return await unit.zones.get(zone.id)


async def _version(store: StoreUnderTest, zone: Zone) -> int | None:
    async with store.unit_of_work() as unit:
        return await unit.zones.version_in_force(zone.id)


async def _replace(store: StoreUnderTest, zone: Zone, changed: Zone) -> None:
    async with store.unit_of_work() as unit:
        await unit.zones.get(zone.id)
        await unit.zones.replace(changed)
        await unit.commit()
