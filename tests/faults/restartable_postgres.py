"""A PostgreSQL of a test's own that can be stopped and started again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from muster.runtime.embedded_postgres import _Server, running_postgres
from muster.runtime.postgres_binaries import find_binaries

_QUICK = {
    # It is a process that dies here, never the machine; but a commit that was told must last.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
}


class RestartablePostgres:
    """The embedded server, stopped as an operator or a crash would."""

    def __init__(self, home: Path, url: str) -> None:
        self.url = url
        self._server = _Server.at(home.resolve(), find_binaries())

    def stop(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop: every session is ended in order, or all processes quit as in a crash."""
        stopped = self._server._run(
            "pg_ctl", "stop", "-w", "-m", mode, "-t", "30", *self._server._where()
        )
        assert stopped.returncode == 0, stopped.stdout

    def start(self) -> None:
        """Start, recover if need be, and return once it answers."""
        assert self._server.ensure_running(_QUICK) == self.url


@contextmanager
def restartable_postgres(home: Path) -> Iterator[RestartablePostgres]:
    with running_postgres(home, settings=_QUICK) as url:
        yield RestartablePostgres(home, url)
