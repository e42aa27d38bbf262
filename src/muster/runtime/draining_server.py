"""One server process: uvicorn with a drain delay before it stops.

Uvicorn refuses new connections at once on SIGTERM. Whoever sends requests here learns of
that only by ``/ready``, and needs a moment to.
"""

from __future__ import annotations

import asyncio
import math
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from muster.http.readiness import Readiness
from muster.runtime.asgi import MusterAsgi
from muster.runtime.settings import HttpSettings

__all__ = ["DrainingServer"]


class DrainingServer(uvicorn.Server):
    """Serves an app until SIGTERM or SIGINT.

    The first signal makes it unready at once. It goes on serving through the drain delay,
    then closes its socket and finishes what is in flight. A second SIGINT ends it at once.
    """

    def __init__(
        self, app: MusterAsgi, settings: HttpSettings, started: Callable[[], object]
    ) -> None:
        """Serve an app.

        Args:
            app: What answers.
            settings: The delays.
            started: Called once, when requests are answered.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                loop="uvloop",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=math.ceil(settings.grace_seconds),
            )
        )
        self._readiness: Readiness = app.readiness
        self._drain_seconds = settings.drain_seconds
        self._tell_started = started
        self._drained_at: float | None = None

    def run_to_exit_code(self, listener: socket.socket) -> int:
        """Serve on a bound socket, and return the process's exit code."""
        try:
            self.run(sockets=[listener])
        except SystemExit:
            # What uvicorn raises when the app could not be opened; it has logged why.
            return 1
        return 128 + signal.SIGINT if self.force_exit else 0

    def drain(self) -> None:
        """Be unready from now on, and stop after the drain delay."""
        if self._drained_at is None:
            self._readiness.begin_draining()
            self._drained_at = time.monotonic() + self._drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app and begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._tell_started()

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop, asked ten times a second."""
        drained = self._drained_at is not None and time.monotonic() >= self._drained_at
        return await super().on_tick(counter) or drained

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is in flight, unless a second SIGINT comes."""
        ending = asyncio.create_task(super().shutdown(sockets))
        while not ending.done():
            if self.force_exit:
                ending.cancel()
            await asyncio.wait({ending}, timeout=0.05)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain at the first signal; end at once at another SIGINT."""
        # Uvicorn's own would remember the signal and raise it again at the end, and so
        # make the exit code of an orderly end that of a kill.
        if self._drained_at is None:
            self.drain()
        elif sig == signal.SIGINT:
            self.should_exit = self.force_exit = True
