"""One server process: uvicorn with a drain delay before it stops.

Uvicorn refuses new connections at once on SIGTERM. Whoever sends requests here learns of
that only by ``/ready``, and needs a moment to.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any, cast

import click
import structlog
import uvicorn
from litestar.types import Receive, Scope, Send

from muster.application.identifiers import Identifiers
from muster.http.answer_headers import Completion
from muster.http.readiness import Readiness
from muster.plugin_api.errors import CompositionError
from muster.runtime.asgi import MusterAsgi
from muster.runtime.exit_codes import REFUSED
from muster.runtime.http_protocol import EnvelopeProtocol
from muster.runtime.settings import HttpSettings
from muster.runtime.system_ports import SystemClock, SystemEntropy

__all__ = ["UNDOING_SECONDS", "DrainingServer"]

UNDOING_SECONDS = 4.0
"""How long an end may take beside the drain delay and the grace time, in seconds.

For what is cancelled to undo itself, and for the app to close what it holds open.
"""

_LAST_SECONDS = 3.0
_POLL_SECONDS = 0.05

_log = structlog.get_logger(__name__)


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
        self._opening = _Opening(app)
        super().__init__(
            uvicorn.Config(
                self._opening,
                http=_protocol(app.complete, settings.client_seconds),
                loop="uvloop",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
            )
        )
        self._address = f"{settings.host} port {settings.port}"
        self._refusal: str | None = None
        self._readiness: Readiness = app.readiness
        self._drain_seconds = settings.drain_seconds
        self._grace_seconds = settings.grace_seconds
        self._tell_started = started
        self._drained_at: float | None = None

    def run_to_exit_code(self, listener: socket.socket) -> int:
        """Serve on a bound socket, and return the process's exit code."""
        try:
            self.run(sockets=[listener])
        except SystemExit:
            # What uvicorn raises when the app could not be opened; it has logged why,
            # except where that is no fault of the code.
            refusal = self._refusal or self._opening.refusal
            if refusal is None:
                return 1
            click.echo(f"Muster does not start. {refusal}", err=True)
            return REFUSED
        finally:
            # It has ended by itself; what was started around it may take its own time.
            signal.setitimer(signal.ITIMER_REAL, 0)
        return 128 + signal.SIGINT if self.force_exit else 0

    def drain(self) -> None:
        """Be unready from now on, and stop after the drain delay."""
        if self._drained_at is None:
            self._readiness.begin_draining()
            self._drained_at = time.monotonic() + self._drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app and begin to answer."""
        await super().startup(sockets)
        if not all(map(_listens, sockets or [])):
            # Two may have bound one address while neither listened; uvloop keeps silent.
            self._refusal = f"Another server listens on {self._address}."
            await self.lifespan.shutdown()
            sys.exit(1)
        if self._drained_at is None:
            self._tell_started()
        else:
            # Nobody has heard of this server yet, so nobody needs to hear that it is going.
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop, asked ten times a second."""
        drained = self._drained_at is not None and time.monotonic() >= self._drained_at
        return await super().on_tick(counter) or drained

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is in flight, unless a second SIGINT comes; then close the app.

        Uvicorn's own resets connections that wait to be accepted, and closes the app while
        what it has cancelled is still at work.
        """
        await self._stop_listening(sockets or [])
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._until(self._nothing_in_flight, self._grace_seconds)
        if self.force_exit:
            return
        undone_at = time.monotonic() + UNDOING_SECONDS
        if self.server_state.tasks:
            _log.warning("grace_time_over", requests=len(self.server_state.tasks))
            for task in list(self.server_state.tasks):
                task.cancel()
            # Half of the time: the app needs some, too.
            await self._until(lambda: not self.server_state.tasks, UNDOING_SECONDS / 2)
        closing = asyncio.create_task(self.lifespan.shutdown())
        await self._until(closing.done, undone_at - time.monotonic())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain at the first signal; end at once at another SIGINT."""
        # Uvicorn's own would remember the signal and raise it again at the end, and so
        # make the exit code of an orderly end that of a kill.
        if self._drained_at is None:
            self.drain()
            served = self._drain_seconds + self._grace_seconds + UNDOING_SECONDS
            _die_after(served if self.started else 0)
        elif sig == signal.SIGINT:
            self.should_exit = self.force_exit = True
            _die_after(0)

    async def _stop_listening(self, sockets: Sequence[socket.socket]) -> None:
        """Close the sockets, and take in who has connected before: the kernel would reset them."""
        waiting = [connected for listener in sockets for connected in _connected(listener)]
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        loop = asyncio.get_running_loop()
        for connected in waiting:
            await loop.connect_accepted_socket(self._new_connection, connected)

    def _new_connection(self) -> asyncio.Protocol:
        protocol: Any = self.config.http_protocol_class
        made: asyncio.Protocol = protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _nothing_in_flight(self) -> bool:
        return not (self.server_state.connections or self.server_state.tasks)

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        """Wait until something is true, the time is over, or a second SIGINT comes."""
        deadline = time.monotonic() + seconds
        while not (true() or self.force_exit) and time.monotonic() < deadline:  # noqa: ASYNC110 - uvicorn tells of nothing
            await asyncio.sleep(_POLL_SECONDS)


def _die_after(seconds: float) -> None:
    """Let the kernel end this process, a moment after it should have ended by itself.

    A thread that hangs, such as one that waits for another server's migration, would be waited
    for without end.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds + _LAST_SECONDS)


def _listens(listener: socket.socket) -> bool:
    # A socket that could not listen is closed already.
    return listener.fileno() >= 0 and bool(
        listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    )


def _connected(listener: socket.socket) -> list[socket.socket]:
    """Return the connections that wait to be accepted."""
    found = []
    try:
        while True:
            found.append(listener.accept()[0])
    except OSError:
        return found


def _protocol(complete: Completion, client_seconds: float) -> type[asyncio.Protocol]:
    """Return what makes the protocol of a connection, which uvicorn calls with keywords."""
    clock = SystemClock()
    identifiers = Identifiers(clock, SystemEntropy())
    made = partial(
        EnvelopeProtocol,
        now=clock.now,
        new_correlation_id=lambda: str(identifiers.new()),
        complete=complete,
        client_seconds=client_seconds,
    )
    return cast("type[asyncio.Protocol]", made)


class _Opening:
    """An app, and why it refused to open: a refusal is for whoever started it, not for the log.

    Attributes:
        refusal: What its lifespan raised; ``None`` while it raised none.
    """

    def __init__(self, app: MusterAsgi) -> None:
        self._app = app
        self.refusal: CompositionError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # type: ignore[comparison-overlap]
            await self._live(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        traceback: Any = None

        async def hold_back(message: Any) -> None:
            nonlocal traceback
            if message["type"] == "lifespan.startup.failed":
                traceback = message
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold_back)
        except BaseException as error:
            self.refusal = _refusal(error)
            if traceback is not None:
                if self.refusal is not None:
                    traceback["message"] = ""
                await send(traceback)
            raise


def _refusal(error: BaseException) -> CompositionError | None:
    """Return what an app was refused for, if nothing else went wrong; task groups wrap it."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error if isinstance(error, CompositionError) else None
