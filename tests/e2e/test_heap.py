"""What a server has made at its start is not looked through for garbage while it answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.processes import running

AT_EXIT = """
import atexit, gc, os, pathlib

def tell():
    pathlib.Path({home!r}, f"{{os.getpid()}}.frozen").write_text(str(gc.get_freeze_count()))

atexit.register(tell)
"""
OF_A_START = 50_000
"""Objects; there are about three times as many."""


@pytest.mark.parametrize("workers", [1, 2])
def test_the_heap_of_every_server_process_is_settled(
    home: Path, database_url: str, workers: int
) -> None:
    site = home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(AT_EXIT.format(home=str(home)))
    settings = {
        "DATABASE_URL": database_url,
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        "MUSTER_HTTP__DRAIN_SECONDS": "0",
        "PYTHONPATH": str(site),
    }
    with running(home, "serve", "--workers", str(workers), settings=settings) as server:
        server.address()
        assert server.end() == 0
    counts = [int(file.read_text()) for file in home.glob("*.frozen")]
    assert len([one for one in counts if one > OF_A_START]) == workers, counts
