"""Slow statements, where they are watched for."""

from __future__ import annotations

from collections.abc import Sequence

from muster.plugin_api import LifespanStep, PortLookup
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster_telemetry.listening import Listener
from muster_telemetry.part import Part
from muster_telemetry.settings import TelemetrySettings
from muster_telemetry.slow_statements import SlowStatementListener, SlowStatements

__all__ = ["SlowStatementsPart"]


class SlowStatementsPart(Part):
    """Listens to statements, and logs those that take long."""

    def __init__(self, settings: TelemetrySettings) -> None:
        """Prepare.

        Args:
            settings: From when on a statement is slow.
        """
        self._slow_ms = settings.slow_statement_ms
        self._slow = SlowStatements()

    def listeners(self, ports: PortLookup) -> Sequence[Listener]:
        """Return who takes the time of statements."""
        return [SlowStatementListener(self._slow_ms, self._slow.take)]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what logs them with their plans."""
        return [
            LifespanStep("slow statements", lambda ports: self._slow.told(ports.get(UNIT_OF_WORK)))
        ]
