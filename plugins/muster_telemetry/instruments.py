"""The metrics of the catalogue as instruments of ``prometheus_client``."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from muster_telemetry.metric_catalogue import CATALOGUE, GAUGES, PREFIX, Metric, MetricKind

__all__ = ["Instruments"]

_SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Instruments:
    """One set for each app.

    Where ``PROMETHEUS_MULTIPROC_DIR`` names a directory, all server processes write there and
    each shows what all of them have counted, as ``prometheus_client`` documents it; a gauge then
    has a label ``pid``.

    Attributes:
        registry: What is shown.
        own: What this process has counted.
    """

    def __init__(self) -> None:
        """Make every instrument, at zero."""
        self.own = own = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        self._gauges: dict[str, Gauge] = {}
        for metric in (*CATALOGUE, *GAUGES):
            self._make(metric, own)
        self.registry: CollectorRegistry = own
        if os.environ.get(_SHARED):
            self.registry = CollectorRegistry()
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]

    def counter(self, name: str) -> Counter:
        """Return a counter of the catalogue."""
        return self._counters[name]

    def histogram(self, name: str) -> Histogram:
        """Return a histogram of the catalogue."""
        return self._histograms[name]

    def gauge(self, name: str) -> Gauge | None:
        """Return a gauge of the catalogue; ``None`` where it has none of that name."""
        return self._gauges.get(name)

    def _make(self, metric: Metric, registry: CollectorRegistry) -> None:
        name = PREFIX + metric.name
        if metric.kind is MetricKind.COUNTER:
            self._counters[metric.name] = Counter(
                name, metric.meaning, metric.labels, registry=registry
            )
        elif metric.kind is MetricKind.HISTOGRAM:
            self._histograms[metric.name] = Histogram(
                name, metric.meaning, metric.labels, buckets=metric.buckets, registry=registry
            )
        else:
            self._gauges[metric.name] = Gauge(
                name, metric.meaning, metric.labels, registry=registry, multiprocess_mode="liveall"
            )
