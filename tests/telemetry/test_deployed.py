"""Dashboards and alerts ask for what there is, and promtool finds nothing amiss."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from muster.domain.bookings import BookingStatus
from muster.domain.receipts import ReceiptKind
from muster.http.catalogue import CATALOGUE as ERRORS
from muster.ports.observation import Repeat
from muster_telemetry.metric_catalogue import CATALOGUE, GAUGES, PREFIX, Metric, MetricKind
from muster_trainer_http.breaker import BreakerState
from tests.telemetry import deployed
from tests.telemetry.promql import Expression, Selector, read

_SUFFIXES: Mapping[MetricKind, Mapping[str, tuple[str, ...]]] = {
    MetricKind.COUNTER: {"_total": ()},
    MetricKind.GAUGE: {"": ()},
    MetricKind.HISTOGRAM: {"_bucket": ("le",), "_sum": (), "_count": ()},
}
_OF_PROMETHEUS = {"job", "instance"}
SERIES: dict[str, set[str]] = {"up": _OF_PROMETHEUS} | {
    PREFIX + metric.name + suffix: {*metric.labels, *labels, *_OF_PROMETHEUS}
    for metric in (*CATALOGUE, *GAUGES)
    for suffix, labels in _SUFFIXES[metric.kind].items()
}
"""The labels of every series that Prometheus has of Muster."""

POOL_STATES = {"in_use", "idle", "waiting"}
VALUES: dict[str, set[str]] = {
    "outcome": {one.value for one in BookingStatus},
    "change": {one.value for one in ReceiptKind},
    "why": {one.value for one in Repeat},
    "code": set(ERRORS),
    "state": POOL_STATES | {one.value for one in BreakerState},
    "result": {"done", "refused", "failed", "none", "200", "503"},
    "status": {"0", "200", "404", "503"},
    "peer": {"trainer_service"},
    "job": {"muster"},
}
"""What such a label may say, or examples of it."""

ALERTS = deployed.alerts()
PANELS = list(deployed.panels())
EXPRESSIONS = {
    **{alert["alert"]: alert["expr"] for alert in ALERTS},
    **{
        f"{panel.dashboard}: {panel.title}, {panel.legend}": deployed.filled(panel.expression, "5m")
        for panel in PANELS
    },
}
EVERY_EXPRESSION = pytest.mark.parametrize("name", EXPRESSIONS)
EVERY_PANEL = pytest.mark.parametrize(
    "panel", PANELS, ids=lambda one: f"{one.dashboard} {one.title}"
)

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed"
)


def faults_of(text: str) -> list[str]:
    """What an expression asks for that there is not."""
    expression = read(text)
    faults = [f"no series {name}" for name in expression.metrics - SERIES.keys()]
    known: set[str] = set()
    for selector in expression.selectors:
        known |= SERIES.get(selector.metric, set())
        faults += _faults_of(selector)
    return faults + [f"no label {label}" for label in expression.grouping - known]


def _faults_of(selector: Selector) -> list[str]:
    faults = []
    for label, operator, value in selector.matchers:
        if label not in SERIES.get(selector.metric, {label}):
            faults.append(f"{selector.metric} has no label {label}")
        wanted = re.compile(value if "~" in operator else re.escape(value))
        if label in VALUES and not any(map(wanted.fullmatch, VALUES[label])):
            faults.append(f"{label} is never {value}")
    return faults


@EVERY_EXPRESSION
def test_an_expression_asks_for_what_there_is(name: str) -> None:
    assert read(EXPRESSIONS[name]).selectors
    assert faults_of(EXPRESSIONS[name]) == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("sum(rate(muster_errors[5m]))", ["no series muster_errors"]),
        ("rate(muster_slot_conflicts_count[5m])", ["no series muster_slot_conflicts_count"]),
        ('muster_errors_total{kode="X"}', ["muster_errors_total has no label kode"]),
        ('muster_errors_total{code="INTERNAL_ERROR"}', ["code is never INTERNAL_ERROR"]),
        ("sum by (code, rule) (muster_errors_total)", ["no label rule"]),
        ('sum(a{x="1"} or muster_errors_total) / ignoring (z) b', 3),
    ],
)
def test_what_there_is_not_is_noticed(text: str, faults: Any) -> None:
    found = faults_of(text)
    assert found == faults or len(found) == faults


def unit_of(expression: Expression) -> set[str]:
    """The units in which such an expression may be shown."""
    text, (first, *_) = expression.text, sorted(expression.metrics)
    seconds = "_seconds" in first
    if text.removeprefix("topk(10, ").startswith("histogram_quantile("):
        return {"s"} if seconds else {"short"}
    if " / " in text:
        mean = first.endswith(("_sum", "_count")) and "_sum" in text
        return {"s"} if mean and seconds else {"percentunit"}
    if "increase(" in text or "_sum" in text:
        return {"short"}
    if "rate(" in text:
        return {"reqps", "ops"}
    return {"s"} if seconds else {"short"}


@EVERY_PANEL
def test_a_panel_is_shown_in_its_unit(panel: deployed.Panel) -> None:
    assert panel.unit in unit_of(read(deployed.filled(panel.expression, "5m")))


@EVERY_PANEL
def test_a_panel_says_what_it_shows(panel: deployed.Panel) -> None:
    assert panel.description.endswith(".")
    shown = set(re.findall(r"{{(\w+)}}", panel.legend))
    grouping = read(deployed.filled(panel.expression, "5m")).grouping - {"le"}
    assert shown == (grouping or shown & {"instance"})


@pytest.mark.parametrize("file", deployed.DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_can_be_imported(file: Path) -> None:
    board = json.loads(file.read_text())
    assert board["uid"] == f"muster-{file.stem}"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len(places)
    (query,) = [one for one in board["templating"]["list"] if one["name"] == "instance"]
    asked = re.fullmatch(r"label_values\((.+), (\w+)\)", query["query"])
    assert asked
    assert (faults_of(asked[1]), asked[2]) == ([], "instance")


def test_every_metric_is_shown_or_watched() -> None:
    asked = {metric for text in EXPRESSIONS.values() for metric in read(text).metrics}

    def series(metric: Metric) -> set[str]:
        return {PREFIX + metric.name + suffix for suffix in _SUFFIXES[metric.kind]}

    assert [one.name for one in (*CATALOGUE, *GAUGES) if not series(one) & asked] == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_is_complete(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["annotations"]["summary"].endswith(".")
    # promtool tries each one twice: firing and quiet.
    cases = yaml.safe_load(deployed.RULE_TESTS.read_text())["tests"]
    tried = [
        bool(one["exp_alerts"])
        for case in cases
        for one in case["alert_rule_test"]
        if one["alertname"] == alert["alert"]
    ]
    assert sorted(tried) == [False, True]


@needs_promtool
@pytest.mark.parametrize(
    "arguments", [("check", "rules", deployed.RULES), ("test", "rules", deployed.RULE_TESTS)]
)
def test_promtool_finds_nothing_amiss(arguments: tuple[str | Path, ...]) -> None:
    ran = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@needs_promtool
def test_promtool_reads_the_configuration(tmp_path: Path) -> None:
    shutil.copytree(deployed.DIRECTORY, tmp_path, dirs_exist_ok=True)
    (tmp_path / "metrics-token").write_text("0123456789abcdef")
    config = tmp_path / "prometheus.yml"
    ran = subprocess.run(["promtool", "check", "config", config], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
