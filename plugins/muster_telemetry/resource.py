"""What tells the telemetry of one process from that of all others."""

from __future__ import annotations

import os
import socket

from opentelemetry.sdk.resources import Attributes, Resource

from muster_telemetry.settings import TelemetrySettings

__all__ = ["resource_of"]


def resource_of(settings: TelemetrySettings) -> Resource:
    """Return the resource of this process, with what ``OTEL_RESOURCE_ATTRIBUTES`` adds.

    In a container the process number is always the same, and on one machine the host name is.
    """
    found = Resource.create(
        {
            "service.name": settings.service_name,
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
        }
    )
    return _HashedOnce(found.attributes, found.schema_url)


class _HashedOnce(Resource):
    """Exporters ask for the hash with every span, and OpenTelemetry writes JSON for it."""

    def __init__(self, attributes: Attributes, schema_url: str) -> None:
        super().__init__(attributes, schema_url)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)
