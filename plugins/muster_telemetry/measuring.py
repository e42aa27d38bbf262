"""The listener that counts and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from prometheus_client import Histogram

from muster.domain.errors import DomainError
from muster.domain.receipts import Receipt
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    Committed,
    DeliveryActivity,
    Fact,
    Gauge,
    Repeated,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster_telemetry.instruments import Instruments
from muster_telemetry.listening import Ear, Listener
from muster_telemetry.statement_names import statement_name

__all__ = ["Meter"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER, _NONE = "other", "none"
_MOST_TEXTS = 1_000
"""Statements are constants of the code, so there are fewer; a plugin may have made another."""


class Meter(Listener):
    """Feeds the instruments of the catalogue."""

    def __init__(self, instruments: Instruments, offered: Callable[[Gauge], None]) -> None:
        """Measure.

        Args:
            instruments: Where it is counted.
            offered: Takes the gauges that are offered.
        """
        self._instruments = instruments
        self._statements: dict[str, _Statement] = {}
        self._offered = offered
        self._timed: dict[tuple[str, ...], Histogram] = {}
        in_flight = instruments.gauge("http_requests_in_flight")
        assert in_flight is not None
        self._in_flight = in_flight

    def begin(self, activity: Activity) -> Ear:
        """Begin to measure an activity."""
        if isinstance(activity, StatementActivity):
            return self._statement(activity.text)
        if isinstance(activity, RequestActivity):
            self._in_flight.inc()
        return _Measured(self, activity)

    def _statement(self, text: str) -> Ear:
        # There are several a request, and of one nothing is kept but how long it took.
        timed = self._statements.get(text)
        if timed is None:
            if len(self._statements) >= _MOST_TEXTS:
                self._statements.clear()
            series = self._instruments.histogram("statement_duration_seconds")
            timed = self._statements[text] = _Statement(series.labels(statement_name(text)))
        return timed

    def offered(self, gauge: Gauge) -> None:
        """Take a gauge."""
        self._offered(gauge)

    def noted(self, activity: Activity, fact: Fact) -> None:
        """Count what is told."""
        if isinstance(fact, Committed):
            self._count_assignments(fact)
        elif isinstance(fact, Repeated) and isinstance(activity, UseCaseActivity):
            self._count("unit_of_work_repeats", activity.name, fact.why.value)
        elif isinstance(fact, Answered) and fact.code is not None:
            self._count("errors", fact.code)
            for fault in fact.faults:
                self._count("validation_failures", fact.route or _NONE, fault.code)

    def ended(
        self,
        activity: Activity,
        answered: Answered | None,
        error: BaseException | None,
        seconds: float,
    ) -> None:
        """Time what has ended."""
        if isinstance(activity, RequestActivity):
            self._in_flight.dec()
            method = activity.method if activity.method in _METHODS else _OTHER
            route = (answered and answered.route) or _NONE
            status = answered.status if answered else 0
            self._time("http_request_duration_seconds", seconds, method, route, str(status))
        elif isinstance(activity, UseCaseActivity):
            self._time("use_case_duration_seconds", seconds, activity.name, _result(error))
        elif isinstance(activity, CallActivity):
            result = str(answered.status) if answered else _NONE
            self._time("call_duration_seconds", seconds, activity.peer, activity.target, result)
        elif isinstance(activity, DeliveryActivity):
            result = "done" if error is None else "failed"
            self._time("event_delivery_duration_seconds", seconds, activity.subscriber, result)

    def _count(self, name: str, *labels: str) -> None:
        self._instruments.counter(name).labels(*labels).inc()

    def _time(self, name: str, seconds: float, *labels: str) -> None:
        # `labels` takes a lock and checks its arguments; labels come from closed sets.
        key = (name, *labels)
        timed = self._timed.get(key)
        if timed is None:
            timed = self._timed[key] = self._instruments.histogram(name).labels(*labels)
        timed.observe(seconds)

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


class _Statement(Ear):
    """A statement, whoever sends it."""

    __slots__ = ("_series",)

    def __init__(self, series: Histogram) -> None:
        self._series = series

    def end(self, error: BaseException | None, seconds: float) -> None:
        self._series.observe(seconds)


class _Measured(Ear):
    """One activity, measured."""

    __slots__ = ("_activity", "_answered", "_meter")

    def __init__(self, meter: Meter, activity: Activity) -> None:
        self._meter = meter
        self._activity = activity
        self._answered: Answered | None = None

    def note(self, fact: Fact) -> None:
        if isinstance(fact, Answered):
            self._answered = fact
        self._meter.noted(self._activity, fact)

    def end(self, error: BaseException | None, seconds: float) -> None:
        self._meter.ended(self._activity, self._answered, error, seconds)


def _result(error: BaseException | None) -> str:
    if error is None:
        return "done"
    return "refused" if isinstance(error, DomainError) and not error.retryable else "failed"
