"""Memory and PostgreSQL in lockstep through the whole life of bookings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from muster.testing.machines.booking_rules import BookingRules
from muster.testing.machines.surrounding_rules import SurroundingRules
from tests.stores_of_machines import Ground, open_ground, play


class Life(BookingRules, SurroundingRules):
    """Every command there is."""


@pytest.fixture(scope="module")
def ground(database_url: str) -> Iterator[Ground]:
    with open_ground(database_url) as ground:
        yield ground


# In halves, so that two workers share the 1,000 examples of a deep run.
@pytest.mark.parametrize("half", [1, 2])
def test_memory_and_postgres_live_the_same_life(
    ground: Ground, pytestconfig: pytest.Config, half: int
) -> None:
    deep = pytestconfig.getoption("--deep")
    bounds = settings(max_examples=500 if deep else 20, stateful_step_count=50 if deep else 25)
    play(Life, ground, f"{pytestconfig.option.hypothesis_seed} {half}", bounds)
