"""The conformance suites of franchises: repository and reader."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.certificate_names import NameDisplay
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.domain.names import fold_name
from muster.ports.franchises import FranchiseFilter, FranchiseNameTaken, FranchiseOrder
from muster.ports.paging import Position
from muster.testing.examples import AN_INSTANT, a_franchise, new_id
from muster.testing.suites.pages import Walk, check_pages, walks
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["FranchiseReaderSuite", "FranchiseRepositorySuite"]

SAME_NAMES = ("Süd  Straße", "  süd strasse ", "SÜD STRASSE", "Ｓüd\tStraße", "Su\u0308d Straße")
"""Names that are the same name once folded."""


class FranchiseRepositorySuite(StoreSuite):
    """Holds a ``FranchiseRepository`` to its port."""

    async def test_what_was_added_is_got(self, store: StoreUnderTest) -> None:
        """Every field comes back as it was."""
        franchises = [
            a_franchise(),
            a_franchise(time_zone=None, status=FranchiseStatus.SUSPENDED, version=7),
            *(a_franchise(certificate_names=display) for display in NameDisplay),
            a_franchise(name="株式会社 école №1 “Ünï”", updated_at=AN_INSTANT + timedelta(days=2)),
        ]
        await store.keep(*franchises)
        async with store.unit_of_work() as unit:
            assert [await unit.franchises.get(one.id) for one in franchises] == franchises

    async def test_there_is_no_unknown_franchise(self, store: StoreUnderTest) -> None:
        """``get`` returns ``None`` for an id that is not there."""
        async with store.unit_of_work() as unit:
            assert await unit.franchises.get(new_id()) is None

    async def test_a_changed_franchise_is_stored(self, store: StoreUnderTest) -> None:
        """``replace`` stores every field that may change."""
        franchise = a_franchise()
        await store.keep(franchise)
        changed = replace(
            franchise,
            name="Another name",
            time_zone=None,
            status=FranchiseStatus.SUSPENDED,
            certificate_names=NameDisplay.FULL,
            version=2,
            updated_at=AN_INSTANT + timedelta(hours=1),
        )
        async with store.unit_of_work() as unit:
            assert await unit.franchises.get(franchise.id) == franchise
            await unit.franchises.replace(changed)
            assert await unit.franchises.get(franchise.id) == changed
            await unit.commit()
        assert await store.franchise_reader.get(franchise.id) == changed

    @pytest.mark.parametrize("name", SAME_NAMES)
    async def test_a_folded_name_is_taken_once(self, store: StoreUnderTest, name: str) -> None:
        """``add`` refuses a name that folds to one in use, also a suspended franchise's."""
        await store.keep(a_franchise(name=SAME_NAMES[0], status=FranchiseStatus.SUSPENDED))
        refused = a_franchise(name=name)
        with pytest.raises(FranchiseNameTaken):
            await store.keep(refused)
        assert await store.franchise_reader.get(refused.id) is None

    async def test_a_name_taken_in_the_same_unit_is_taken(self, store: StoreUnderTest) -> None:
        """The unit's own writes count."""
        with pytest.raises(FranchiseNameTaken):
            await store.keep(a_franchise(name="Twice"), a_franchise(name="TWICE"))

    async def test_renaming_to_a_taken_name_is_refused(self, store: StoreUnderTest) -> None:
        """``replace`` refuses another franchise's name, and nothing of it lasts."""
        franchise = a_franchise()
        await store.keep(franchise, a_franchise(name=SAME_NAMES[0]))
        with pytest.raises(FranchiseNameTaken):
            await _replace(store, franchise, replace(franchise, name=SAME_NAMES[1]))
        assert await store.franchise_reader.get(franchise.id) == franchise

    async def test_its_own_name_may_be_written_otherwise(self, store: StoreUnderTest) -> None:
        """A franchise's own name stands in nobody's way, and a name given up is free."""
        franchise = a_franchise(name="First")
        await store.keep(franchise)
        for name in ("FIRST", "Second"):
            await _replace(store, franchise, replace(franchise, name=name))
        await store.keep(a_franchise(name="first"))

    async def test_of_two_units_at_once_one_gets_the_name(self, store: StoreUnderTest) -> None:
        """However many add a name at the same time, one succeeds."""
        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(
                *(store.keep(a_franchise(name=name)) for name in SAME_NAMES),
                return_exceptions=True,
            )
        refused = [outcome for outcome in outcomes if outcome is not None]
        assert len(refused) == len(SAME_NAMES) - 1
        assert all(isinstance(outcome, FranchiseNameTaken) for outcome in refused)

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_franchise_that_was_got_is_locked(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Another writer waits in ``get`` until the unit ends, and then sees what it left."""
        franchise = a_franchise()
        changed = replace(franchise, name=f"{franchise.name} changed", version=2)
        await store.keep(franchise)

        async def get() -> Franchise | None:
            async with store.unit_of_work() as unit:
                return await unit.franchises.get(franchise.id)

        async with Rival[Franchise | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.franchises.get(franchise.id)
                rival.start(get())
                assert await rival.waits()
                assert await store.franchise_reader.get(franchise.id) == franchise
                await unit.franchises.replace(changed)
                assert await rival.waits()
                if committed:
                    await unit.commit()
            assert await rival.result() == (changed if committed else franchise)


class FranchiseReaderSuite(StoreSuite):
    """Holds a ``FranchiseReader`` to its port."""

    async def test_a_franchise_is_read(self, store: StoreUnderTest) -> None:
        """``get`` returns what was committed, and ``None`` for what is not there."""
        franchise = a_franchise()
        await store.keep(franchise)
        assert await store.franchise_reader.get(franchise.id) == franchise
        assert await store.franchise_reader.get(new_id()) is None

    async def test_an_empty_list_has_one_empty_page(self, store: StoreUnderTest) -> None:
        """There is no row and no next page."""
        walk = Walk(order=FranchiseOrder.NAME, descending=False, limits=(1,))
        await check_pages([], store.franchise_reader.page, FranchiseFilter(), walk, _position)

    @pytest.fixture
    async def listed(self, store: StoreUnderTest) -> list[Franchise]:
        """Franchises whose names, instants and ids sort each in another way."""
        names = ("b", "A", "ä", "Z", "z z", "é", "Éa", "10", "9", "漢", "a b", "_", "-a", "aB")
        ids = sorted((new_id() for _ in names), key=lambda one: hash((one.int % 7, one)))
        franchises = [
            a_franchise(
                id=id_,
                name=name,
                created_at=AN_INSTANT + timedelta(microseconds=place % 3),
                status=FranchiseStatus.SUSPENDED if place % 4 == 0 else FranchiseStatus.ACTIVE,
            )
            for place, (id_, name) in enumerate(zip(ids, names, strict=True))
        ]
        await store.keep(*franchises)
        return franchises

    @AGAINST_A_PORT
    @given(walk=walks(FranchiseOrder), status=st.sampled_from([None, *FranchiseStatus]))
    async def test_pages_make_up_the_list(
        self,
        store: StoreUnderTest,
        listed: list[Franchise],
        walk: Walk[FranchiseOrder],
        status: FranchiseStatus | None,
    ) -> None:
        """Pages of any size give each wanted row once, in order; names by their folded form."""
        expected = [one for one in listed if status in (None, one.status)]
        page = store.franchise_reader.page
        await check_pages(expected, page, FranchiseFilter(status), walk, _position)


async def _replace(store: StoreUnderTest, franchise: Franchise, changed: Franchise) -> None:
    async with store.unit_of_work() as unit:
        await unit.franchises.get(franchise.id)
        await unit.franchises.replace(changed)
        await unit.commit()


def _position(franchise: Franchise, order: FranchiseOrder) -> Position:
    by_name = order is FranchiseOrder.NAME
    return Position(fold_name(franchise.name) if by_name else franchise.created_at, franchise.id)
