"""The metrics of the catalogue as instruments of ``prometheus_client``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from muster_telemetry.metric_catalogue import CATALOGUE, GAUGES, PREFIX, Metric, MetricKind
from muster_telemetry.shared_files import SharedFiles
from muster_telemetry.timings import Timings

__all__ = ["Instruments"]


class Instruments:
    """One set for each app.

    Where ``PROMETHEUS_MULTIPROC_DIR`` names a directory, all server processes write there and
    each shows what all of them have counted, as ``prometheus_client`` documents it; a gauge then
    has a label ``pid``.

    Attributes:
        own: What this process has counted.
    """

    def __init__(self) -> None:
        """Make every instrument, at zero.

        Raises:
            CompositionError: The directory cannot be made.
        """
        self._files = SharedFiles.chosen()
        self._first = _First()
        self.own = own = CollectorRegistry()
        own.register(self._first)
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Timings] = {}
        self._gauges: dict[str, Gauge] = {}
        for metric in (*CATALOGUE, *GAUGES):
            self._make(metric, own)
        self._shown: CollectorRegistry = own
        if self._files is not None:
            self._shown = CollectorRegistry()
            self._shown.register(self._first)
            MultiProcessCollector(self._shown)  # type: ignore[no-untyped-call]

    def counter(self, name: str) -> Counter:
        """Return a counter of the catalogue."""
        return self._counters[name]

    def histogram(self, name: str) -> Timings:
        """Return a histogram of the catalogue."""
        return self._histograms[name]

    def gauge(self, name: str) -> Gauge | None:
        """Return a gauge of the catalogue; ``None`` where it has none of that name."""
        return self._gauges.get(name)

    def before_each_reading(self, act: Callable[[], None]) -> None:
        """Do something whenever numbers are read, before they are, in the thread that reads."""
        self._first.acts.append(act)

    def text(self) -> bytes:
        """Return what a scraper reads; it takes milliseconds, and any thread may ask."""
        if self._files is not None:
            self._files.forget_the_dead()
        return generate_latest(self._shown)

    def forget(self, gauge: Gauge) -> None:
        """Take back all readings of a gauge that has a label. A command."""
        if self._files is None:
            gauge.clear()
            return
        # From the files nothing can be taken away.
        for sample in (sample for metric in gauge.collect() for sample in metric.samples):
            gauge.labels(**sample.labels).set(nan)

    def _make(self, metric: Metric, registry: CollectorRegistry) -> None:
        name = PREFIX + metric.name
        if metric.kind is MetricKind.COUNTER:
            self._counters[metric.name] = Counter(
                name, metric.meaning, metric.labels, registry=registry
            )
            for labels in metric.from_zero:
                self._counters[metric.name].labels(*labels)
        elif metric.kind is MetricKind.HISTOGRAM:
            self._histograms[metric.name] = Timings(
                name, metric.meaning, metric.labels, buckets=metric.buckets, registry=registry
            )
        else:
            self._gauges[metric.name] = Gauge(
                name, metric.meaning, metric.labels, registry=registry, multiprocess_mode="liveall"
            )


class _First(Collector):
    """Has no numbers of its own; a registry asks its collectors in the order of registration."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []

    def collect(self) -> Iterable[Family]:
        for act in self.acts:
            act()
        return ()
