"""What stands beside the example is of another distribution, with tests of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

collect_ignore = ["example_plugin"]


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter; pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="muster-plugins-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)
