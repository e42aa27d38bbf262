"""What a record of an activity says in numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

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
from muster_telemetry.timings import Timings

__all__ = ["Counting"]

_Series: TypeAlias = tuple[str, ...]
"""The name of a histogram, and its labels."""

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
        self._series: dict[_Series, Timings] = {}
        self._counted: Mapping[type[Activity], Callable[[Any, Record], _Series]] = {
            RequestActivity: self._request,
            UseCaseActivity: self._use_case,
            DeliveryActivity: self._delivery,
            JobActivity: self._job,
            StatementActivity: self._statement,
            CallActivity: self._call,
        }

    def add(self, records: Iterable[Record]) -> None:
        """Count activities that have ended. A command; any thread may ask."""
        timed: defaultdict[_Series, list[float]] = defaultdict(list)
        for record in records:
            series = self._counted[type(record.activity)](record.activity, record)
            timed[series].append((record.ended_ns - record.began_ns) * _NANOSECOND)
        for series, seconds in timed.items():
            self._timings(series).observe_all(seconds)

    def _request(self, activity: RequestActivity, record: Record) -> _Series:
        method = activity.method if activity.method in _METHODS else _OTHER
        answered = record.answered
        if answered is None:
            return "http_request_duration_seconds", method, _NONE, "0"
        route = answered.route or _NONE
        if answered.code is not None:
            self._count("errors", answered.code)
            for fault in answered.faults:
                self._count("validation_failures", route, fault.code)
        return "http_request_duration_seconds", method, route, str(answered.status)

    def _use_case(self, activity: UseCaseActivity, record: Record) -> _Series:
        for fact in record.facts:
            if isinstance(fact, Committed):
                self._count_assignments(fact)
            elif isinstance(fact, Repeated):
                self._count("unit_of_work_repeats", activity.name, fact.why.value)
        return "use_case_duration_seconds", activity.name, _result(record.raised)

    def _delivery(self, activity: DeliveryActivity, record: Record) -> _Series:
        result = "done" if record.raised is None else "failed"
        return "event_delivery_duration_seconds", activity.subscriber, result

    def _job(self, activity: JobActivity, record: Record) -> _Series:
        result = "done" if record.raised is None else "failed"
        return "job_duration_seconds", activity.type, result

    def _statement(self, activity: StatementActivity, record: Record) -> _Series:
        return "statement_duration_seconds", statement_name(activity.text)

    def _call(self, activity: CallActivity, record: Record) -> _Series:
        answered = record.answered
        result = _NONE if answered is None else str(answered.status)
        return "call_duration_seconds", activity.peer, activity.target, result

    def _count(self, name: str, *labels: str) -> None:
        self._instruments.counter(name).labels(*labels).inc()

    def _timings(self, series: _Series) -> Timings:
        # `labels` takes a lock and checks its arguments; labels come from closed sets.
        timings = self._series.get(series)
        if timings is None:
            name, *labels = series
            timings = self._series[series] = self._instruments.histogram(name).labels(*labels)
        return timings

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
