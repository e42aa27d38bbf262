"""A collector of OTLP over HTTP, as small as can be."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Labels = frozenset[tuple[str, str]]
Numbers = dict[tuple[str, Labels], float]
"""What Prometheus would show: by the name of a sample and its labels."""


class Sent(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Collector:
    """What was sent, in order; ``status`` is what is answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.sent: list[Sent] = []

    def spans(self) -> list[Span]:
        return [
            span
            for sent in self.sent
            if sent.path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(sent.body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def last_metrics(self) -> list[Metric]:
        return [
            metric
            for resource in self.last_metrics_request().resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]

    def last_metrics_request(self) -> ExportMetricsServiceRequest:
        bodies = [sent.body for sent in self.sent if sent.path == "/v1/metrics"]
        request = ExportMetricsServiceRequest()
        request.ParseFromString(bodies[-1])
        return request

    def last_numbers(self) -> Numbers:
        return {key: number for one in self.last_metrics() for key, number in _numbers(one)}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Keep a collector on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            collector.sent.append(Sent(self.path, headers, body))
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def attributes_of(pairs: Iterable[KeyValue]) -> dict[str, str]:
    """Attributes that are words."""
    return {pair.key: pair.value.string_value for pair in pairs}


def _numbers(metric: Metric) -> Iterator[tuple[tuple[str, Labels], float]]:
    if metric.WhichOneof("data") == "histogram":
        for point in metric.histogram.data_points:
            yield from _bucket_numbers(metric.name, point)
        return
    kind, suffix = (metric.sum, "_total") if metric.HasField("sum") else (metric.gauge, "")
    for number in kind.data_points:
        labels = frozenset(attributes_of(number.attributes).items())
        yield (metric.name + suffix, labels), number.as_double


def _bucket_numbers(
    name: str, point: HistogramDataPoint
) -> Iterator[tuple[tuple[str, Labels], float]]:
    labels = frozenset(attributes_of(point.attributes).items())
    below = 0
    bounds = [*map(str, point.explicit_bounds), "+Inf"]
    for bound, count in zip(bounds, point.bucket_counts, strict=True):
        below += count
        yield (f"{name}_bucket", labels | {("le", bound)}), below
    yield (f"{name}_count", labels), point.count
    yield (f"{name}_sum", labels), point.sum
