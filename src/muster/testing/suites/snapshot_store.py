"""The conformance suite of the store of snapshots."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from muster.domain.geography import Point
from muster.domain.trainers import Leave, Trainer, WeeklyHours
from muster.ports.snapshot_store import Snapshot, SnapshotStore
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
        snapshot = Snapshot(_trainers(question), AN_INSTANT)
        await snapshots.save(question, snapshot)
        kept = await snapshots.load(question)
        assert kept is not None
        assert kept.as_of == snapshot.as_of
        assert _by_id(kept.trainers) == _by_id(snapshot.trainers)
        assert len(kept.trainers) == len(snapshot.trainers)

    async def test_an_empty_answer_is_an_answer(self, snapshots: SnapshotStore) -> None:
        """That there is no trainer is kept; it is not the same as nothing."""
        question = _question()
        await snapshots.save(question, Snapshot((), AN_INSTANT))
        assert await snapshots.load(question) == Snapshot((), AN_INSTANT)

    async def test_the_newest_is_kept(self, snapshots: SnapshotStore) -> None:
        """A newer answer replaces an older one, and an older one replaces nothing."""
        question = _question()
        old, middle, new = (
            Snapshot((a_trainer(),), AN_INSTANT + timedelta(microseconds=late))
            for late in (0, 1, 2)
        )
        for saved, kept in ((middle, middle), (old, middle), (new, new), (middle, new)):
            await snapshots.save(question, saved)
            assert await snapshots.load(question) == kept

    async def test_saving_twice_is_saving_once(self, snapshots: SnapshotStore) -> None:
        """``save`` is idempotent."""
        question, snapshot = _question(), Snapshot((a_trainer(),), AN_INSTANT)
        await snapshots.save(question, snapshot)
        await snapshots.save(question, snapshot)
        assert await snapshots.load(question) == snapshot

    async def test_of_two_of_one_age_the_last_is_kept(self, snapshots: SnapshotStore) -> None:
        """Only a newer answer stays; neither of two of the same instant is newer."""
        question = _question()
        first, last = (Snapshot((a_trainer(),), AN_INSTANT) for _ in range(2))
        for saved in (first, last):
            await snapshots.save(question, saved)
            assert await snapshots.load(question) == saved

    async def test_an_old_answer_is_returned_however_old(self, snapshots: SnapshotStore) -> None:
        """Whether it is fresh enough is not the store's to say."""
        question = _question()
        ancient = Snapshot((), AN_INSTANT - timedelta(days=36_500))
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
        answers = [Snapshot((a_trainer(),), AN_INSTANT) for _ in questions]
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
            Snapshot((a_trainer(),), AN_INSTANT + timedelta(seconds=number * 7 % 10))
            for number in range(10)
        ]
        await asyncio.gather(*(snapshots.save(question, answer) for answer in answers))
        newest = max(answers, key=lambda answer: answer.as_of)
        assert await snapshots.load(question) == newest


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
