"""The conformance suite of the store of snapshots."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from muster.domain.geography import Point
from muster.domain.trainers import Leave, Trainer, WeeklyHours
from muster.ports.snapshot_store import AgingSnapshot, Snapshot, SnapshotStore
from muster.ports.trainer_directory import TrainerQuestion
from muster.testing.examples import AN_INSTANT, a_trainer, new_id
from muster.testing.suites.port_suite import PortSuite

__all__ = ["SnapshotStoreSuite"]


class SnapshotStoreSuite(PortSuite):
    """Holds a ``SnapshotStore`` to its port.

    Fixture to override: ``snapshots``, an empty one.
    """

    @pytest.fixture
    def snapshots(self) -> SnapshotStore:
        """The store under test, empty."""
        raise NotImplementedError("override the fixture snapshots")

    async def test_nothing_is_kept_for_a_new_question(self, snapshots: SnapshotStore) -> None:
        """``load`` returns ``None``."""
        assert await snapshots.load(_question()) is None

    async def test_an_answer_comes_back_exactly(self, snapshots: SnapshotStore) -> None:
        """Every field of every trainer, what is missing and what is empty told apart."""
        question = _question()
        snapshot = _kept(_trainers(question))
        await snapshots.save(question, snapshot)
        kept = await snapshots.load(question)
        assert kept is not None
        assert kept.as_of == snapshot.as_of
        assert _by_id(kept.trainers) == _by_id(snapshot.trainers)
        assert len(kept.trainers) == len(snapshot.trainers)

    async def test_an_empty_answer_is_an_answer(self, snapshots: SnapshotStore) -> None:
        """That there is no trainer is kept; it is not the same as nothing."""
        question = _question()
        await snapshots.save(question, _kept(()))
        assert await snapshots.load(question) == _kept(())

    async def test_the_newest_is_kept(self, snapshots: SnapshotStore) -> None:
        """A newer answer replaces an older one, and an older one replaces nothing."""
        question = _question()
        old, middle, new = (
            _kept((a_trainer(),), AN_INSTANT + timedelta(microseconds=late)) for late in (0, 1, 2)
        )
        for saved, kept in ((middle, middle), (old, middle), (new, new), (middle, new)):
            await snapshots.save(question, saved)
            assert await snapshots.load(question) == kept

    async def test_saving_twice_is_saving_once(self, snapshots: SnapshotStore) -> None:
        """``save`` is idempotent."""
        question, snapshot = _question(), _kept((a_trainer(),))
        await snapshots.save(question, snapshot)
        await snapshots.save(question, snapshot)
        assert await snapshots.load(question) == snapshot

    async def test_of_two_of_one_age_the_last_is_kept(self, snapshots: SnapshotStore) -> None:
        """Only a newer answer stays; neither of two of the same instant is newer."""
        question = _question()
        first, last = (_kept((a_trainer(),)) for _ in range(2))
        for saved in (first, last):
            await snapshots.save(question, saved)
            assert await snapshots.load(question) == saved

    async def test_an_old_answer_is_returned_however_old(self, snapshots: SnapshotStore) -> None:
        """Whether it is fresh enough is not the store's to say."""
        question = _question()
        ancient = _kept((), AN_INSTANT - timedelta(days=36_500))
        await snapshots.save(question, ancient)
        assert await snapshots.load(question) == ancient

    async def test_an_answer_is_for_exactly_its_question(self, snapshots: SnapshotStore) -> None:
        """Another operator, zone or course is another question."""
        questions = [_question()]
        questions += [
            replace(questions[0], franchise_id=None),
            replace(questions[0], franchise_id=new_id()),
            replace(questions[0], zone_id=new_id()),
            replace(questions[0], course_id=new_id()),
            replace(questions[0], course_id=None),
            replace(questions[0], course_id=None, franchise_id=None),
        ]
        answers = [_kept((a_trainer(),)) for _ in questions]
        for place, (question, answer) in enumerate(zip(questions, answers, strict=True)):
            await snapshots.save(question, answer)
            assert await snapshots.load(question) == answer
            for later in questions[place + 1 :]:
                assert await snapshots.load(later) is None
        equal = [replace(question) for question in questions]
        assert [await snapshots.load(question) for question in equal] == answers

    async def test_saved_at_once_the_newest_is_kept(self, snapshots: SnapshotStore) -> None:
        """Whatever the order in which servers save."""
        question = _question()
        answers = [
            _kept((a_trainer(),), AN_INSTANT + timedelta(seconds=number * 7 % 10))
            for number in range(10)
        ]
        await asyncio.gather(*(snapshots.save(question, answer) for answer in answers))
        newest = max(answers, key=lambda answer: answer.as_of)
        assert await snapshots.load(question) == newest

    async def test_when_it_was_asked_never_goes_back(self, snapshots: SnapshotStore) -> None:
        """The later of two counts, whichever answer is kept."""
        question, minute = _question(), timedelta(minutes=1)
        first = _kept((a_trainer(),))
        await snapshots.save(question, first)
        await snapshots.mark_asked(question, AN_INSTANT + 2 * minute)
        await snapshots.mark_asked(question, AN_INSTANT + minute)
        asked = AN_INSTANT + 2 * minute
        assert await snapshots.load(question) == replace(first, asked_at=asked)
        renewed = Snapshot((a_trainer(),), AN_INSTANT + 3 * minute, AN_INSTANT)
        await snapshots.save(question, renewed)
        assert await snapshots.load(question) == replace(renewed, asked_at=asked)
        late = Snapshot((a_trainer(),), AN_INSTANT + minute, AN_INSTANT + 5 * minute)
        await snapshots.save(question, late)
        assert await snapshots.load(question) == replace(renewed, asked_at=late.asked_at)

    async def test_what_has_no_answer_is_not_marked(self, snapshots: SnapshotStore) -> None:
        """A mark makes no snapshot, and is of exactly its question."""
        question, other = _question(), _question()
        kept = _kept((a_trainer(),))
        await snapshots.save(other, kept)
        await snapshots.mark_asked(question, AN_INSTANT + timedelta(days=1))
        assert await snapshots.load(question) is None
        assert await snapshots.load(other) == kept

    async def test_what_gets_old_the_oldest_first(self, snapshots: SnapshotStore) -> None:
        """Of what is still asked; the bounds are exact, and no more come than are asked for."""
        tick = datetime.resolution
        questions = [*(_question() for _ in range(4)), replace(_question(), course_id=None)]
        questions.append(replace(_question(), franchise_id=None))
        ages = (5, 3, 9, 4, 8, 7)
        for question, age in zip(questions, ages, strict=True):
            as_of = AN_INSTANT - timedelta(minutes=age)
            await snapshots.save(question, Snapshot((), as_of, AN_INSTANT))
        unwanted = _question()
        await snapshots.save(
            unwanted, Snapshot((), AN_INSTANT - timedelta(minutes=6), AN_INSTANT - tick)
        )
        before = AN_INSTANT - timedelta(minutes=4)
        oldest = [questions[place] for place in (2, 4, 5, 0)]
        found = await snapshots.aging(AN_INSTANT, before, 10)
        assert found == tuple(AgingSnapshot(question, AN_INSTANT) for question in oldest)
        assert await snapshots.aging(AN_INSTANT, before, 2) == found[:2]

    async def test_what_was_tried_in_vain_waits_its_turn(self, snapshots: SnapshotStore) -> None:
        """As if it had been answered then; tried earlier changes nothing, an answer does."""
        minute = timedelta(minutes=1)
        first, second, third = questions = [_question() for _ in range(3)]
        for question, age in zip(questions, (9, 8, 7), strict=True):
            await snapshots.save(question, Snapshot((), AN_INSTANT - age * minute, AN_INSTANT))
        kept = await snapshots.load(first)
        await snapshots.mark_tried(first, AN_INSTANT)
        await snapshots.mark_tried(first, AN_INSTANT - 10 * minute)
        await snapshots.mark_tried(second, AN_INSTANT - minute)
        await snapshots.mark_tried(_question(), AN_INSTANT)
        assert await snapshots.load(first) == kept
        assert await self._aging(snapshots) == [third, second, first]
        await snapshots.save(third, Snapshot((), AN_INSTANT + minute, AN_INSTANT))
        assert await self._aging(snapshots) == [second, first, third]

    async def _aging(self, snapshots: SnapshotStore) -> list[TrainerQuestion]:
        found = await snapshots.aging(AN_INSTANT, AN_INSTANT + timedelta(hours=1), 10)
        return [one.question for one in found]


def _kept(trainers: tuple[Trainer, ...], as_of: datetime = AN_INSTANT) -> Snapshot:
    return Snapshot(trainers, as_of, as_of)


def _question() -> TrainerQuestion:
    return TrainerQuestion(new_id(), new_id(), new_id())


def _trainers(question: TrainerQuestion) -> tuple[Trainer, ...]:
    return (
        a_trainer(
            name="Nārāyaṇī “N.”",
            franchise_id=question.franchise_id,
            zone_ids=frozenset({question.zone_id, new_id(), new_id()}),
            certified_courses=frozenset({question.course_id, new_id()}),
            location=Point(0.1 + 0.2, -179.99999999999997),
            weekly_hours=(WeeklyHours(7, 0, 1440), WeeklyHours(1, 480, 1080)),
            leave=(
                Leave(date(2027, 1, 1), date(2027, 1, 1)),
                Leave(date(2027, 2, 1), date(2027, 3, 1)),
            ),
        ),
        a_trainer(active=False, updated_at=None, location=None, weekly_hours=None),
        a_trainer(weekly_hours=()),
    )


def _by_id(trainers: tuple[Trainer, ...]) -> dict[object, Trainer]:
    return {trainer.id: trainer for trainer in trainers}
