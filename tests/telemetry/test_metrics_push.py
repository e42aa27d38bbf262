"""Metrics that are sent: to a collector by OTLP, or to the console."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from muster.testing import make_app
from muster_telemetry.instruments import Instruments
from muster_telemetry.metrics_part import MetricsPart
from muster_telemetry.metrics_push import MetricsPush, metric_exporter_of
from muster_telemetry.plugin import TelemetryPlugin
from muster_telemetry.resource import resource_of
from muster_telemetry.settings import MetricsExport, TelemetrySettings
from tests.telemetry.collector import Collector, Numbers, attributes_of, collecting


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def shown(registry: CollectorRegistry) -> Numbers:
    """What ``/metrics`` would show, but when each series began."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def settings_of(collector: Collector, **changes: Any) -> TelemetrySettings:
    return TelemetrySettings(
        metrics=MetricsExport.OTLP, otlp_endpoint=collector.url, push_seconds=0.1, **changes
    )


@asynccontextmanager
async def pushing(instruments: Instruments, settings: TelemetrySettings) -> Any:
    push = MetricsPush(
        instruments.own,
        metric_exporter_of(settings),
        resource_of(settings),
        settings.push_seconds,
    )
    async with push.opened():
        yield


async def until(true: Any) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


def test_a_collector_has_at_the_end_what_metrics_would_show(collector: Collector) -> None:
    app = make_app(
        [TelemetryPlugin],
        {
            "MUSTER_TELEMETRY__METRICS": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "MUSTER_TELEMETRY__PUSH_SECONDS": "3600",
        },
    )
    with app.client() as client:
        assert client.get("/v1/zones").status_code == 200
        assert client.get("/v1/zones/none").status_code == 400
        assert client.get("/metrics").status_code == 404
        assert collector.sent == []
    parts = app.plugin(TelemetryPlugin)._parts or ()
    (part,) = [part for part in parts if isinstance(part, MetricsPart)]
    expected = shown(part._instruments.own)
    assert collector.last_numbers() == expected
    kinds = {name.removeprefix("muster_").rpartition("_")[2] for name, _ in expected}
    assert {"total", "bucket", "sum", "count", "flight"} <= kinds


def test_every_number_is_the_same_as_shown(collector: Collector) -> None:
    instruments = Instruments()
    times = instruments.histogram("http_request_duration_seconds")
    for seconds in (0.0, 0.001, 0.0011, 0.7, 30.0, 31.0, 1e6):
        times.labels("GET", "/v1/zones", "200").observe(seconds)
        times.labels("GET", "/v1/zones", "404").observe(seconds / 3)
    instruments.histogram("assignment_candidates").observe(3)
    instruments.counter("errors").labels("NOT_FOUND").inc(7)
    instruments.counter("slot_conflicts").inc(2)
    pool = instruments.gauge("database_connections")
    assert pool is not None
    pool.labels("idle").set(4)

    async def send() -> None:
        async with pushing(instruments, settings_of(collector, otlp_headers={"api-key": "k"})):
            await until(lambda: len(collector.sent) > 1)

    asyncio.run(send())
    assert collector.last_numbers() == shown(instruments.own)
    assert {sent.headers["api-key"] for sent in collector.sent} == {"k"}


def test_what_is_said_beside_the_numbers(collector: Collector) -> None:
    instruments = Instruments()
    instruments.counter("errors").labels("NOT_FOUND").inc()
    instruments.histogram("assignment_candidates").observe(3)

    async def send() -> None:
        async with pushing(instruments, settings_of(collector, service_name="muster-eu")):
            await until(lambda: collector.sent)

    asyncio.run(send())
    (resource,) = collector.last_metrics_request().resource_metrics
    told = attributes_of(resource.resource.attributes)
    assert told["service.name"] == "muster-eu"
    assert told["service.instance.id"]
    metrics = {metric.name: metric for metric in collector.last_metrics()}
    errors = metrics["muster_errors"]
    assert (errors.sum.is_monotonic, errors.sum.aggregation_temporality) == (True, 2)
    # That of INTERNAL is there from the beginning, since an alert awaits the first.
    points = {attributes_of(one.attributes)["code"]: one for one in errors.sum.data_points}
    assert {code: one.as_double for code, one in points.items()} == {"INTERNAL": 0, "NOT_FOUND": 1}
    point = points["NOT_FOUND"]
    assert 0 < point.start_time_unix_nano < point.time_unix_nano
    assert errors.description.startswith("Requests answered with an error")
    (candidates,) = metrics["muster_assignment_candidates"].histogram.data_points
    assert not candidates.HasField("min")
    # A series that has not begun is not told of.
    assert "muster_validation_failures" not in metrics


def test_an_outage_is_told_once_and_its_end_too(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 400

    async def send() -> None:
        async with pushing(Instruments(), settings_of(collector)):
            await until(lambda: len(collector.sent) > 3)
            collector.status = 200
            seen = len(collector.sent)
            await until(lambda: len(collector.sent) > seen + 2)

    with structlog.testing.capture_logs() as lines:
        asyncio.run(send())
    assert [(line["event"], line["what"]) for line in lines] == [
        ("telemetry_not_sent", "metrics"),
        ("telemetry_sent_again", "metrics"),
    ]
    assert "400" in lines[0]["reason"]
    assert caplog.text == ""


def test_the_console_has_one_line_for_each_sending(capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app([TelemetryPlugin], {"MUSTER_TELEMETRY__METRICS": "console"})
    with app.client() as client:
        client.get("/v1/zones")
    lines = [line for line in capsys.readouterr().err.splitlines() if "resource_metrics" in line]
    (told,) = [json.loads(line) for line in lines]
    names = {one["name"] for one in told["resource_metrics"][0]["scope_metrics"][0]["metrics"]}
    assert "muster_http_request_duration_seconds" in names


@pytest.mark.parametrize(("metrics", "imported"), [("prometheus", False), ("otlp", True)])
def test_the_sdk_is_imported_only_where_it_sends(metrics: str, imported: bool) -> None:
    program = (
        "import sys; from muster.testing import make_app\n"
        "from muster_telemetry.plugin import TelemetryPlugin\n"
        f"make_app([TelemetryPlugin], {{'MUSTER_TELEMETRY__METRICS': {metrics!r}}})\n"
        "print('opentelemetry.sdk' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.returncode) == (str(imported), 0), ran.stderr
