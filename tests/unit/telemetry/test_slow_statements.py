"""How slow statements wait to be told: few, each text seldom, and nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from muster_memory.store import MemoryStore
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from muster_telemetry.slow_statements import SlowStatements

UNITS = MemoryUnitOfWorkFactory(MemoryStore())


class Watch:
    """A clock in a test's hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def told(slow: SlowStatements) -> list[tuple[str, int]]:
    return [(line["text"], line["untold"]) for line in lines(slow)]


def lines(slow: SlowStatements) -> list[MutableMapping[str, Any]]:
    """What waits is told at the latest when the app ends."""

    async def end() -> None:
        async with slow.told(UNITS):
            pass

    with capture_logs() as written:
        asyncio.run(end())
    return [line for line in written if line["event"] == "slow_statement"]


def test_a_text_is_told_once_a_minute_and_counted_in_between() -> None:
    watch = Watch()
    slow = SlowStatements(watch)
    for _ in range(4):
        slow.take("SELECT 1", 120.0)
    slow.take("SELECT 2", 120.0)
    assert told(slow) == [("SELECT 1", 0), ("SELECT 2", 0)]
    watch.seconds = 59.9
    slow.take("SELECT 1", 120.0)
    assert told(slow) == []
    watch.seconds = 60.0
    slow.take("SELECT 1", 120.0)
    assert told(slow) == [("SELECT 1", 4)]


def test_more_than_can_wait_are_counted() -> None:
    slow = SlowStatements(Watch())
    for number in range(1_000):
        slow.take(f"SELECT {number}", 120.0)
    assert len(told(slow)) == 64
    slow.take("SELECT 999", 120.0)
    assert told(slow) == [("SELECT 999", 1)]


def test_no_number_of_texts_is_too_much_to_remember() -> None:
    slow = SlowStatements(Watch())
    for number in range(3_000):
        slow.take(f"SELECT {number}", 120.0)
        if number < 1_500 and number % 50 == 49:
            assert len(told(slow)) == 50
    remembered = vars(slow).values()
    assert max(len(one) for one in remembered if isinstance(one, dict)) <= 1_000


def test_the_ids_of_the_request_are_told_and_nothing_else_of_it() -> None:
    slow = SlowStatements(Watch())
    with bound_contextvars(correlation_id="c", trace_id="t", span_id="s", account="asha"):
        slow.take("SELECT * FROM\n    zones", 120.5)
    (line,) = lines(slow)
    assert line == {
        "event": "slow_statement",
        "log_level": "warning",
        "statement": "SELECT zones",
        "text": "SELECT * FROM zones",
        "milliseconds": 120.5,
        "untold": 0,
        "plan": None,
        "correlation_id": "c",
        "trace_id": "t",
        "span_id": "s",
    }
