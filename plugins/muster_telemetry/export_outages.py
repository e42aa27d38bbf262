"""A collector that is away is told of once, however often sending to it fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

__all__ = ["ExportOutages"]

_log = structlog.get_logger(__name__)


class ExportOutages:
    """Turns successes and failures of sending into the log lines of an outage.

    OpenTelemetry's exporters log each attempt. What they say is kept back, and what they said
    first becomes the reason of the one line.
    """

    def __init__(self, what: str, exporter_log: str) -> None:
        """Begin without an outage.

        Args:
            what: Is sent: ``metrics`` or ``traces``.
            exporter_log: The name of the logger on which the exporter speaks.
        """
        self._what = what
        self._logger = logging.getLogger(exporter_log)
        self._away = False
        self._reason: str | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep back what the exporter logs, while the context is open."""
        self._logger.addFilter(self._keep_back)
        try:
            yield
        finally:
            self._logger.removeFilter(self._keep_back)

    def sent(self, succeeded: bool) -> None:
        """Hear how one attempt went. A command; it may come from any thread, one at a time."""
        if succeeded and self._away:
            _log.info("telemetry_sent_again", what=self._what)
        elif not succeeded and not self._away:
            _log.warning("telemetry_not_sent", what=self._what, reason=self._reason)
        self._away = not succeeded
        self._reason = None

    def _keep_back(self, record: logging.LogRecord) -> bool:
        self._reason = self._reason or record.getMessage()
        return False
