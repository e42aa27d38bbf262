"""What is counted in instruments of ``prometheus_client``, in OpenTelemetry's data model.

A metric keeps its name, without the ``_total`` of counters: a Prometheus that takes in OTLP adds
it again, so the same dashboards and alerts fit both ways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.samples import Sample

__all__ = ["Span", "metrics_data"]

_SCOPE = InstrumentationScope("muster")
_TEMPORALITY = AggregationTemporality.CUMULATIVE
_UNKNOWN: Any = None
"""Least and greatest value of a histogram: not counted, and OTLP may leave them out."""

_Labels: TypeAlias = tuple[tuple[str, str], ...]


class Span(Struct, frozen=True):
    """The time in which numbers were counted.

    Attributes:
        began_ns: UTC instant, in nanoseconds since 1970.
        until_ns: The same of its end.
    """

    began_ns: int
    until_ns: int


def metrics_data(registry: CollectorRegistry, resource: Resource, span: Span) -> MetricsData:
    """Return what a registry shows at this moment. A query; any thread may ask.

    Args:
        registry: Holds counters, gauges and histograms.
        resource: What tells this process from others.
        span: Since when it counts, and the present instant.
    """
    metrics = [metric for family in registry.collect() for metric in _metrics(family, span)]
    scope = ScopeMetrics(_SCOPE, metrics, schema_url="")
    return MetricsData([ResourceMetrics(resource, [scope], schema_url="")])


def _metrics(family: Family, span: Span) -> Iterator[Metric]:
    """Yield the metric; none where nothing was counted yet."""
    data: Sum | Gauge | Histogram
    if family.type == "histogram":
        data = Histogram(list(_histogram_points(family.samples, span)), _TEMPORALITY)
    elif family.type == "counter":
        counted = [sample for sample in family.samples if sample.name.endswith("_total")]
        data = Sum(_number_points(counted, span), _TEMPORALITY, is_monotonic=True)
    else:
        data = Gauge(_number_points(family.samples, span))
    if data.data_points:
        unit = "s" if family.name.endswith("_seconds") else ""
        yield Metric(family.name, family.documentation, unit, data)


def _number_points(samples: Iterable[Sample], span: Span) -> list[NumberDataPoint]:
    return [
        NumberDataPoint(sample.labels, span.began_ns, span.until_ns, sample.value)
        for sample in samples
    ]


def _histogram_points(samples: Iterable[Sample], span: Span) -> Iterator[HistogramDataPoint]:
    buckets: dict[_Labels, list[tuple[float, float]]] = defaultdict(list)
    sums: dict[_Labels, float] = {}
    for sample in samples:
        labels = _without_bound(sample.labels)
        if sample.name.endswith("_bucket"):
            buckets[labels].append((float(sample.labels["le"]), sample.value))
        elif sample.name.endswith("_sum"):
            sums[labels] = sample.value
    for labels, counted in buckets.items():
        counts = _single_counts(counted)
        yield HistogramDataPoint(
            dict(labels),
            span.began_ns,
            span.until_ns,
            count=sum(counts),
            sum=sums[labels],
            bucket_counts=counts,
            # What is above the last bound needs none.
            explicit_bounds=[bound for bound, _ in counted[:-1]],
            min=_UNKNOWN,
            max=_UNKNOWN,
        )


def _without_bound(labels: Mapping[str, str]) -> _Labels:
    return tuple((name, value) for name, value in labels.items() if name != "le")


def _single_counts(counted: Sequence[tuple[float, float]]) -> list[int]:
    """Return how many fell into each bucket; Prometheus counts in each also those below."""
    numbers = [int(number) for _, number in counted]
    return [number - below for number, below in zip(numbers, [0, *numbers], strict=False)]
