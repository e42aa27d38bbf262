"""What a collector has from ``muster serve``, and what becomes of a server without one."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.orders import a_booking, a_zone
from tests.e2e.processes import call, eventually, running
from tests.telemetry.collector import Collector, attributes_of, collecting

ENABLED = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry",
    "MUSTER_HTTP__DRAIN_SECONDS": "0",
    "MUSTER_TELEMETRY__TRACES": "otlp",
    "MUSTER_TELEMETRY__METRICS": "otlp",
    "OTEL_TRACES_SAMPLER_ARG": "1",
}


def below(spans: list[Span], parent: Span) -> list[Span]:
    return [span for span in spans if span.parent_span_id == parent.span_id]


def booking_trace(collector: Collector) -> tuple[Span, list[Span]]:
    """The span of the request that booked, and all of its trace."""
    spans = collector.spans()
    (root,) = [span for span in spans if span.name == "POST /v1/bookings"]
    return root, [span for span in spans if span.trace_id == root.trace_id]


def test_a_collector_has_the_traces_and_the_numbers(
    home: Path, empty_database: Callable[[], str]
) -> None:
    with collecting() as collector:
        settings = {
            **ENABLED,
            "DATABASE_URL": empty_database(),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=of-the-collector",
        }
        with running(home, "serve", settings=settings) as server:
            address = server.address()
            assert call(f"{address}/v1/zones", a_zone()).status == 201
            booked = call(f"{address}/v1/bookings", a_booking())
            assert booked.body["status"] == "ASSIGNED"
            assert server.end() == 0
    assert {sent.path for sent in collector.sent} == {"/v1/traces", "/v1/metrics"}
    assert {sent.headers["api-key"] for sent in collector.sent} == {"of-the-collector"}
    root, spans = booking_trace(collector)
    assert (root.kind, root.parent_span_id) == (Span.SPAN_KIND_SERVER, b"")
    (use_case,) = below(spans, root)
    assert attributes_of(use_case.attributes)["muster.booking_id"] == booked.body["id"]
    assert attributes_of(use_case.attributes)["muster.outcome"] == "ASSIGNED"
    kinds = {span.kind for span in below(spans, use_case)}
    assert kinds == {Span.SPAN_KIND_CLIENT}
    assert any(span.name == "INSERT bookings" for span in below(spans, use_case))
    numbers = collector.last_numbers()
    outcome = frozenset({("change", "PLACE"), ("outcome", "ASSIGNED")})
    assert numbers["muster_assignment_outcomes_total", outcome] == 1
    booked_201 = frozenset({("method", "POST"), ("route", "/v1/bookings"), ("status", "201")})
    assert numbers["muster_http_request_duration_seconds_count", booked_201] == 1


def test_a_collector_that_never_answers_stops_nothing(
    home: Path, empty_database: Callable[[], str]
) -> None:
    errors = home / "errors"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {
            **ENABLED,
            "DATABASE_URL": empty_database(),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "MUSTER_TELEMETRY__PUSH_SECONDS": "0.1",
        }
        with running(home, "serve", settings=settings, errors=errors) as server:
            address = server.address()
            assert call(f"{address}/v1/zones", a_zone()).status == 201
            assert call(f"{address}/v1/bookings", a_booking()).body["status"] == "ASSIGNED"
            assert eventually(lambda: "telemetry_not_sent" in errors.read_text())
            assert server.end() == 0
    lines = errors.read_text().splitlines()
    told = [json.loads(line)["what"] for line in lines if "telemetry_not_sent" in line]
    assert "metrics" in told
    assert len(set(told)) == len(told)
    assert not [line for line in lines if "Traceback" in line or "opentelemetry.exporter" in line]
