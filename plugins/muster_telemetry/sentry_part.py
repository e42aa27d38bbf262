"""Error reports to Sentry, where a DSN is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sentry_sdk.transport import Transport

from muster.plugin_api import Layer, LifespanStep, PortLookup, PortWrapper
from muster.ports.observation import OBSERVER, Observer
from muster_telemetry.error_reports import ErrorReports, RouteObserver
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

    def wrappers(self) -> Sequence[PortWrapper[Any]]:
        """Return the wrapper that knows the route of a request."""
        return [PortWrapper(OBSERVER, Layer.TELEMETRY, "error_reports", self._routed)]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what sends reports."""
        return [LifespanStep("error reports", lambda _: self._reports.opened())]

    def _routed(self, inner: Observer, ports: PortLookup) -> Observer:
        return RouteObserver(inner, self._reports.send)
