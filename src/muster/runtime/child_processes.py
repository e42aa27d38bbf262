"""Other processes of Muster, started by this one and ended with it."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

__all__ = ["ChildFailed", "ChildProcess", "running_child"]


_POLL_SECONDS = 0.05


def _go_on() -> None:
    """Never give up."""


class ChildFailed(Exception):
    """A process ended, or stayed silent, before it had said what was awaited.

    Attributes:
        exit_code: What it ended with; ``None`` where it did not end.
    """

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        """Say what happened."""
        super().__init__(message)
        self.exit_code = exit_code


class ChildProcess:
    """A Python process that holds on to this one by its standard input."""

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        *,
        name: str,
        errors: IO[Any] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Start it, in a session of its own: Ctrl-C in a terminal reaches the parent alone.

        Args:
            arguments: After ``python``.
            environ: Its whole environment.
            name: For messages.
            errors: Where its standard error goes; by default where ours goes.
            pass_fds: File descriptors that it inherits.
        """
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=pass_fds,
            start_new_session=True,
            text=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, name=f"reads {name}", daemon=True).start()

    @property
    def exit_code(self) -> int | None:
        """What it ended with; ``None`` while it runs."""
        return self._process.poll()

    def await_line(self, start: str, seconds: float, check: Callable[[], object] = _go_on) -> str:
        """Return the rest of the first line of its output that begins so.

        Args:
            start: How the line begins.
            seconds: How long to wait.
            check: Called again and again meanwhile; may raise to give up.

        Raises:
            ChildFailed: It ended, or the time ran out.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            check()
            try:
                line = self._lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                code = self._process.wait()
                raise ChildFailed(f"The {self.name} ended with {code} before it was ready.", code)
            if line.startswith(start):
                return line.removeprefix(start).strip()
        raise ChildFailed(f"The {self.name} was not ready within {seconds:g} s.")

    def wait(self, seconds: float, check: Callable[[], object] = _go_on) -> int:
        """Return its exit code when it has ended by itself.

        Args:
            seconds: How long to wait.
            check: Called again and again meanwhile; may raise to give up.

        Raises:
            ChildFailed: The time ran out.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            check()
            if (code := self.exit_code) is not None:
                return code
            time.sleep(_POLL_SECONDS)
        raise ChildFailed(f"The {self.name} did not end within {seconds:g} s.")

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def end(self, seconds: float) -> int:
        """Wait until it has ended, kill it when the time is over, and return its exit code."""
        try:
            code = self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self.let_go()
        return code

    def let_go(self) -> None:
        """Close the pipe that it holds on to; this happens by itself when this process ends."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _read(self) -> None:
        # Read to the end, so that the pipe never fills and stops the child.
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)


@contextmanager
def running_child(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    name: str,
    errors: IO[Any] | None = None,
    patience_seconds: float = 10,
) -> Iterator[ChildProcess]:
    """Keep a ``muster`` process running while the context is open.

    Args:
        arguments: Of ``muster``.
        environ: Its whole environment.
        name: For messages.
        errors: Where its standard error goes; by default where ours goes.
        patience_seconds: How long after SIGTERM it may take to end before it is killed.
    """
    command = ["-m", "muster.runtime.tethered", *arguments]
    child = ChildProcess(command, environ, name=name, errors=errors)
    try:
        yield child
    finally:
        child.ask_to_end()
        child.end(patience_seconds)
