"""What a record of an activity says in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import Histogram

from muster.domain.receipts import Receipt
from muster.ports.observation import (
    Activity,
    CallActivity,
    Committed,
    DeliveryActivity,
    JobActivity,
    Repeated,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster_telemetry.instruments import Instruments
from muster_telemetry.records import Raised, Record
from muster_telemetry.statement_names import statement_name

__all__ = ["Counting"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER, _NONE = "other", "none"
_NANOSECOND = 1e-9


class Counting:
    """Feeds the instruments of the catalogue."""

    def __init__(self, instruments: Instruments) -> None:
        """Count.

        Args:
            instruments: Where it is counted.
        """
        self._instruments = instruments
        self._series: dict[tuple[str, ...], Histogram] = {}
        self._add: Mapping[type[Activity], Callable[[Any, Record], None]] = {
            RequestActivity: self._request,
            UseCaseActivity: self._use_case,
            DeliveryActivity: self._delivery,
            JobActivity: self._job,
            StatementActivity: self._statement,
            CallActivity: self._call,
        }

    def add(self, record: Record) -> None:
        """Count an activity that has ended. A command; any thread may ask."""
        self._add[type(record.activity)](record.activity, record)

    def _request(self, activity: RequestActivity, record: Record) -> None:
        method = activity.method if activity.method in _METHODS else _OTHER
        answered = record.answered
        if answered is None:
            self._time("http_request_duration_seconds", record, method, _NONE, "0")
            return
        route = answered.route or _NONE
        self._time("http_request_duration_seconds", record, method, route, str(answered.status))
        if answered.code is not None:
            self._count("errors", answered.code)
            for fault in answered.faults:
                self._count("validation_failures", route, fault.code)

    def _use_case(self, activity: UseCaseActivity, record: Record) -> None:
        self._time("use_case_duration_seconds", record, activity.name, _result(record.raised))
        for fact in record.facts:
            if isinstance(fact, Committed):
                self._count_assignments(fact)
            elif isinstance(fact, Repeated):
                self._count("unit_of_work_repeats", activity.name, fact.why.value)

    def _delivery(self, activity: DeliveryActivity, record: Record) -> None:
        result = "done" if record.raised is None else "failed"
        self._time("event_delivery_duration_seconds", record, activity.subscriber, result)

    def _job(self, activity: JobActivity, record: Record) -> None:
        result = "done" if record.raised is None else "failed"
        self._time("job_duration_seconds", record, activity.type, result)

    def _statement(self, activity: StatementActivity, record: Record) -> None:
        self._time("statement_duration_seconds", record, statement_name(activity.text))

    def _call(self, activity: CallActivity, record: Record) -> None:
        answered = record.answered
        result = _NONE if answered is None else str(answered.status)
        self._time("call_duration_seconds", record, activity.peer, activity.target, result)

    def _count(self, name: str, *labels: str) -> None:
        self._instruments.counter(name).labels(*labels).inc()

    def _time(self, name: str, record: Record, *labels: str) -> None:
        # `labels` takes a lock and checks its arguments; labels come from closed sets.
        key = (name, *labels)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._instruments.histogram(name).labels(*labels)
        series.observe((record.ended_ns - record.began_ns) * _NANOSECOND)

    def _count_assignments(self, fact: Committed) -> None:
        for receipt in fact.receipts:
            if receipt.policy is not None:
                self._count_assignment(receipt)
        if not fact.receipts:
            # Out of every zone nobody is judged, and there is no receipt.
            for event in fact.events:
                if (status := getattr(event, "status", None)) is not None:
                    self._count("assignment_outcomes", "PLACE", status.value)

    def _count_assignment(self, receipt: Receipt) -> None:
        self._count("assignment_outcomes", receipt.kind.value, receipt.outcome.value)
        self._instruments.histogram("assignment_candidates").observe(len(receipt.candidates))
        if receipt.lost_claims:
            self._instruments.counter("slot_conflicts").inc(len(receipt.lost_claims))
        refusals = Counter(
            refusal.rule for verdict in receipt.candidates for refusal in verdict.refusals
        )
        for rule, number in refusals.items():
            self._instruments.counter("assignment_refusals").labels(rule).inc(number)


def _result(raised: Raised | None) -> str:
    if raised is None:
        return "done"
    return "refused" if raised.refusal else "failed"
