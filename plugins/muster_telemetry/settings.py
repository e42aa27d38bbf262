"""The settings of telemetry."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from msgspec import Struct

from muster.plugin_api import setting

__all__ = ["MetricsExport", "TelemetrySettings", "TraceExport"]

_SHORTEST_TOKEN = 16


class TraceExport(Enum):
    """Where traces go."""

    OFF = "off"
    CONSOLE = "console"
    OTLP = "otlp"


class MetricsExport(Enum):
    """How metrics leave."""

    OFF = "off"
    PROMETHEUS = "prometheus"
    CONSOLE = "console"
    OTLP = "otlp"


class TelemetrySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is traced and measured, and where it goes."""

    service_name: Annotated[
        str,
        setting(
            "By which traces and metrics are told from those of other services.",
            env="OTEL_SERVICE_NAME",
        ),
    ] = "muster"
    traces: Annotated[
        TraceExport,
        setting("Where traces go: 'off', 'console' (standard error) or 'otlp'."),
    ] = TraceExport.OFF
    sample_share: Annotated[
        float,
        setting(
            "Which share of the requests is traced; one that fails always is, and one that "
            "continues somebody's trace is as that says.",
            env="OTEL_TRACES_SAMPLER_ARG",
            ge=0,
            le=1,
        ),
    ] = 0.1
    metrics: Annotated[
        MetricsExport,
        setting(
            "How metrics leave: 'off', 'prometheus' (scraped from /metrics), 'console' or 'otlp'."
        ),
    ] = MetricsExport.PROMETHEUS
    metrics_token: Annotated[
        str | None,
        setting(
            "What a scraper of /metrics sends as 'Authorization: Bearer …'; unset, only clients "
            "on the same machine are answered.",
            secret=True,
        ),
    ] = None
    gauge_seconds: Annotated[
        float, setting("How often pools, breakers and backlogs are read, in seconds.", ge=0.1)
    ] = 5.0
    push_seconds: Annotated[
        float, setting("How often metrics are sent by 'console' and 'otlp', in seconds.", ge=0.1)
    ] = 15.0
    otlp_endpoint: Annotated[
        str,
        setting(
            "Where the OTLP collector listens over HTTP, without /v1/traces or /v1/metrics.",
            env="OTEL_EXPORTER_OTLP_ENDPOINT",
        ),
    ] = "http://localhost:4318"
    otlp_headers: Annotated[
        dict[str, str],
        setting(
            "What is sent to the collector beside them, such as a token (name=value).",
            env="OTEL_EXPORTER_OTLP_HEADERS",
            secret=True,
        ),
    ] = {}
    slow_statement_ms: Annotated[
        float,
        setting(
            "From how many milliseconds on a statement is logged with its plan; 0 never.", ge=0
        ),
    ] = 100.0
    sentry_dsn: Annotated[
        str | None,
        setting(
            "Where unexpected errors are reported, scrubbed; unset reports none.",
            env="SENTRY_DSN",
            secret=True,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: The token could be guessed.
        """
        if self.metrics_token is not None and len(self.metrics_token) < _SHORTEST_TOKEN:
            raise ValueError(f"the token needs at least {_SHORTEST_TOKEN} characters")
