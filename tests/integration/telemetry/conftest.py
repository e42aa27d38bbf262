"""What the tests of telemetry share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server_home() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter; pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="muster-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)
