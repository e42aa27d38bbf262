"""Error reports to Sentry, where a DSN is set."""

from __future__ import annotations

from collections.abc import Sequence

from sentry_sdk.transport import Transport

from muster.plugin_api import LifespanStep, PortLookup
from muster_telemetry.error_reports import ErrorReports, RouteListener
from muster_telemetry.listening import Listener
from muster_telemetry.part import Part

__all__ = ["SentryPart"]


class SentryPart(Part):
    """Hears what is logged of unexpected errors, and reports it."""

    def __init__(self, dsn: str, transport: Transport | None = None) -> None:
        """Prepare; nothing is sent before the step is opened.

        Args:
            dsn: Of the project at Sentry.
            transport: Sends instead of Sentry's own; for tests.
        """
        self._reports = ErrorReports(dsn, transport)

    def listeners(self, ports: PortLookup) -> Sequence[Listener]:
        """Return who knows the route of a request."""
        return [RouteListener(self._reports.send)]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what sends reports."""
        return [LifespanStep("error reports", lambda _: self._reports.opened())]
