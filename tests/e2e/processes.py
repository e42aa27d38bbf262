"""``muster`` as real processes, and what they leave behind."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

MUSTER = (sys.executable, "-m", "muster.runtime.cli")
_OURS = ("MUSTER_", "TRAINER_", "DATABASE_URL", "REDIS_URL", "COV_")
PATIENCE_SECONDS = 60


class Answer(NamedTuple):
    status: int
    body: Any


def environ(home: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing set except where data and temporary files stand, a free port, and open doors.

    Who is let in otherwise is what ``test_closed_doors.py`` is about.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {
        **kept,
        "MUSTER_EMBEDDED__DATA_DIRECTORY": str(home / "data"),
        "MUSTER_HTTP__PORT": "0",
        "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http",
        "TMPDIR": str(home),
        **(settings or {}),
    }


def run(
    home: Path, *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*MUSTER, *arguments],
        env=environ(home, settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


class Running:
    """A command that is running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def await_line(self, part: str) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            line = self._lines.get(timeout=left)
            if line is None:
                break
            if part in line:
                return line
        raise AssertionError(f"no line with {part!r} in {self.output}")

    def address(self) -> str:
        return self.await_line(" listens at ").split(" listens at ")[1].split()[0]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.output.append(line)
                self._lines.put(line)
        self._lines.put(None)


@contextmanager
def running(
    home: Path,
    *arguments: str,
    settings: Mapping[str, str] | None = None,
    errors: Path | None = None,
) -> Iterator[Running]:
    """Keep a command running; kill it if the test does not end it.

    Its standard error is the test's own, or goes into a file.
    """
    with ExitStack() as stack:
        process = subprocess.Popen(
            [*MUSTER, *arguments],
            env=environ(home, settings),
            stdout=subprocess.PIPE,
            stderr=None if errors is None else stack.enter_context(errors.open("w")),
            text=True,
            start_new_session=True,
        )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()


def call(url: str, body: object = None, token: str | None = None) -> Answer:
    """Ask like a simple client; GET without a body, POST with one."""
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers=({} if body is None else {"Content-Type": "application/json"})
        | ({} if token is None else {"Authorization": f"Bearer {token}"}),
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Answer(answer.status, json.load(answer))
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, json.load(refused))


def left_behind(home: Path) -> list[str]:
    """Processes that work for this home: PostgreSQL by its arguments, ours by their environment."""
    return [
        arguments
        for directory in Path("/proc").glob("[0-9]*")
        if (arguments := _read(directory / "cmdline"))
        and str(home) in arguments + _read(directory / "environ")
        and directory.name != str(os.getpid())
    ]


def workers(home: Path) -> list[int]:
    """The server processes of ``serve --workers``."""
    return [
        int(directory.name)
        for directory in Path("/proc").glob("[0-9]*")
        if "serving_worker" in _read(directory / "cmdline")
        and str(home) in _read(directory / "environ")
    ]


def eventually(true: Any) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
