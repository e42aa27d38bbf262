"""The conformance suites of the audit trail: reading it, and its chains."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from msgspec.structs import replace

from muster.domain.audit_chain import ChainReading, SealedEntry, StreamHead
from muster.domain.audit_entries import COMPANY_STREAM, AuditEntry, stream_of
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.audit import AuditFilter, AuditOrder
from muster.ports.paging import Page, PageRequest, Position
from muster.testing.example_records import an_audit_entry
from muster.testing.examples import AN_INSTANT, new_id
from muster.testing.suites.pages import Walk, check_pages, walks
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["AuditChainSuite", "AuditReaderSuite"]

_ALL = AuditFilter()
_SECOND = timedelta(seconds=1)
_NORTH, _SOUTH = new_id(), new_id()


async def _append(store: StoreUnderTest, *entries: AuditEntry) -> None:
    async with store.unit_of_work() as unit:
        await unit.audit.append(entries)
        await unit.commit()


async def _walked(store: StoreUnderTest) -> list[SealedEntry]:
    return [one async for some in store.audit_chain.sealed() for one in some]


def _position(entry: AuditEntry, order: AuditOrder) -> Position:
    return Position(entry.at, entry.id)


def _entries() -> list[AuditEntry]:
    """Return entries of three streams, of different actors and instants, some at once."""
    return [
        an_audit_entry(
            at=AN_INSTANT + (number * 5 % 4) * _SECOND,
            actor=f"account:{number % 3}",
            action=("EditZone", "PlaceBooking")[number % 2],
            subject_kind=("zone", "booking")[number % 2],
            franchise_id=(None, _NORTH, _SOUTH)[number % 3],
            address=(None, "192.0.2.1", "2001:db8::1")[number % 3],
        )
        for number in range(14)
    ]


class AuditReaderSuite(StoreSuite):
    """Holds an ``AuditReader`` to its port."""

    @pytest.fixture
    async def entries(self, store: StoreUnderTest) -> list[AuditEntry]:
        """What is in the trail."""
        entries = _entries()
        await _append(store, *entries)
        return entries

    async def test_what_is_committed_is_read(self, store: StoreUnderTest) -> None:
        """Every member of an entry comes back; one that is not committed does not."""
        entry = an_audit_entry(address="2001:db8::1", franchise_id=_NORTH)
        request = PageRequest(AuditOrder.AT)
        async with store.unit_of_work() as unit:
            await unit.audit.append([entry])
            assert (await store.audit_reader.page(_ALL, request)).rows == ()
            await unit.commit()
        assert (await store.audit_reader.page(_ALL, request)).rows == (entry,)

    async def test_filters_narrow(self, store: StoreUnderTest, entries: list[AuditEntry]) -> None:
        """Each filter keeps what it names; together they keep what all name."""
        first = entries[0]
        instant = AN_INSTANT + _SECOND
        for wanted, kept in (
            (AuditFilter(actor="account:1"), [e for e in entries if e.actor == "account:1"]),
            (AuditFilter(action="EditZone"), [e for e in entries if e.action == "EditZone"]),
            (AuditFilter(subject_kind="zone"), [e for e in entries if e.subject_kind == "zone"]),
            (AuditFilter(subject_id=first.subject_id), [first]),
            (AuditFilter(franchise_id=_NORTH), [e for e in entries if e.franchise_id == _NORTH]),
            (AuditFilter(since=instant), [e for e in entries if e.at >= instant]),
            (AuditFilter(until=instant), [e for e in entries if e.at < instant]),
            (
                AuditFilter(actor="account:1", action="EditZone", since=instant),
                [
                    e
                    for e in entries
                    if (e.actor, e.action) == ("account:1", "EditZone") and e.at >= instant
                ],
            ),
            (AuditFilter(actor="nobody"), []),
        ):
            page = await store.audit_reader.page(wanted, PageRequest(AuditOrder.AT, limit=200))
            assert {e.id for e in page.rows} == {e.id for e in kept}, wanted

    async def test_scopes_bound(self, store: StoreUnderTest, entries: list[AuditEntry]) -> None:
        """A franchise sees its own ground's; trainers and clients see nothing."""
        request = PageRequest(AuditOrder.AT, limit=200)

        async def seen(scope: Scope, wanted: AuditFilter = _ALL) -> set[UUID]:
            page = await store.audit_reader.page(wanted, request, scope)
            return {entry.id for entry in page.rows}

        assert await seen(EVERYTHING) == {e.id for e in entries}
        own = {e.id for e in entries if e.franchise_id == _NORTH}
        assert await seen(Scope(franchise_id=_NORTH)) == own
        assert await seen(Scope(franchise_id=_NORTH), AuditFilter(franchise_id=_SOUTH)) == set()
        assert await seen(Scope(trainer_id=new_id())) == set()
        assert await seen(Scope(client_id=new_id())) == set()
        assert await seen(Scope(franchise_id=_NORTH, client_id=new_id())) == set()

    @AGAINST_A_PORT
    @given(walk=walks(AuditOrder))
    async def test_pages_make_up_the_list(
        self, store: StoreUnderTest, entries: list[AuditEntry], walk: Walk[AuditOrder]
    ) -> None:
        """Pages of any size give each entry once, in order."""

        async def page(wanted: AuditFilter, request: PageRequest[AuditOrder]) -> Page[AuditEntry]:
            return await store.audit_reader.page(wanted, request)

        await check_pages(entries, page, _ALL, walk, _position)


class AuditChainSuite(StoreSuite):
    """Holds an ``AuditChain`` to its port."""

    async def test_an_empty_trail_has_no_chain(self, store: StoreUnderTest) -> None:
        """There is nothing to seal, and nothing is wrong."""
        chain = store.audit_chain
        assert await chain.seal(10) == 0
        assert await chain.heads() == ()
        assert await _walked(store) == []
        assert await chain.unchained(10) == ()

    async def test_what_is_committed_is_sealed_once(self, store: StoreUnderTest) -> None:
        """Every entry has one place, in its own stream; what is not committed has none."""
        chain, entries = store.audit_chain, _entries()
        async with store.unit_of_work() as unit:
            await unit.audit.append(entries)
            assert await chain.seal(100) == 0
            await unit.commit()
        assert await chain.waiting() == len(entries)
        assert await chain.seal(100) == len(entries)
        assert (await chain.seal(100), await chain.waiting()) == (0, 0)
        walked = await _walked(store)
        assert _streams(walked) == {
            stream: [e.id for e in entries if stream_of(e) == stream]
            for stream in (COMPANY_STREAM, _NORTH, _SOUTH)
        }
        assert {one.seal.entry_id: one.entry for one in walked} == {e.id: e for e in entries}

    async def test_a_limit_is_kept(self, store: StoreUnderTest) -> None:
        """What is over the limit waits, and goes on where the stream ended."""
        await _append(store, *_entries())
        assert [await store.audit_chain.seal(6) for _ in range(4)] == [6, 6, 2, 0]
        await self._assert_sound(store, 14)

    async def test_later_entries_follow(self, store: StoreUnderTest) -> None:
        """A stream goes on; its head is its newest seal, and no other stream moves."""
        chain = store.audit_chain
        await _append(store, *_entries())
        await chain.seal(100)
        before = {head.stream: head for head in await chain.heads()}
        await _append(store, an_audit_entry(franchise_id=_NORTH))
        await chain.seal(100)
        after = {head.stream: head for head in await chain.heads()}
        assert after[_NORTH].count == before[_NORTH].count + 1
        assert after[_NORTH].hash != before[_NORTH].hash
        assert after == before | {_NORTH: after[_NORTH]}
        assert list(after) == sorted(after)
        await self._assert_sound(store, 15)

    async def test_the_chain_is_that_of_the_entries(self, store: StoreUnderTest) -> None:
        """It reads back unbroken from what is stored, awkward values and all."""
        after = {"radiusKm": 0.1 + 0.2, "name": "Süd – “漢”", "é": [1e-7, 1e20, -0.0, 5.0]}
        awkward = an_audit_entry(change={"before": None, "after": after})
        await _append(store, awkward, replace(awkward, id=new_id(), at=AN_INSTANT + _SECOND / 7))
        await store.audit_chain.seal(100)
        await self._assert_sound(store, 2)

    async def test_sealers_at_once_seal_each_entry_once(self, store: StoreUnderTest) -> None:
        """They take turns; none waits for another, and together they miss nothing."""

        async def commit_and_seal(number: int) -> None:
            entries = [an_audit_entry(franchise_id=(None, _NORTH)[number % 2]) for _ in range(3)]
            await _append(store, *entries)
            await store.audit_chain.seal(100)

        await asyncio.gather(*(commit_and_seal(number) for number in range(8)))
        await store.audit_chain.seal(100)
        await self._assert_sound(store, 24)

    async def test_units_that_commit_out_of_order_are_all_sealed(
        self, store: StoreUnderTest
    ) -> None:
        """A unit that was open while others were sealed gets its place after them."""
        late, early = an_audit_entry(), an_audit_entry()
        async with store.unit_of_work() as unit:
            await unit.audit.append([late])
            await _append(store, early)
            assert await store.audit_chain.seal(100) == 1
            await unit.commit()
        assert await store.audit_chain.seal(100) == 1
        assert _streams(await _walked(store)) == {COMPANY_STREAM: [early.id, late.id]}

    async def _assert_sound(self, store: StoreUnderTest, count: int) -> None:
        heads: Sequence[StreamHead] = await store.audit_chain.heads()
        reading = ChainReading(heads)
        reading.read(await _walked(store))
        reading.finish()
        assert (reading.faults, reading.count) == ([], count)
        assert sum(head.count for head in heads) == count
        assert await store.audit_chain.unchained(10) == ()


def _streams(walked: Sequence[SealedEntry]) -> dict[UUID, list[UUID]]:
    streams: dict[UUID, list[UUID]] = {}
    for one in walked:
        streams.setdefault(one.seal.stream, []).append(one.seal.entry_id)
        assert one.seal.sequence == len(streams[one.seal.stream])
    assert list(streams) == sorted(streams)
    return streams
