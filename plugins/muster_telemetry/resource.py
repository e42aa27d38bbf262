"""What tells the telemetry of one process from that of all others."""

from __future__ import annotations

import os
import socket

from opentelemetry.sdk.resources import Resource

from muster_telemetry.settings import TelemetrySettings

__all__ = ["resource_of"]


def resource_of(settings: TelemetrySettings) -> Resource:
    """Return the resource of this process, with what ``OTEL_RESOURCE_ATTRIBUTES`` adds.

    In a container the process number is always the same, and on one machine the host name is.
    """
    return Resource.create(
        {
            "service.name": settings.service_name,
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
        }
    )
