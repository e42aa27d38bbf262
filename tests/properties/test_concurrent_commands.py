"""Commands at the same time to PostgreSQL do what some order of one after the other does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from muster.testing.machines.concurrent import ConcurrentMachine
from tests.stores_of_machines import Ground, open_ground, play


@pytest.fixture(scope="module")
def ground(database_url: str) -> Iterator[Ground]:
    with open_ground(database_url) as ground:
        yield ground


def test_commands_at_once_have_a_serial_order(ground: Ground, pytestconfig: pytest.Config) -> None:
    deep = pytestconfig.getoption("--deep")
    bounds = settings(max_examples=200 if deep else 10, stateful_step_count=20 if deep else 10)
    ConcurrentMachine.sent = ConcurrentMachine.lost = 0
    play(ConcurrentMachine, ground, pytestconfig.option.hypothesis_seed, bounds)
    # Who may try again is rarely told so: the dispatcher has tried five times.
    assert ConcurrentMachine.lost <= ConcurrentMachine.sent / 50
