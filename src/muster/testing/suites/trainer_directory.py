"""The conformance suite of trainer directories."""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC
from typing import Protocol

import pytest

from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import (
    TrainerDirectory,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster.testing.examples import a_trainer, new_id
from muster.testing.suites.port_suite import PortSuite

__all__ = ["TrainerDirectorySuite", "TrainerService"]


class TrainerService(Protocol):
    """The service behind a directory, in a test's hand."""

    @abstractmethod
    async def admit(self, *trainers: Trainer) -> None:
        """Let the service know these trainers too."""

    @abstractmethod
    async def fail(self) -> None:
        """Let the service be unreachable from now on."""


class TrainerDirectorySuite(PortSuite):
    """Holds a ``TrainerDirectory`` that keeps no snapshots, or none yet, to its port.

    Fixtures to override: ``directory``, and ``service``, the service behind it, which
    knows nobody yet.
    """

    @pytest.fixture
    def directory(self) -> TrainerDirectory:
        """The directory under test."""
        raise NotImplementedError("override the fixture directory")

    @pytest.fixture
    def service(self) -> TrainerService:
        """The service that the directory asks."""
        raise NotImplementedError("override the fixture service")

    @pytest.mark.parametrize("of_franchise", [False, True], ids=["company", "franchise"])
    async def test_it_names_who_answers_to_the_question(
        self, directory: TrainerDirectory, service: TrainerService, of_franchise: bool
    ) -> None:
        """Each trainer once, whole; those of another operator, zone or course are left out."""
        course_id = new_id()
        question = TrainerQuestion(new_id() if of_franchise else None, new_id(), course_id)
        zones, courses = frozenset({question.zone_id}), frozenset({course_id})
        wanted = [
            a_trainer(
                franchise_id=question.franchise_id,
                zone_ids=zones | {new_id()},
                certified_courses=courses,
            )
            for _ in range(3)
        ]
        others = [
            a_trainer(franchise_id=new_id(), zone_ids=zones, certified_courses=courses),
            a_trainer(franchise_id=question.franchise_id, certified_courses=courses),
            a_trainer(franchise_id=question.franchise_id, zone_ids=zones),
        ]
        await service.admit(*wanted, *others)
        answer = await directory.candidates(question)
        assert sorted(answer.trainers, key=_id) == sorted(wanted, key=_id)
        assert answer.as_of.utcoffset() == UTC.utcoffset(None)

    async def test_without_a_course_it_names_all_of_the_zone(
        self, directory: TrainerDirectory, service: TrainerService
    ) -> None:
        """Whatever they are certified for; those of another operator or zone are left out."""
        question = TrainerQuestion(None, new_id(), None)
        zones = frozenset({question.zone_id})
        wanted = [
            a_trainer(zone_ids=zones, certified_courses=frozenset(courses))
            for courses in ([], [new_id()], [new_id(), new_id()])
        ]
        others = [a_trainer(), a_trainer(franchise_id=new_id(), zone_ids=zones)]
        await service.admit(*wanted, *others)
        answer = await directory.candidates(question)
        assert sorted(answer.trainers, key=_id) == sorted(wanted, key=_id)

    async def test_no_trainer_is_an_answer(
        self, directory: TrainerDirectory, service: TrainerService
    ) -> None:
        """Where the service says that there is nobody, the answer is empty."""
        answer = await directory.candidates(TrainerQuestion(None, new_id(), new_id()))
        assert answer.trainers == ()

    async def test_an_outage_is_never_an_empty_list(
        self, directory: TrainerDirectory, service: TrainerService
    ) -> None:
        """A service that cannot be asked is unavailable: nothing is said about trainers."""
        await service.fail()
        with pytest.raises(TrainerDirectoryUnavailable) as caught:
            await directory.candidates(TrainerQuestion(None, new_id(), new_id()))
        assert caught.value.retryable


def _id(trainer: Trainer) -> int:
    return trainer.id.int
