"""Sending unexpected errors to Sentry: heard as log records, held until their route is known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar, Token
from importlib.metadata import version

from sentry_sdk import Client
from sentry_sdk.transport import Transport

from muster.plugin_api import CompositionError
from muster.ports.observation import Activity, RequestActivity
from muster_telemetry.error_events import Event, event_of
from muster_telemetry.listening import Listener
from muster_telemetry.records import Ear, Record

__all__ = ["ErrorReports", "RouteListener"]

_GRACE_SECONDS = 2.0
_THEIR_OWN = "sentry_sdk"
"""What the library itself logs; to report that would go round in a circle."""


class _Held:
    """The errors of one request, until it has been answered and the route is known."""

    __slots__ = ("events", "over", "token")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.over = False
        self.token: Token[_Held | None] | None = None


_HELD: ContextVar[_Held | None] = ContextVar("muster_telemetry_errors", default=None)


class ErrorReports(logging.Handler):
    """Reports log records of errors that carry an exception.

    It has a client of its own: nothing global is set up, no integration switched on.
    """

    def __init__(self, dsn: str, transport: Transport | None = None) -> None:
        """Prepare; nothing is sent before ``opened``.

        Args:
            dsn: Of the project at Sentry.
            transport: Sends instead of Sentry's own; for tests.
        """
        super().__init__(logging.ERROR)
        self._dsn = dsn
        self._transport = transport
        self._client: Client | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hear errors while the context is open, then send what is left.

        Raises:
            CompositionError: The DSN is none.
        """
        self._client = client = _client(self._dsn, self._transport)
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)
            self._client = None
            await asyncio.to_thread(client.close, _GRACE_SECONDS)

    def emit(self, record: logging.LogRecord) -> None:
        """Report a record; within a request, once that has ended."""
        client = self._client
        if client is None or record.name.partition(".")[0] == _THEIR_OWN:
            return
        try:
            event = event_of(record, client.options)
        except Exception:  # noqa: BLE001 - a report that fails must not fail the request
            self.handleError(record)
            return
        if event is None:
            return
        held = _HELD.get()
        if held is None or held.over:
            self.send(event)
        else:
            held.events.append(event)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Keep quiet: logging's own way would show the record before redaction."""

    def send(self, event: Event) -> None:
        """Send an event, from a thread of the client's. A command; it never waits."""
        if self._client is not None:
            self._client.capture_event(event)  # type: ignore[arg-type] # of the same fields


class RouteListener(Listener):
    """Lets the errors of a request go with its route."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        """Look at requests.

        Args:
            send: Takes an event, at once.
        """
        self._send = send

    def ear_of_begins(self, kind: type[Activity]) -> Ear | None:
        """Return what begins to hold the errors of a request."""
        return _hold if kind is RequestActivity else None

    def ear_of_ends(self, kind: type[Activity]) -> Ear | None:
        """Return what lets them go."""
        return self._let_go if kind is RequestActivity else None

    def _let_go(self, record: Record) -> None:
        held = _HELD.get()
        assert held is not None
        assert held.token is not None
        _HELD.reset(held.token)
        held.over = True
        answered = record.answered
        for event in held.events:
            if answered is not None and answered.route is not None:
                event["tags"]["route"] = answered.route
            self._send(event)


def _hold(record: Record) -> None:
    held = _Held()
    held.token = _HELD.set(held)


def _client(dsn: str, transport: Transport | None) -> Client:
    try:
        return Client(
            dsn=dsn,
            transport=transport,
            release=f"muster@{version('muster')}",
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            send_client_reports=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            # Its environment variable would send everything to a second place.
            spotlight=False,
        )
    except ValueError:
        # What is wrong with it would quote it, and it is a secret.
        raise CompositionError(
            "SENTRY_DSN is no DSN; copy it from the project's settings at Sentry."
        ) from None
