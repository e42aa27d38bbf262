"""The conformance suite of the reader of zones."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.franchises import Franchise
from muster.domain.names import fold_name
from muster.domain.zones import Operator, Zone, ZoneStatus
from muster.ports.paging import Position
from muster.ports.zones import ZoneFilter, ZoneOrder
from muster.testing.examples import AN_INSTANT, a_franchise, a_zone, new_id
from muster.testing.suites.pages import Walk, check_pages, walks
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["ZoneReaderSuite"]

_NAMES = ("North", "north east", "NORTH_EAST", "Nörd", "100%", "100 m", "10", "a\\b", "漢字", "Z")
_SOUGHT = (
    None,
    "",
    "NORTH",
    "north ",
    "nor",
    "nör",
    "100%",
    "1_0",
    "north_",
    "a\\",
    "漢",
    "absent",
)


class _Listed(Struct, frozen=True):
    franchises: tuple[Franchise, ...]
    zones: tuple[Zone, ...]


class ZoneReaderSuite(StoreSuite):
    """Holds a ``ZoneReader`` to its port."""

    async def test_a_zone_is_read(self, store: StoreUnderTest) -> None:
        """``get`` returns what was committed, and ``None`` for what is not there."""
        zone = a_zone()
        await store.keep(zone)
        assert await store.zone_reader.get(zone.id) == zone
        assert await store.zone_reader.get(new_id()) is None

    async def test_what_is_not_committed_is_on_no_page(self, store: StoreUnderTest) -> None:
        """Neither a new zone nor a change shows before the commit."""
        zone = a_zone()
        await store.keep(zone)
        walk = Walk(order=ZoneOrder.CREATED_AT, descending=False, limits=(10,))
        async with store.unit_of_work() as unit:
            await unit.zones.add(a_zone())
            await unit.zones.get(zone.id)
            await unit.zones.replace(replace(zone, priority=8, version=2))
            await check_pages([zone], store.zone_reader.page, ZoneFilter(), walk, _position)

    @pytest.fixture
    async def listed(self, store: StoreUnderTest) -> _Listed:
        """Zones of the company and two franchises, in every mixture of fields."""
        franchises = (a_franchise(), a_franchise())
        owners = (None, franchises[0].id, franchises[1].id)
        ids = sorted(
            (new_id() for _ in range(len(owners) * len(_NAMES))),
            key=lambda one: (one.int % 11, one.int),
        )
        zones = tuple(
            a_zone(
                id=id_,
                name=_NAMES[place // len(owners)],
                franchise_id=owners[place % len(owners)],
                status=ZoneStatus.ARCHIVED if place % 5 == 0 else ZoneStatus.ACTIVE,
                time_zone=("Asia/Kolkata", "Asia/Calcutta", "UTC")[place % 7 % 3],
                created_at=AN_INSTANT + timedelta(microseconds=place % 4),
            )
            for place, id_ in enumerate(ids)
        )
        await store.keep(*franchises, *zones)
        return _Listed(franchises, zones)

    @AGAINST_A_PORT
    @given(
        walk=walks(ZoneOrder),
        operator=st.sampled_from([None, *Operator]),
        franchise=st.sampled_from([None, 0, 1, "unknown"]),
        status=st.sampled_from([None, *ZoneStatus]),
        time_zone=st.sampled_from([None, "Asia/Kolkata", "UTC", "asia/kolkata"]),
        name=st.sampled_from(_SOUGHT),
    )
    async def test_pages_make_up_the_list(
        self,
        store: StoreUnderTest,
        listed: _Listed,
        walk: Walk[ZoneOrder],
        operator: Operator | None,
        franchise: int | str | None,
        status: ZoneStatus | None,
        time_zone: str | None,
        name: str | None,
    ) -> None:
        """Pages of any size give each wanted row once, in order; names by their folded form."""
        franchise_id: UUID | None
        if isinstance(franchise, int):
            franchise_id = listed.franchises[franchise].id
        else:
            franchise_id = None if franchise is None else new_id()
        expected = [
            zone
            for zone in listed.zones
            if operator in (None, zone.operator)
            and franchise_id in (None, zone.franchise_id)
            and status in (None, zone.status)
            and time_zone in (None, zone.time_zone)
            and (name is None or fold_name(zone.name).startswith(fold_name(name)))
        ]
        wanted = ZoneFilter(operator, franchise_id, status, time_zone, name)
        await check_pages(expected, store.zone_reader.page, wanted, walk, _position)


def _position(zone: Zone, order: ZoneOrder) -> Position:
    by_name = order is ZoneOrder.NAME
    return Position(fold_name(zone.name) if by_name else zone.created_at, zone.id)
