"""Faults planted in either adapter: a state machine finds each within an ordinary run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyFailure

from muster.testing.machines.concurrent import ConcurrentMachine
from muster_memory.booking_reader import MemoryBookingReader
from muster_memory.schedule import MemorySchedule
from muster_postgres.errors import StatementRefused
from tests.conformance import memory_faults, postgres_faults
from tests.properties.test_life_of_bookings import Life
from tests.stores_of_machines import Ground, open_ground, play

Plant = Callable[[pytest.MonkeyPatch], None]

# Nothing is made smaller or kept: that a fault is found is all that is asked.
ORDINARY = settings(
    max_examples=16,
    stateful_step_count=25,
    phases=[Phase.generate],
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

whole_release = MemorySchedule.release
whole_line = MemoryBookingReader.line


def one_session_not_freed(patch: pytest.MonkeyPatch) -> None:
    """A release of several sessions forgets the last."""

    async def release(self: MemorySchedule, session_ids: Sequence[UUID]) -> int:
        return await whole_release(self, session_ids[: max(1, len(session_ids) - 1)])

    patch.setattr(MemorySchedule, "release", release)


def last_come_first(patch: pytest.MonkeyPatch) -> None:
    """A line is answered from its end."""

    async def line(self: MemoryBookingReader, zone_id: UUID, course_id: UUID) -> tuple[UUID, ...]:
        return (await whole_line(self, zone_id, course_id))[::-1]

    patch.setattr(MemoryBookingReader, "line", line)


one_slot_not_freed = postgres_faults.rewriting(
    "WHERE live AND session_id = ANY ($1::uuid[])",
    "WHERE live AND session_id = ANY ($1::uuid[]) AND session_id <> ($1::uuid[])[1]",
)
"""A release of sessions forgets the first."""


@pytest.fixture(scope="module")
def ground(database_url: str) -> Iterator[Ground]:
    with open_ground(database_url) as ground:
        yield ground


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(one_session_not_freed, id="memory: a session keeps its time"),
        pytest.param(memory_faults.sessions_not_replaced, id="memory: sessions stay"),
        pytest.param(last_come_first, id="memory: the line is turned round"),
        pytest.param(one_slot_not_freed, id="PostgreSQL: a session keeps its time"),
        pytest.param(postgres_faults.times_not_replaced, id="PostgreSQL: old times stay"),
        pytest.param(
            postgres_faults.freeing_the_trainers_whole_time, id="PostgreSQL: too much is freed"
        ),
    ],
)
def test_the_life_of_bookings_shows_it(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, plant: Plant
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        play(Life, ground, 1, ORDINARY)


def test_commands_at_once_show_a_missing_lock(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_faults.bookings_without_a_lock(monkeypatch)
    # A unique index may tell first; and what depends on a race need not happen again.
    with pytest.raises((AssertionError, StatementRefused, FlakyFailure)):
        play(ConcurrentMachine, ground, 1, settings(ORDINARY, max_examples=60))
