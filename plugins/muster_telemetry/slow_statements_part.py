"""Slow statements, where they are watched for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muster.plugin_api import Layer, LifespanStep, PortLookup, PortWrapper
from muster.ports.observation import OBSERVER, Observer
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster_telemetry.part import Part
from muster_telemetry.settings import TelemetrySettings
from muster_telemetry.slow_statements import SlowStatements, SlowStatementsObserver

__all__ = ["SlowStatementsPart"]


class SlowStatementsPart(Part):
    """Wraps the observer by one that times statements, and logs those that take long."""

    def __init__(self, settings: TelemetrySettings) -> None:
        """Prepare.

        Args:
            settings: From when on a statement is slow.
        """
        self._slow_ms = settings.slow_statement_ms
        self._slow = SlowStatements()

    def wrappers(self) -> Sequence[PortWrapper[Any]]:
        """Return the wrapper that times statements."""
        return [PortWrapper(OBSERVER, Layer.TELEMETRY, "slow_statements", self._timed)]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what logs them with their plans."""
        return [
            LifespanStep("slow statements", lambda ports: self._slow.told(ports.get(UNIT_OF_WORK)))
        ]

    def _timed(self, inner: Observer, ports: PortLookup) -> Observer:
        return SlowStatementsObserver(inner, self._slow_ms, self._slow.take)
