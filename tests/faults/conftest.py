"""What the faults share: asyncio, a seed, a home of their own."""

from __future__ import annotations

import random
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def chance(pytestconfig: pytest.Config) -> random.Random:
    """As the seed that the run prints says."""
    return random.Random(pytestconfig.option.hypothesis_seed or secrets.randbits(32))


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter; pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="muster-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)
