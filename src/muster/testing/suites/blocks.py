"""The conformance suites of blocks of trainers' time: the repository and the reader."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from muster.domain.blocks import BlockPeriod, TrainerBlock
from muster.testing.examples import A_MONDAY, AN_INSTANT, a_trainer_block, new_id
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["BlockReaderSuite", "BlockRepositorySuite"]

_DAY = timedelta(days=1)


class BlockRepositorySuite(StoreSuite):
    """Holds a ``BlockRepository`` to its port."""

    async def test_what_was_added_is_got(self, store: StoreUnderTest) -> None:
        """Every field comes back as it was, in its own unit and in a later one."""
        blocks = _of_every_kind()
        async with store.unit_of_work() as unit:
            for block in blocks:
                await unit.blocks.add(block)
                assert await unit.blocks.get(block.id) == block
            await unit.commit()
        for block in blocks:
            async with store.unit_of_work() as unit:
                assert await unit.blocks.get(block.id) == block
                assert await unit.blocks.get(new_id()) is None

    async def test_a_removed_block_is_gone(self, store: StoreUnderTest) -> None:
        """For its own unit at once, for others from the commit on; only itself."""
        block, other = a_trainer_block(), a_trainer_block()
        await store.keep(block, other)
        async with store.unit_of_work() as unit:
            assert await unit.blocks.get(block.id) == block
            await unit.blocks.remove(block.id)
            assert await unit.blocks.get(block.id) is None
            assert await _listed(store, block) == (block,)
            await unit.commit()
        assert await _listed(store, block) == ()
        assert await _listed(store, other) == (other,)
        async with store.unit_of_work() as unit:
            assert await unit.blocks.get(block.id) is None
            assert await unit.blocks.get(other.id) == other

    async def test_it_is_removed_once(self, store: StoreUnderTest) -> None:
        """What is not there, or not any more, is not removed."""
        block = a_trainer_block()
        await store.keep(block)
        async with store.unit_of_work() as unit:
            await unit.blocks.get(block.id)
            await unit.blocks.remove(block.id)
            with pytest.raises(LookupError):
                await unit.blocks.remove(block.id)
        missing = new_id()
        async with store.unit_of_work() as unit:
            assert await unit.blocks.get(missing) is None
            with pytest.raises(LookupError):
                await unit.blocks.remove(missing)

    async def test_what_is_not_committed_did_not_happen(self, store: StoreUnderTest) -> None:
        """Neither an added block nor a removed one."""
        block, never = a_trainer_block(), a_trainer_block()
        await store.keep(block)
        async with store.unit_of_work() as unit:
            await unit.blocks.add(never)
            await unit.blocks.get(block.id)
            await unit.blocks.remove(block.id)
        assert await _listed(store, never) == ()
        assert await _listed(store, block) == (block,)

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_block_that_was_got_is_locked(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Of two units that want to remove it the second waits, and then finds what was left."""
        block = a_trainer_block()
        await store.keep(block)

        async def get() -> TrainerBlock | None:
            async with store.unit_of_work() as unit:
                return await unit.blocks.get(block.id)

        async with Rival[TrainerBlock | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.blocks.get(block.id)
                rival.start(get())
                assert await rival.waits()
                await unit.blocks.remove(block.id)
                assert await rival.waits()
                if committed:
                    await unit.commit()
            assert await rival.result() == (None if committed else block)


class BlockReaderSuite(StoreSuite):
    """Holds a ``BlockReader`` to its port."""

    async def test_both_days_are_included(self, store: StoreUnderTest) -> None:
        """A block is there when one of its periods has a day in the span."""
        trainer = new_id()
        days = (A_MONDAY, A_MONDAY + 3 * _DAY), (A_MONDAY + 10 * _DAY, A_MONDAY + 10 * _DAY)
        periods = tuple(BlockPeriod(first, last) for first, last in days)
        block = a_trainer_block(trainer_id=trainer, periods=periods)
        await store.keep(block)

        async def shown(first: int, last: int) -> bool:
            from_day, to_day = A_MONDAY + first * _DAY, A_MONDAY + last * _DAY
            found = await store.block_reader.of_trainer(trainer, from_day, to_day)
            assert found in ((), (block,))
            return found != ()

        assert await shown(-5, 0)
        assert not await shown(-5, -1)
        assert await shown(3, 4)
        # Between its periods the trainer teaches.
        assert not await shown(4, 9)
        assert await shown(4, 10)
        assert await shown(10, 10)
        assert not await shown(11, 400)
        assert await shown(1, 2)
        assert await shown(-100, 100)

    async def test_they_come_in_order_of_their_first_day(self, store: StoreUnderTest) -> None:
        """Then of their ids, whatever the order of adding; only the trainer's own."""
        trainer = new_id()

        def block(days: int) -> TrainerBlock:
            first = A_MONDAY + days * _DAY
            return a_trainer_block(
                trainer_id=trainer, periods=(BlockPeriod(first, A_MONDAY + 60 * _DAY),)
            )

        late, early, twin, middle = block(9), block(0), block(0), block(5)
        await store.keep(late, twin, middle, early, a_trainer_block())
        found = await store.block_reader.of_trainer(trainer, date.min, date.max)
        assert found == (early, twin, middle, late)

    async def test_it_shows_what_is_committed(self, store: StoreUnderTest) -> None:
        """Blocks come whole, from the commit on."""
        blocks = _of_every_kind()
        async with store.unit_of_work() as unit:
            for block in blocks:
                await unit.blocks.add(block)
                assert await _listed(store, block) == ()
            await unit.commit()
        for block in blocks:
            assert await _listed(store, block) == (block,)
        assert await store.block_reader.of_trainer(new_id(), date.min, date.max) == ()


async def _listed(store: StoreUnderTest, block: TrainerBlock) -> tuple[TrainerBlock, ...]:
    return await store.block_reader.of_trainer(block.trainer_id, date.min, date.max)


def _of_every_kind() -> list[TrainerBlock]:
    days = (A_MONDAY, A_MONDAY + 20 * _DAY)
    return [
        a_trainer_block(),
        a_trainer_block(reason=None, time_zone="America/Argentina/Buenos_Aires"),
        a_trainer_block(periods=(BlockPeriod(*days, "08:00", "12:30"),)),
        a_trainer_block(
            periods=(
                BlockPeriod(A_MONDAY, A_MONDAY, None, "09:00"),
                BlockPeriod(A_MONDAY, A_MONDAY, "21:15", None),
                BlockPeriod(date(2028, 2, 29), date(2028, 2, 29)),
            ),
            created_at=AN_INSTANT + timedelta(microseconds=1),
        ),
    ]
