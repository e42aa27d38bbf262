"""Whether this server can do its work: each dependency asked, each with a timeout."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import structlog
from msgspec import Struct

from muster.plugin_api.contributions import HealthCheck, HealthReport, HealthStatus
from muster.plugin_api.lookup import PortLookup

__all__ = ["CheckResult", "Readiness", "Verdict"]

_log = structlog.get_logger(__name__)


class CheckResult(Struct, frozen=True):
    """What one check found, and how long it took in milliseconds."""

    report: HealthReport
    critical: bool
    latency_ms: float


class Verdict(Struct, frozen=True):
    """All of it together: ``ready``, ``degraded``, ``unavailable`` or ``draining``."""

    status: str
    checks: dict[str, CheckResult]


class Readiness:
    """Asks the health checks, and remembers whether this server is going."""

    def __init__(self, checks: Sequence[HealthCheck], ports: PortLookup) -> None:
        """Ask these checks, with these ports."""
        self._checks = checks
        self._ports = ports
        self._draining = False

    def begin_draining(self) -> None:
        """Be unready from now on; requests are still answered."""
        self._draining = True

    @property
    def draining(self) -> bool:
        """Whether this server is going."""
        return self._draining

    async def verdict(self) -> Verdict:
        """Ask every dependency at once and judge.

        Who is going says so at once: a dependency that hangs must not hold that up.
        """
        if self._draining:
            return Verdict("draining", {})
        found = await asyncio.gather(*(self._asked(check) for check in self._checks))
        results = {check.name: result for check, result in zip(self._checks, found, strict=True)}
        return Verdict(self._status(results), results)

    def _status(self, results: dict[str, CheckResult]) -> str:
        if self._draining:
            return "draining"
        states: dict[bool, set[Any]] = {True: set(), False: set()}
        for result in results.values():
            states[result.critical].add(result.report.status)
        if HealthStatus.DOWN in states[True]:
            return "unavailable"
        if (states[True] | states[False]) - {HealthStatus.UP}:
            return "degraded"
        return "ready"

    async def _asked(self, check: HealthCheck) -> CheckResult:
        began = perf_counter()
        try:
            async with asyncio.timeout(check.timeout_seconds):
                report = await check.check(self._ports)
        except TimeoutError:
            report = HealthReport(HealthStatus.DOWN, "It did not answer in time.")
        except Exception:  # noqa: BLE001 - whatever a check raises, its dependency is down
            _log.warning("health_check_failed", check=check.name, exc_info=True)
            report = HealthReport(HealthStatus.DOWN, "It cannot be asked.")
        return CheckResult(report, check.critical, round((perf_counter() - began) * 1000, 2))
