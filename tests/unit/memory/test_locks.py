"""Locks of the memory store: who waits for whom, and who goes next."""

from __future__ import annotations

import asyncio

import pytest

from muster.ports.unit_of_work import TransactionConflict
from muster_memory.locks import LockMode, LockTable

pytestmark = pytest.mark.anyio

SHARED, EXCLUSIVE = LockMode.SHARED, LockMode.EXCLUSIVE


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def waiting(locks: LockTable, owner: object, key: str, mode: LockMode) -> asyncio.Task[None]:
    task = asyncio.create_task(locks.acquire(owner, key, mode))
    await asyncio.sleep(0)
    return task


async def test_sharers_stand_beside_each_other() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", SHARED)
    await locks.acquire("two", "zone", SHARED)
    assert not locks.holds("one", "zone")


async def test_the_exclusive_holder_stands_alone() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", EXCLUSIVE)
    assert locks.holds("one", "zone")
    second = await waiting(locks, "two", "zone", SHARED)
    assert not second.done()
    locks.release("one")
    await second


async def test_a_lock_once_held_is_held_again_at_once() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", EXCLUSIVE)
    await locks.acquire("one", "zone", EXCLUSIVE)
    await locks.acquire("one", "zone", SHARED)
    assert locks.holds("one", "zone")
    locks.release("one")
    await locks.acquire("two", "zone", EXCLUSIVE)


async def test_those_who_wait_go_in_turn() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", EXCLUSIVE)
    second = await waiting(locks, "two", "zone", EXCLUSIVE)
    third = await waiting(locks, "three", "zone", EXCLUSIVE)
    locks.release("one")
    await second
    assert not third.done()
    locks.release("two")
    await third


async def test_sharers_pass_by_an_exclusive_one_who_waits() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", SHARED)
    editor = await waiting(locks, "editor", "zone", EXCLUSIVE)
    await asyncio.wait_for(locks.acquire("two", "zone", SHARED), 1)
    locks.release("one")
    await asyncio.sleep(0)
    assert not editor.done()
    locks.release("two")
    await editor


async def test_a_shared_lock_becomes_exclusive_once_it_is_alone() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", SHARED)
    await locks.acquire("two", "zone", SHARED)
    upgrade = await waiting(locks, "one", "zone", EXCLUSIVE)
    assert not upgrade.done()
    locks.release("two")
    await upgrade
    assert locks.holds("one", "zone")


async def test_two_that_wait_for_each_other_are_told_at_once() -> None:
    locks = LockTable()
    await locks.acquire("one", "left", EXCLUSIVE)
    await locks.acquire("two", "right", EXCLUSIVE)
    first = await waiting(locks, "one", "right", EXCLUSIVE)
    with pytest.raises(TransactionConflict):
        await locks.acquire("two", "left", EXCLUSIVE)
    locks.release("two")
    await first


async def test_a_circle_of_three_is_told_at_once() -> None:
    locks = LockTable()
    for owner, key in (("one", "a"), ("two", "b"), ("three", "c")):
        await locks.acquire(owner, key, EXCLUSIVE)
    first = await waiting(locks, "one", "b", EXCLUSIVE)
    second = await waiting(locks, "two", "c", EXCLUSIVE)
    with pytest.raises(TransactionConflict):
        await locks.acquire("three", "a", EXCLUSIVE)
    locks.release("three")
    await second
    locks.release("two")
    await first


async def test_two_sharers_cannot_both_become_exclusive() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", SHARED)
    await locks.acquire("two", "zone", SHARED)
    upgrade = await waiting(locks, "one", "zone", EXCLUSIVE)
    with pytest.raises(TransactionConflict):
        await locks.acquire("two", "zone", EXCLUSIVE)
    locks.release("two")
    await upgrade


async def test_a_wait_that_is_cancelled_leaves_no_trace() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", EXCLUSIVE)
    second = await waiting(locks, "two", "zone", EXCLUSIVE)
    third = await waiting(locks, "three", "zone", EXCLUSIVE)
    second.cancel()
    # Let go before the cancelled one has run: it must not be handed the lock for good.
    locks.release("one")
    with pytest.raises(asyncio.CancelledError):
        await second
    await asyncio.wait_for(third, 1)


async def test_one_cancelled_just_as_it_is_granted_still_lets_go() -> None:
    locks = LockTable()
    await locks.acquire("one", "zone", EXCLUSIVE)
    second = await waiting(locks, "two", "zone", EXCLUSIVE)
    locks.release("one")
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    locks.release("two")
    await asyncio.wait_for(locks.acquire("three", "zone", EXCLUSIVE), 1)


async def test_one_lock_can_be_let_go_alone() -> None:
    locks = LockTable()
    await locks.acquire("one", "left", EXCLUSIVE)
    await locks.acquire("one", "right", EXCLUSIVE)
    locks.release_one("one", "left")
    assert not locks.holds("one", "left")
    assert locks.holds("one", "right")
    locks.release("one")
    locks.release("one")
    await locks.acquire("two", "right", EXCLUSIVE)
