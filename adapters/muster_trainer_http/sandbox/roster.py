"""The trainers that somebody gave the sample service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from muster.domain.trainers import Trainer
from muster_trainer_http.bulk_wire import TrainerNotTheContract, read_trainer
from muster_trainer_http.sandbox.queries import BulkQuery

__all__ = ["Roster", "RosterRefused", "matches", "read_trainers"]


class RosterRefused(ValueError):
    """Something is no JSON array of the contract's trainers; the message says where."""


def read_trainers(body: bytes) -> list[Trainer]:
    """Read a JSON array of trainers in the shape of the bulk contract.

    Raises:
        RosterRefused: It is no array, or one of them does not validate.
    """
    try:
        raws = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (ValueError, RecursionError) as refused:
        raise RosterRefused(f"not a JSON array of trainers: {refused}") from None
    trainers = []
    for number, raw in enumerate(raws, start=1):
        try:
            trainers.append(read_trainer(raw))
        except TrainerNotTheContract as refused:
            raise RosterRefused(f"trainer {number}: {refused}") from None
    return trainers


class Roster:
    """Trainers by their ids."""

    def __init__(self, trainers: Iterable[Trainer] = ()) -> None:
        """Begin with some trainers."""
        self._trainers: dict[UUID, Trainer] = {}
        self.replace(trainers)

    def __len__(self) -> int:
        return len(self._trainers)

    def __iter__(self) -> Iterator[Trainer]:
        return iter(sorted(self._trainers.values(), key=lambda one: one.id.int))

    def get(self, trainer_id: UUID) -> Trainer | None:
        """Return the trainer of an id, if there is one."""
        return self._trainers.get(trainer_id)

    def replace(self, trainers: Iterable[Trainer]) -> None:
        """Forget everyone and take these."""
        self._trainers = {}
        self.add(trainers)

    def add(self, trainers: Iterable[Trainer]) -> None:
        """Take these too; one whose id is known takes the other's place."""
        for trainer in trainers:
            self._trainers[trainer.id] = trainer

    def teaches(self, zone_id: UUID, course_id: UUID) -> bool:
        """Return whether anybody here, of whatever operator, has this zone and course."""
        return any(
            zone_id in trainer.zone_ids and course_id in trainer.certified_courses
            for trainer in self._trainers.values()
        )

    def matching(self, query: BulkQuery) -> list[Trainer]:
        """Return everyone whom the filters let through, whatever the page."""
        return [trainer for trainer in self._trainers.values() if matches(trainer, query)]


def matches(trainer: Trainer, query: BulkQuery) -> bool:
    """Return whether the filters of a question let a trainer through."""
    return (
        (query.any_franchise or trainer.franchise_id == query.franchise_id)
        and (query.zone_id is None or query.zone_id in trainer.zone_ids)
        and (query.course_id is None or query.course_id in trainer.certified_courses)
        and (query.active is None or trainer.active is query.active)
        and (query.ids is None or trainer.id in query.ids)
    )
