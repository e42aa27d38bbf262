"""What the tests of the trainer directory share."""

from __future__ import annotations

import pytest

from muster.ports.trainer_directory import TrainerQuestion
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT, new_id


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AN_INSTANT)


@pytest.fixture
def question() -> TrainerQuestion:
    return TrainerQuestion(franchise_id=new_id(), zone_id=new_id(), course_id=new_id())
