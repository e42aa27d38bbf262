"""``GET /metrics``, for whoever scrapes."""

from __future__ import annotations

import asyncio
import ipaddress
from secrets import compare_digest
from typing import Any, ClassVar

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST

from muster.domain.errors import DomainError
from muster_telemetry.gauge_readings import GaugeReadings
from muster_telemetry.instruments import Instruments

__all__ = ["ScrapeRefused", "metrics_route"]


class ScrapeRefused(DomainError):
    """Whoever asks for metrics may not see them."""

    code: ClassVar[str] = "UNAUTHENTICATED"


def metrics_route(
    instruments: Instruments, gauges: GaugeReadings, token: str | None
) -> HTTPRouteHandler:
    """Return the route.

    Args:
        instruments: What is shown.
        gauges: Read before they are shown.
        token: What a scraper must send; without one, only this machine is answered.
    """

    @get("/", media_type=MediaType.TEXT, include_in_schema=False)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        _refuse_strangers(request, token)
        await gauges.read()
        text = await asyncio.to_thread(instruments.text)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    return metrics


def _refuse_strangers(request: Request[Any, Any, Any], token: str | None) -> None:
    if token is not None:
        sent = request.headers.get("authorization", "")
        if not compare_digest(sent.encode("latin-1"), f"Bearer {token}".encode()):
            raise ScrapeRefused("Metrics need their token.")
    elif not _is_of_this_machine(request):
        raise ScrapeRefused("Metrics without a token are shown on the same machine alone.")


def _is_of_this_machine(request: Request[Any, Any, Any]) -> bool:
    # Through a proxy on this machine everybody would be of this machine.
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
