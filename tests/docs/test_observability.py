"""docs/observability.md tells of every metric, span attribute and alert, and of no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from muster.domain.bookings import BookingStatus
from muster.domain.errors import IllegalState
from muster.domain.events import BookingPlaced
from muster.ports.journal import RecordedEvent
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    Committed,
    DeliveryActivity,
    Fact,
    JobActivity,
    Repeat,
    Repeated,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster.testing.examples import AN_INSTANT
from muster_telemetry.metric_catalogue import CATALOGUE, GAUGES, PREFIX, MetricKind
from muster_telemetry.records import Raised, Record
from muster_telemetry.span_words import Words, words_of
from tests.docs.markdown_tables import DOCS, rows_by_heading, text_by_heading
from tests.telemetry import deployed

PAGE = "observability.md"
ALERTS = deployed.alerts()
AN_ID = UUID("01234567-89ab-7def-8123-456789abcdef")
PLACED = BookingPlaced(
    booking_id=AN_ID, status=BookingStatus.ASSIGNED, zone_id=AN_ID, trainer_id=AN_ID
)


class AskedFor(Struct):
    """What a use case is asked; spans look at these two fields."""

    booking_id: UUID
    zone_id: UUID


def told(activity: Activity, facts: Sequence[Fact], error: Exception | None = None) -> Words:
    """What the span of an activity says."""
    raised = None if error is None else Raised.of(error)
    record = Record(activity, raised=raised)
    for fact in facts:
        record.note(fact)
    return words_of(record)


SPANS = [
    told(
        RequestActivity("POST", "/v1/bookings", "c", None),
        [Answered(500, "/v1/bookings", "INTERNAL")],
    ),
    told(
        UseCaseActivity("PlaceBooking", AskedFor(AN_ID, AN_ID), "c", rehearsal=True),
        [Repeated(Repeat.STALE), Committed([PLACED], [])],
        IllegalState("It is over."),
    ),
    told(StatementActivity("INSERT INTO bookings VALUES ($1)"), [], TimeoutError()),
    told(
        CallActivity("trainer_service", "GET", "zones/{id}/trainers"),
        [Answered(200)],
        TimeoutError(),
    ),
    told(
        DeliveryActivity("diary/notes", RecordedEvent(AN_ID, AN_INSTANT, "c", PLACED), 1),
        [],
        TimeoutError(),
    ),
    told(JobActivity("jobs/try-waitlist", AN_ID, 1, "c", None), [], TimeoutError()),
]
"""One of each, that says all it can."""


def names_in(cell: str) -> list[str]:
    return [name.strip().strip("`") for name in cell.split(",")]


def test_every_metric_is_told_as_it_is() -> None:
    shown = [
        [
            PREFIX + metric.name + ("_total" if metric.kind is MetricKind.COUNTER else ""),
            metric.kind.value,
            ", ".join(metric.labels),
            metric.meaning,
        ]
        for metric in (*CATALOGUE, *GAUGES)
    ]
    rows = [re.split(r"(?<!\\)\|", line) for line in table("Metrics")]
    cells = [[cell.strip().strip("`") for cell in row[1:-1]] for row in rows]
    assert [row[:4] for row in cells] == shown
    assert all(row[4].endswith(".") for row in cells)


def table(heading: str) -> list[str]:
    """The rows of a section as they are written; a cell may hold an escaped bar."""
    section = (DOCS / PAGE).read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize("number", range(len(SPANS)), ids=[span.name for span in SPANS])
def test_a_span_is_told_with_all_that_it_says(number: int) -> None:
    name, kind, _, attributes = rows_by_heading(PAGE)["Spans"][number]
    span = SPANS[number]
    assert (name, kind) == (span.name, span.kind.name)
    assert set(names_in(attributes)) == set(span.attributes)


def test_every_attribute_is_told_once() -> None:
    attributes = [name for name, _ in rows_by_heading(PAGE)["Attributes"]]
    assert sorted(attributes) == sorted({name for span in SPANS for name in span.attributes})


def test_every_alert_has_its_entry_in_their_order() -> None:
    headings = list(rows_by_heading(PAGE))
    entries = headings[headings.index("When an alert fires") + 1 :]
    assert entries == [alert["alert"] for alert in ALERTS]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_entry_says_how_bad_it_is_and_an_alert_where_it_stands(alert: dict[str, Any]) -> None:
    entry = text_by_heading(PAGE)[alert["alert"]]
    assert entry.startswith(f"*{alert['labels']['severity'].capitalize()}.*")
    assert alert["annotations"]["runbook"] == f"docs/{PAGE}#{alert['alert'].lower()}"


def test_the_panels_that_it_names_exist() -> None:
    """Titles of panels stand in italics, and so do a few other things."""
    page = (DOCS / PAGE).read_text().partition("## When an alert fires")[2]
    named = {" ".join(found.split()) for found in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", page)}
    titles = {panel.title for panel in deployed.panels()}
    short_for = {
        "by statement": "p95 by statement",
        "of the trainer service": "p95 of the trainer service",
    }
    unknown = {short_for.get(name, name) for name in named} - titles
    assert unknown == {"Critical", "Critical.", "Warning", "Warning."}
