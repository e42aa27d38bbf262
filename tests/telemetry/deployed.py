"""What ``deploy/observability`` holds, read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

DIRECTORY = Path(__file__).parents[2] / "deploy" / "observability"
RULES = DIRECTORY / "muster-alerts.yml"
RULE_TESTS = DIRECTORY / "muster-alerts-tests.yml"
DASHBOARDS = sorted((DIRECTORY / "dashboards").glob("*.json"))


class Panel(NamedTuple):
    """One panel of a dashboard, with one of its expressions."""

    dashboard: str
    title: str
    description: str
    unit: str
    expression: str
    legend: str


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> Iterator[Panel]:
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield Panel(
                    file.stem,
                    panel["title"],
                    panel["description"],
                    panel["fieldConfig"]["defaults"]["unit"],
                    target["expr"],
                    target["legendFormat"],
                )


def filled(expression: str, window: str) -> str:
    """An expression of a dashboard as Grafana sends it."""
    filled = expression.replace("$instance", ".*")
    for variable in ("$__rate_interval", "$__range"):
        filled = filled.replace(variable, window)
    assert "$" not in filled, filled
    return filled
