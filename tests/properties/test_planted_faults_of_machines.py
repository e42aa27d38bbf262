"""Faults planted in adapters, use cases and rules: a state machine finds each.

In the adapters, houses come to differ; in the use cases and the rules all houses are wrong
alike, and only the properties can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from msgspec.structs import replace

from muster.application.placement import AssignmentRules, PlacementDesk
from muster.domain.assignment import Judgement
from muster.domain.bookings import Purchase
from muster.domain.eligibility import ELIGIBILITY_RULES
from muster.domain.placement import Placement, placement_of
from muster.domain.trainers import Trainer
from muster.testing.machines import houses
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
    max_examples=40,
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


def cancelled_bookings_keep_their_time(patch: pytest.MonkeyPatch) -> None:
    """The slots of a cancelled booking stay live."""
    patch.setattr("muster.application.cancel_booking.sessions_let_go", lambda before, after: ())


def named_without_the_rules(patch: pytest.MonkeyPatch) -> None:
    """Whoever is named takes sessions over, whatever the rules say."""
    whole = PlacementDesk.judge_placement

    async def judged(
        self: PlacementDesk, placement: Placement, trainers: Sequence[Trainer], *rest: Any
    ) -> Judgement:
        anybody = [replace(one, leave=(), weekly_hours=None, location=None) for one in trainers]
        return await whole(self, placement, anybody if len(trainers) == 1 else trainers, *rest)

    patch.setattr(PlacementDesk, "judge_placement", judged)


def exclusions_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Whom the client excludes may take sessions over later."""

    def placement(purchase: Purchase, *rest: Any) -> Placement:
        return placement_of(replace(purchase, excluded_trainer_ids=()), *rest)

    patch.setattr("muster.application.later_placement.placement_of", placement)


def without_the_rule(name: str) -> Plant:
    """Judge by all rules but one."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        others = tuple(rule for rule in ELIGIBILITY_RULES if rule.name != name)
        patch.setattr(houses, "AssignmentRules", lambda: AssignmentRules(eligibility=others))

    return plant


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
        pytest.param(cancelled_bookings_keep_their_time, id="use case: a cancelled booking"),
        pytest.param(named_without_the_rules, id="use case: whoever is named"),
        pytest.param(exclusions_forgotten, id="use case: the excluded"),
        pytest.param(without_the_rule("ON_LEAVE"), id="rule: leave"),
        pytest.param(without_the_rule("TOO_FAR"), id="rule: distance"),
        pytest.param(without_the_rule("OUT_OF_ZONE"), id="rule: zone"),
        pytest.param(without_the_rule("TOO_MANY_CERTIFICATIONS"), id="rule: certifications"),
        pytest.param(without_the_rule("OUTSIDE_HOURS"), id="rule: hours"),
        pytest.param(without_the_rule("NOT_CERTIFIED"), id="rule: course"),
        pytest.param(without_the_rule("INACTIVE"), id="rule: active"),
        pytest.param(without_the_rule("OPERATOR_MISMATCH"), id="rule: operator"),
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
    # A unique index may tell first; and what depends on a race need not happen again, so that
    # a second look at a failure may go another way.
    with pytest.raises((AssertionError, StatementRefused, Flaky)):
        play(ConcurrentMachine, ground, 1, settings(ORDINARY, max_examples=60))
