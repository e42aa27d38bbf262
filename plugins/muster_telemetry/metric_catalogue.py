"""Every metric that Muster has: its name, kind, labels and meaning.

``docs/observability.md``, the dashboards and the alert rules are held to this by tests. Labels
come from closed sets (routes, codes, rules, statements of the code), so that the number of series
is bounded, and none tells of a person.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

__all__ = ["CATALOGUE", "GAUGES", "PREFIX", "Metric", "MetricKind"]

PREFIX = "muster_"


class MetricKind(Enum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(Struct, frozen=True):
    """One metric.

    Attributes:
        name: Without the prefix, and without the ``_total`` that Prometheus adds to counters.
        kind: How it behaves.
        meaning: One sentence.
        labels: What tells its series apart.
        buckets: Upper bounds, of a histogram.
        from_zero: Label values of series that are there before they are counted, since an alert
            awaits the first: Prometheus sees no increase in a series that begins with one.
    """

    name: str
    kind: MetricKind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    from_zero: tuple[tuple[str, ...], ...] = ()


_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
_MANY = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0)

CATALOGUE: tuple[Metric, ...] = (
    Metric(
        "http_request_duration_seconds",
        MetricKind.HISTOGRAM,
        "Time to answer a request; the route is a template, 'none' where there is none.",
        ("method", "route", "status"),
        _SECONDS,
    ),
    Metric("http_requests_in_flight", MetricKind.GAUGE, "Requests that are being answered."),
    Metric(
        "errors",
        MetricKind.COUNTER,
        "Requests answered with an error, by its code in the catalogue.",
        ("code",),
        from_zero=(("INTERNAL",),),
    ),
    Metric(
        "validation_failures",
        MetricKind.COUNTER,
        "Single faults of requests that were refused, by route and by the code of the fault.",
        ("route", "kind"),
    ),
    Metric(
        "use_case_duration_seconds",
        MetricKind.HISTOGRAM,
        "Time of a use case, its retries included; the result is done, refused or failed.",
        ("use_case", "result"),
        _SECONDS,
    ),
    Metric(
        "unit_of_work_repeats",
        MetricKind.COUNTER,
        "Units of work run again, after a conflict or since what was prepared was stale.",
        ("use_case", "why"),
    ),
    Metric(
        "assignment_outcomes",
        MetricKind.COUNTER,
        "Committed changes of bookings that chose or looked for a trainer, by what the booking "
        "became.",
        ("change", "outcome"),
    ),
    Metric(
        "assignment_candidates",
        MetricKind.HISTOGRAM,
        "Trainers who were judged for one assignment.",
        (),
        _MANY,
    ),
    Metric(
        "assignment_refusals",
        MetricKind.COUNTER,
        "Candidates that a rule turned down; one candidate may be refused by several.",
        ("rule",),
    ),
    Metric(
        "slot_conflicts",
        MetricKind.COUNTER,
        "Trainers whose time somebody else claimed first, while it was being claimed.",
    ),
    Metric(
        "statement_duration_seconds",
        MetricKind.HISTOGRAM,
        "Time of a statement, from sending it until its last row.",
        ("statement",),
        _SECONDS,
    ),
    Metric(
        "call_duration_seconds",
        MetricKind.HISTOGRAM,
        "Time of one HTTP call to another service; the result is its status, or 'none'.",
        ("peer", "target", "result"),
        _SECONDS,
    ),
    Metric(
        "event_delivery_duration_seconds",
        MetricKind.HISTOGRAM,
        "Time in which a subscriber heard an event; the result is done or failed.",
        ("subscriber", "result"),
        _SECONDS,
    ),
    Metric(
        "job_duration_seconds",
        MetricKind.HISTOGRAM,
        "Time of an attempt at a job in the background; the result is done or failed.",
        ("type", "result"),
        _SECONDS,
    ),
)
"""What is counted and timed as it happens."""

GAUGES: tuple[Metric, ...] = (
    Metric(
        "database_connections",
        MetricKind.GAUGE,
        "Connections of the pool of one process: in_use, idle; waiting are requests for one.",
        ("state",),
    ),
    Metric(
        "trainer_service_breaker",
        MetricKind.GAUGE,
        "1 for the state of the breaker before the trainer service, 0 for the others.",
        ("state",),
    ),
    Metric(
        "events_waiting",
        MetricKind.GAUGE,
        "Events that a subscriber is still to be told, counted as far as 10,000.",
        ("subscriber",),
    ),
    Metric(
        "events_parked",
        MetricKind.GAUGE,
        "Events that a subscriber failed to hear too often, counted as far as 10,000.",
        ("subscriber",),
    ),
    Metric(
        "event_lag_seconds",
        MetricKind.GAUGE,
        "Age of the oldest event that a subscriber is still to be told.",
        ("subscriber",),
    ),
    Metric(
        "jobs_waiting",
        MetricKind.GAUGE,
        "Jobs that wait to be done, now or later, counted as far as 10,000.",
        ("type",),
    ),
    Metric(
        "jobs_dead",
        MetricKind.GAUGE,
        "Jobs that failed for good, counted as far as 10,000.",
        ("type",),
    ),
    Metric(
        "job_lag_seconds",
        MetricKind.GAUGE,
        "For how long the oldest job that could be done has waited.",
        ("type",),
    ),
)
"""What the core and its adapters offer to be read (``muster.ports.observation.Gauge``)."""
