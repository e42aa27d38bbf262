"""What the tests of jobs share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.jobs.stage import Stage, staged


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stage(clean_database: str) -> AsyncIterator[Stage]:
    async with staged(clean_database) as stage:
        yield stage
