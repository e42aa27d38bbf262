"""Several server processes on one socket: started, watched, started again, ended."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Mapping

import structlog

from muster.runtime.child_processes import ChildFailed, ChildProcess
from muster.runtime.draining_server import UNDOING_SECONDS
from muster.runtime.exit_codes import REFUSED
from muster.runtime.interrupts import Interrupts
from muster.runtime.settings import HttpSettings

__all__ = ["READY", "WorkerProcesses"]

READY = "ready"
"""The line by which a server process says that it answers."""

_START_SECONDS = 60.0
_MARGIN_SECONDS = 1.0
_POLL_SECONDS = 0.1
_PAUSE_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class WorkerProcesses:
    """The server processes of ``muster serve --workers N``."""

    def __init__(
        self,
        settings: HttpSettings,
        environ: Mapping[str, str],
        listener: socket.socket,
        interrupts: Interrupts,
    ) -> None:
        """Be ready to start them.

        Args:
            settings: How many, and how long they may take to end.
            environ: Their environment, with every address filled in.
            listener: The socket that they share.
            interrupts: Says when to end.
        """
        self._settings = settings
        self._environ = environ
        self._listener = listener
        self._interrupts = interrupts
        self._workers: list[ChildProcess] = []
        self._due: dict[int, float] = {}

    def run(self, started: Callable[[], object]) -> int:
        """Keep them all running until a signal.

        The first one is awaited alone: it migrates, and says what speaks against a start.
        One that ends by itself later is started again, after a pause.

        Args:
            started: Called once, when the first ones answer.

        Returns:
            The exit code: 0, 130 after a second SIGINT, 2 where the first one has said why
            it must not start.

        Raises:
            ChildFailed: One of the first did not start.
            Interrupted: A signal came before all of them answered.
        """
        try:
            self._start_and_await(1)
            self._start_and_await(self._settings.workers - 1)
            started()
            while not self._interrupts.received:
                time.sleep(_POLL_SECONDS)
                self._replace_the_dead()
        except ChildFailed as failed:
            if failed.exit_code != REFUSED:
                raise
            return REFUSED
        finally:
            self._end()
        return 128 + signal.SIGINT if self._hurried() else 0

    def _start_and_await(self, number: int) -> None:
        begun = [self._start() for _ in range(number)]
        self._workers += begun
        for worker in begun:
            worker.await_line(READY, _START_SECONDS, self._interrupts.check)

    def _start(self) -> ChildProcess:
        handle = self._listener.fileno()
        return ChildProcess(
            ["-m", "muster.runtime.serving_worker", str(handle)],
            self._environ,
            name="server process",
            pass_fds=[handle],
        )

    def _replace_the_dead(self) -> None:
        for place, worker in enumerate(self._workers):
            if worker.exit_code is None:
                continue
            now = time.monotonic()
            if place not in self._due:
                _log.error("server_process_ended", exit_code=worker.end(0))
                self._due[place] = now + _PAUSE_SECONDS
            elif now >= self._due[place]:
                del self._due[place]
                self._workers[place] = self._start()

    def _end(self) -> None:
        # Else the kernel would go on taking connections that nobody answers.
        self._listener.close()
        for worker in self._workers:
            worker.ask_to_end()
        asked = self._settings.drain_seconds + self._settings.grace_seconds
        deadline = time.monotonic() + asked + UNDOING_SECONDS + _MARGIN_SECONDS
        while time.monotonic() < deadline and not self._hurried():
            if all(worker.exit_code is not None for worker in self._workers):
                break
            time.sleep(_POLL_SECONDS)
        for worker in self._workers:
            if worker.exit_code is None:
                _log.error("server_process_killed")
            worker.end(0)

    def _hurried(self) -> bool:
        return signal.SIGINT in self._interrupts.received[1:]
