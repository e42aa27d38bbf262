"""Routes that say how this server is."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get
from litestar.openapi import ResponseSpec

from muster import __version__
from muster.http.edge import HttpRequest
from muster.http.envelope import RETRY_AFTER_SECONDS
from muster.http.identification import PUBLIC
from muster.http.readiness import CheckResult
from muster.http.shapes.health import HealthShape, ReadyShape
from muster.http.vitals import Vitals

__all__ = ["Health"]

_PUBLIC = {PUBLIC: True}


class Health(Controller):
    """How this server is; whoever asks may know."""

    tags = ("Health",)

    @get("/health", operation_id="getHealth", summary="Does this server answer?", opt=_PUBLIC)
    async def health(self, request: HttpRequest) -> HealthShape:
        """Answer without touching anything."""
        vitals: Vitals = request.app.state.vitals
        now = vitals.now()
        return HealthShape("ok", vitals.uptime_seconds(now), __version__, now)

    @get(
        "/ready",
        operation_id="getReadiness",
        summary="Can this server do its work?",
        opt=_PUBLIC,
        responses={503: ResponseSpec(ReadyShape, False, "It cannot, or it is going")},
    )
    async def ready(self, request: HttpRequest) -> Response[ReadyShape]:
        """Ask every dependency; 503 while a critical one is down or this server is going."""
        vitals: Vitals = request.app.state.vitals
        verdict = await vitals.readiness.verdict()
        body = ReadyShape(
            status=verdict.status,
            checks={name: _shown(result) for name, result in verdict.checks.items()},
            timestamp=vitals.now(),
            version=__version__,
        )
        if verdict.status in ("ready", "degraded"):
            return Response(body)
        return Response(body, status_code=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _shown(result: CheckResult) -> dict[str, Any]:
    report = result.report
    shown: dict[str, Any] = {
        "status": report.status.value,
        "critical": result.critical,
        "latencyMs": result.latency_ms,
        **(report.details or {}),
    }
    if report.message is not None:
        shown["message"] = report.message
    return shown
