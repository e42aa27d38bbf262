"""Which traces are kept: the share, the parent's word, whatever failed; and what a trace costs."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import get_contextvars

from muster.application.access import Forbidden
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    DeliveryActivity,
    RequestActivity,
    StatementActivity,
    UseCaseActivity,
)
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.testing.entropy import SeededEntropy
from muster.testing.example_records import a_recorded_event
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.records import Record
from muster_telemetry.trace_context import read_trace_parent, written_trace_parent
from muster_telemetry.tracing import Tracer
from tests.observed import A_TRACE

KEPT_ELSEWHERE, DROPPED_ELSEWHERE = A_TRACE, A_TRACE[:-2] + "00"
FINE, FAULT = Answered(200, "/v1/zones"), Answered(500, "/v1/zones", "INTERNAL")
REFUSED = Answered(404, "/v1/zones", "NOT_FOUND")


class Kept:
    """The traces that are handed on, as they are then."""

    def __init__(self, share: float, seed: int = 1) -> None:
        self.names: list[list[str]] = []
        self.ids: list[int] = []
        self.observer = ListeningObserver([Tracer(self._keep, share, SeededEntropy(seed))])

    def _keep(self, records: Sequence[Record]) -> None:
        (trace_id,) = {record.trace.trace_id for record in records if record.trace is not None}
        self.ids.append(trace_id)
        self.names.append([type(record.activity).__name__ for record in records])

    def request(self, answered: Answered = FINE, trace_parent: str | None = None) -> str | None:
        with self.observer.observing(a_request(trace_parent)) as watch:
            with (
                self.observer.observing(UseCaseActivity("GetZone", None, "c")),
                self.observer.observing(StatementActivity("SELECT 1")),
            ):
                pass
            watch.note(answered)
            return watch.trace_context


def a_request(trace_parent: str | None = None) -> RequestActivity:
    return RequestActivity("GET", "/v1/zones", "c", trace_parent)


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (1.0, 200)])
def test_none_and_all(share: float, kept: int) -> None:
    traces = Kept(share)
    for _ in range(200):
        traces.request()
    assert len(traces.ids) == kept


def test_a_tenth_is_about_a_tenth_and_is_decided_by_the_trace_alone() -> None:
    one, same = Kept(0.1, seed=7), Kept(0.1, seed=7)
    told = [one.request() for _ in range(5_000)]
    for _ in range(5_000):
        same.request()
    assert one.ids == same.ids
    assert 400 <= len(one.ids) <= 600
    sampled = [context for context in told if context is not None and context.endswith("-01")]
    assert [f"{id_:032x}" for id_ in one.ids] == [context[3:35] for context in sampled]


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize(("parent", "kept"), [(KEPT_ELSEWHERE, 1), (DROPPED_ELSEWHERE, 0)])
def test_what_somebody_elsewhere_has_decided_counts(share: float, parent: str, kept: int) -> None:
    traces = Kept(share)
    handed_on = traces.request(trace_parent=parent)
    assert len(traces.ids) == kept
    assert handed_on is not None
    assert (handed_on[:36], handed_on[-2:]) == (parent[:36], parent[-2:])
    assert handed_on[36:52] != parent[36:52], "the span is its own"


@pytest.mark.parametrize("parent", ["no trace at all", "", A_TRACE.replace("00-", "ff-", 1)])
def test_a_parent_that_cannot_be_read_is_none(parent: str) -> None:
    handed_on = Kept(0.0).request(trace_parent=parent)
    assert handed_on is not None
    assert handed_on[3:35] != A_TRACE[3:35]


@pytest.mark.parametrize("parent", [None, DROPPED_ELSEWHERE])
@pytest.mark.parametrize("answered", [FAULT, Answered(503, None, "X"), Answered(0)])
def test_what_failed_is_always_kept_whole(answered: Answered, parent: str | None) -> None:
    traces = Kept(0.0)
    traces.request(answered, parent)
    assert traces.names == [["RequestActivity", "UseCaseActivity", "StatementActivity"]]


def test_a_refusal_is_no_failure() -> None:
    traces = Kept(0.0)
    traces.request(REFUSED)
    assert traces.ids == []


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ValueError("no"), 1),
        (DatabaseUnavailable("gone"), 1),
        (TimeoutError(), 1),
        (Forbidden("no"), 0),
        (asyncio.CancelledError(), 0),
    ],
)
@pytest.mark.parametrize(
    "activity",
    [UseCaseActivity("GetZone", None, "c"), DeliveryActivity("a/b", a_recorded_event(), 1)],
)
def test_an_error_is_a_failure_unless_it_is_a_refusal(
    activity: Activity, error: BaseException, kept: int
) -> None:
    traces = Kept(0.0)
    with pytest.raises(type(error)), traces.observer.observing(activity):
        raise error
    assert len(traces.ids) == kept


def test_a_call_that_is_answered_badly_is_no_failure_while_it_is_made_good() -> None:
    traces = Kept(0.0)
    with traces.observer.observing(a_request()) as request:
        call = CallActivity("trainer_service", "GET", "trainers")
        with traces.observer.observing(call) as watch:
            watch.note(Answered(503))
        request.note(FINE)
    assert traces.ids == []


def test_a_thousand_spans_are_enough() -> None:
    traces = Kept(1.0)
    with traces.observer.observing(a_request()):
        for _ in range(1_500):
            with traces.observer.observing(StatementActivity("SELECT 1")):
                pass
    assert [len(names) for names in traces.names] == [1_000]


@pytest.mark.parametrize("answered", [FINE, FAULT])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nothing_is_left_to_the_collector_of_garbage(share: float, answered: Answered) -> None:
    """What is left to it is paid for by every request: a server's heap is large."""
    traces = Kept(share)
    without_garbage(lambda: traces.request(answered))


def test_an_error_leaves_nothing_either() -> None:
    traces = Kept(1.0)

    def fail() -> None:
        with (
            pytest.raises(ValueError, match="no"),
            traces.observer.observing(a_request()),
            traces.observer.observing(StatementActivity("SELECT 1")),
        ):
            raise ValueError("no")

    without_garbage(fail, at_most=20)


def without_garbage(act: Callable[[], Any], at_most: int = 0) -> None:
    act()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            act()
        assert gc.collect() <= at_most
    finally:
        gc.enable()


@pytest.mark.anyio
async def test_what_goes_on_after_its_request_is_told_by_itself() -> None:
    """A task that outlives the request belongs to the same trace."""
    traces, request_over = Kept(1.0), asyncio.Event()

    async def go_on() -> None:
        with traces.observer.observing(UseCaseActivity("GetZone", None, "c")):
            await request_over.wait()
            with traces.observer.observing(StatementActivity("SELECT 1")):
                pass

    with traces.observer.observing(a_request()):
        going_on = asyncio.create_task(go_on())
        await asyncio.sleep(0)
    request_over.set()
    await going_on
    assert traces.names == [["RequestActivity", "UseCaseActivity"], ["StatementActivity"]]
    assert len(set(traces.ids)) == 1


def test_ids_of_the_outermost_stand_in_the_log_while_it_goes_on_and_no_longer() -> None:
    traces = Kept(0.0)
    with traces.observer.observing(a_request()) as watch:
        outer = get_contextvars()
        with traces.observer.observing(UseCaseActivity("GetZone", None, "c")):
            assert get_contextvars() == outer
        assert get_contextvars() == outer
        assert watch.trace_context == f"00-{outer['trace_id']}-{outer['span_id']}-00"
    assert get_contextvars().keys().isdisjoint({"trace_id", "span_id"})


HEX = st.text("0123456789abcdef", min_size=2, max_size=2)
TRACE_IDS = st.integers(1, (1 << 128) - 1)
SPAN_IDS = st.integers(1, (1 << 64) - 1)


@given(trace_id=TRACE_IDS, span_id=SPAN_IDS, sampled=st.booleans())
def test_what_is_written_is_read(trace_id: int, span_id: int, sampled: bool) -> None:
    parent = read_trace_parent(written_trace_parent(trace_id, span_id, sampled=sampled))
    assert parent is not None
    assert (parent.trace_id, parent.span_id, parent.sampled) == (trace_id, span_id, sampled)


@given(version=HEX, trace_id=TRACE_IDS, span_id=SPAN_IDS, flags=HEX, more=st.text(max_size=5))
def test_versions_to_come_may_say_more_after_a_dash(
    version: str, trace_id: int, span_id: int, flags: str, more: str
) -> None:
    """W3C Trace Context, section 3.2: ``ff`` is no version, and 00 says nothing more."""
    plain = f"{version}-{trace_id:032x}-{span_id:016x}-{flags}"
    read = read_trace_parent(plain)
    assert (read is None) == (version == "ff")
    if read is not None:
        assert read.sampled == bool(int(flags, 16) & 1)
    longer = read_trace_parent(f"{plain}-{more}")
    if version in ("00", "ff"):
        assert longer is None
    elif "\n" not in more:
        assert longer == read
    assert read_trace_parent(plain + "0" + more) is None


@given(header=st.text(max_size=80))
def test_whatever_is_sent_nothing_is_raised(header: str) -> None:
    read_trace_parent(header)


@given(
    field=st.sampled_from([0, 1, 2, 3]),
    place=st.integers(0, 31),
    wrong=st.sampled_from(["G", "A", "-", " ", "\n", "é", "٣", ""]),
)
def test_one_wrong_character_spoils_it(field: int, place: int, wrong: str) -> None:
    fields = A_TRACE.split("-")
    place %= len(fields[field])
    fields[field] = fields[field][:place] + wrong + fields[field][place + 1 :]
    assert read_trace_parent("-".join(fields)) is None


@pytest.mark.parametrize(
    "header",
    [
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        A_TRACE + "-", A_TRACE + "-more", A_TRACE + "\n", " " + A_TRACE, A_TRACE.upper(),
        "cc" + A_TRACE[2:] + ".what",
    ],
)  # fmt: skip
def test_these_are_none(header: str) -> None:
    assert read_trace_parent(header) is None


@pytest.mark.parametrize("header", ["cc" + A_TRACE[2:], "cc" + A_TRACE[2:] + "-what-the-future"])
def test_these_are_of_the_future(header: str) -> None:
    assert read_trace_parent(header) == read_trace_parent(A_TRACE)
