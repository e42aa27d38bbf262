"""HTTP/1 as the server reads it: what cannot be read is answered by the envelope, too.

Uvicorn answers parser failures in plain text, keeps a header that never ends in memory, waits for
a request for as long as it takes, and reads the rest of a refused body for as long as it comes.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import structlog
from litestar.types import HTTPScope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from muster.http.answer_headers import Completion, scope_of_the_unread
from muster.http.correlation import choose_correlation_id
from muster.http.header_rules import (
    MOST_HEADER_BYTES,
    TOO_LARGE_HEADERS,
    TOO_LATE,
    UNREADABLE,
    Refusal,
)
from muster.runtime.patience import Patience
from muster.runtime.stand_ins import GentleTransport, Said, silent_cycle
from muster.runtime.unread_refusals import written_refusal

__all__ = ["FIRST_REQUEST_SECONDS", "LINGER_SECONDS", "MOST_DRAINED_BYTES", "EnvelopeProtocol"]

MOST_DRAINED_BYTES = 16_000_000
"""How much of a body that nobody wants is read, so that its sender sees the answer."""

LINGER_SECONDS = 5.0
"""How long a sender has for that."""

FIRST_REQUEST_SECONDS = 1.0
"""How long a connection that is new when the server stops has for its request."""

_VERSIONS = ("1.1", "1.0")

_log = structlog.get_logger("muster.access")


class Unspoken(ValueError):
    """The request is of a version or a size that is not spoken here; stops the parser."""


class EnvelopeProtocol(HttpToolsProtocol):
    """One connection.

    A message is open from its first byte to its last one. Whoever is refused in the middle of
    it gets the answer at once; then the writing half of the connection is closed, and what
    still comes is dropped: closed at once, the kernel would tell the sender of a reset, and
    the answer would be lost.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        now: Callable[[], datetime],
        new_correlation_id: Callable[[], str],
        complete: Completion,
        client_seconds: float,
    ) -> None:
        """Be ready for a connection.

        Args:
            config: Of the server.
            server_state: Of the server.
            app_state: Of the lifespan.
            _loop: The event loop, unless it is the running one.
            now: Returns the present UTC instant.
            new_correlation_id: Makes an id where the client sent none that is valid.
            complete: Completes the headers of every answer.
            client_seconds: How long a request may take to come in whole, and an answer to be
                taken.
        """
        super().__init__(config, server_state, app_state, _loop)
        self._now = now
        self._new_correlation_id = new_correlation_id
        self._complete = complete
        self._client_seconds = client_seconds
        self._patience: Patience
        self._received = 0
        self._mark = 0  # of what was received, when a message began or a part of a body came
        self._drained = 0
        self._open = False
        self._headed = False  # the open message has a cycle
        self._deaf = False
        self._broken = UNREADABLE  # what to say of a failure of the parser
        self._lingering: asyncio.TimerHandle | None = None
        self._gentle: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._gentle = cast("asyncio.Transport", GentleTransport(transport, self._close))
        self._patience = Patience(self.loop, transport, self._client_seconds, self._be_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        self._gentle = None
        self._patience.end()
        if self._lingering is not None:
            self._lingering.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._deaf:
            self._drain(len(data))
            return
        self._received += len(data)
        super().data_received(data)
        self._patience.client_is_awaited(self._client_is_awaited)
        if self._open and not self._deaf:
            self._watch(len(data))

    def pause_writing(self) -> None:
        """Hear that more waits to be taken than is kept."""
        super().pause_writing()
        self._patience.output_is_full(True)

    def resume_writing(self) -> None:
        """Hear that it was taken."""
        super().resume_writing()
        self._patience.output_is_full(False)

    def _be_late(self) -> None:
        """Give up a request that is not whole yet."""
        if self._open and not self._deaf and not (self._headed and self.cycle.response_complete):
            self._refuse(TOO_LATE)
        else:
            self.transport.close()

    def _watch(self, size: int) -> None:
        """Look at a message that is not whole yet."""
        if self._headed and self.cycle.response_complete:
            self._drain(size)
        elif self._received - self._mark > MOST_HEADER_BYTES:
            # Headers, trailers or the extensions of a chunk: they are no part of a body.
            self._refuse(TOO_LARGE_HEADERS)

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser cannot read."""
        self._refuse(self._broken)

    def on_message_begin(self) -> None:
        """Open a message."""
        super().on_message_begin()
        self._mark = self._received
        self._drained = 0
        self._open = True
        self._headed = False
        self._patience.begin_anew()

    def on_headers_complete(self) -> None:
        """Start the app, or queue for it.

        Raises:
            Unspoken: The parser lets other versions and longer paths pass.
        """
        if len(self.url) > MOST_HEADER_BYTES:
            self._broken = TOO_LARGE_HEADERS
            raise Unspoken
        if self.parser.get_http_version() not in _VERSIONS:
            raise Unspoken
        super().on_headers_complete()
        assert self._gentle is not None, "the connection was made"
        self.cycle.transport = self._gentle
        self._headed = True
        # What comes into this list now is trailers, which nobody could tell from headers.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Hand on a part of the body."""
        self._mark = self._received
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Close a message."""
        self._open = False
        super().on_message_complete()
        if self._idle:
            self._patience.begin_anew()

    def on_response_complete(self) -> None:
        """Go on to what was asked behind it, or wait for it."""
        super().on_response_complete()
        if self._open:
            # Uvicorn would close a connection that is idle, even in the middle of a request. Once
            # that is whole, this one idles for ``client_seconds`` instead of the keep-alive time.
            self._unset_keepalive_if_required()
        self._patience.client_is_awaited(self._client_is_awaited)

    def shutdown(self) -> None:
        """Stop after the answer to what was begun; every answer says so from now on.

        Uvicorn's own cuts off who has connected and not yet been read.
        """
        if self._lingering is not None:
            self.transport.close()
        elif self._idle and self._received:
            self._close_unless_written_to()
        elif self._idle:
            self.loop.call_later(FIRST_REQUEST_SECONDS, self._close_unless_written_to)

    @property
    def _idle(self) -> bool:
        """Whether nothing is asked, and everything answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return not self._open and (cycle is None or cycle.response_complete)

    @property
    def _client_is_awaited(self) -> bool:
        """Whether it is the client's turn; not while what it asks stands behind something else."""
        return not self._deaf and (self._idle or (self._open and not self.pipeline))

    def _close_unless_written_to(self) -> None:
        if not self._idle or self.transport.is_closing():
            return
        waiting = select.poll()
        waiting.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        if not waiting.poll(0):
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what was received last by a refusal, after all that was asked before it."""
        correlation_id = self._correlation_id()
        _log.info("request_refused", correlation_id=correlation_id, code=refusal.code)
        answer = self._written(refusal, correlation_id)
        cycle = cast("RequestResponseCycle | None", self.cycle)
        self._deaf = True
        if cycle is None or cycle.response_complete:
            self._write_last(answer)
        elif not (self._open and self._headed):
            self.pipeline.appendleft((self._silent_cycle(), Said(self._write_last, answer)))
        elif self.pipeline:
            cycle.disconnected = True
            self.pipeline[0] = cycle, Said(self._write_last, answer)
        elif cycle.response_started:
            self.transport.close()
        else:
            cycle.disconnected = True
            cycle.message_event.set()
            self._write_last(answer)

    def _correlation_id(self) -> str:
        if not self._open:
            return self._new_correlation_id()
        return choose_correlation_id(cast("HTTPScope", self.scope), self._new_correlation_id)

    def _written(self, refusal: Refusal, correlation_id: str) -> bytes:
        known = self.scope if self._open else {"client": self.client, "scheme": self.scheme}
        scope = scope_of_the_unread(known)
        return written_refusal(refusal, scope, correlation_id, self._now(), self._complete)

    def _silent_cycle(self) -> RequestResponseCycle:
        """Return a place in the queue for a request that has no head."""
        self.cycle = silent_cycle(self)
        return self.cycle

    def _write_last(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self.transport.write(answer)
            self._linger()

    def _close(self) -> None:
        """Close the connection after an answer."""
        if self._open:
            self._linger()
        else:
            self.transport.close()

    def _linger(self) -> None:
        """Say that no more is written, and drop for a while what still comes."""
        self._deaf = True
        self.pipeline.clear()
        if self.transport.is_closing():
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _drain(self, size: int) -> None:
        self._drained += size
        if self._drained > MOST_DRAINED_BYTES:
            self.transport.close()
