"""``muster events``: operators see what was parked, have it told again, or drop it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from muster.domain.events import BookingCancelled
from muster.ports.event_feed import Delivery
from muster.ports.journal import RecordedEvent
from muster.runtime.cli import muster
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import AN_INSTANT, new_id
from muster.testing.suites.store_under_test import StoreUnderTest
from muster.testing.suites.telling import LEASE
from tests.conformance.test_postgres import opened, postgres_under_test

T = TypeVar("T")

DIARY, POST = "example/diary", "example/post"
CANCELLED = (BookingCancelled,)


@pytest.fixture
def muster_on(clean_database: str) -> Callable[..., Result]:
    settings = {
        "DATABASE_URL": clean_database,
        "MUSTER_PLUGINS__ENABLED": "postgres",
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
    }

    def run(*arguments: str, **changes: str) -> Result:
        return CliRunner().invoke(muster, ["events", *arguments], env={**settings, **changes})

    return run


def on_store(url: str, work: Callable[[StoreUnderTest], Awaitable[T]]) -> T:
    async def worked() -> T:
        async with opened(url) as database:
            return await work(postgres_under_test(database))

    return asyncio.run(worked())


def parked_for(url: str, *subscribers: str) -> list[RecordedEvent]:
    """Store two events, and park both for each subscriber."""
    recorded = [a_recorded_event(BookingCancelled(new_id(), None, None)) for _ in range(2)]

    async def park(store: StoreUnderTest) -> None:
        async with store.unit_of_work() as unit:
            await unit.outbox.add(recorded, dict.fromkeys(CANCELLED, subscribers))
            await unit.commit()
        for subscriber in subscribers:
            for delivery in await claimed(store, subscriber):
                await store.event_feed.park(delivery, f"ValueError: [{subscriber}] is deaf")

    on_store(url, park)
    return recorded


async def claimed(store: StoreUnderTest, subscriber: str) -> tuple[Delivery, ...]:
    return await store.event_feed.claim(subscriber, AN_INSTANT, AN_INSTANT + LEASE, 10)


def told_next(url: str, subscriber: str) -> Sequence[Delivery]:
    return on_store(url, lambda store: claimed(store, subscriber))


def listed(result: Result) -> list[tuple[str, str]]:
    assert result.exit_code == 0, result.output
    return [(line["eventId"], line["subscriber"]) for line in json.loads(result.stdout)]


def test_nothing_is_parked(muster_on: Callable[..., Result]) -> None:
    said = muster_on("parked")
    assert (said.exit_code, said.stdout) == (0, "Nothing is parked.\n")
    assert listed(muster_on("parked", "--json")) == []


def test_parked_events_are_shown(clean_database: str, muster_on: Callable[..., Result]) -> None:
    first, second = parked_for(clean_database, DIARY, POST)
    (line, *_) = json.loads(muster_on("parked", "--json", "--subscriber", DIARY).stdout)
    assert isinstance(first.event, BookingCancelled)
    assert line == {
        "eventId": str(first.id),
        "subscriber": DIARY,
        "event": "BookingCancelled",
        "subjectId": str(first.event.booking_id),
        "at": first.at.isoformat().replace("+00:00", "Z"),
        "correlationId": first.correlation_id,
        "attempts": 1,
        "error": f"ValueError: [{DIARY}] is deaf",
    }
    ids = [first.id, first.id, second.id, second.id]
    assert [UUID(id_) for id_, _ in listed(muster_on("parked", "--json"))] == ids
    table = muster_on("parked").stdout
    assert table.count(f"[{DIARY}] is deaf") == table.count(f"[{POST}] is deaf") == 2
    some = muster_on("parked", "--json", "--limit", "3")
    assert len(listed(some)) == 3
    assert "more than these 3" in some.stderr


def test_they_are_told_again(clean_database: str, muster_on: Callable[..., Result]) -> None:
    first, second = parked_for(clean_database, DIARY, POST)
    said = muster_on("retry", str(first.id), "--subscriber", DIARY)
    assert (said.exit_code, said.stdout) == (0, "1 event is to be told again.\n")
    assert told_next(clean_database, DIARY) == (Delivery(DIARY, first, 1),)
    said = muster_on("retry", "--all", "--subscriber", POST)
    assert (said.exit_code, said.stdout) == (0, "2 events are to be told again.\n")
    assert [one.recorded for one in told_next(clean_database, POST)] == [first, second]
    assert listed(muster_on("parked", "--json")) == [(str(second.id), DIARY)]


def test_they_are_dropped(clean_database: str, muster_on: Callable[..., Result]) -> None:
    first, second = parked_for(clean_database, DIARY)
    unsure = muster_on("drop", str(first.id), "--subscriber", DIARY)
    assert unsure.exit_code == 1
    assert len(listed(muster_on("parked", "--json"))) == 2, "nobody said yes"
    said = muster_on("drop", str(first.id), "--subscriber", DIARY, "--yes")
    assert (said.exit_code, said.stdout) == (0, "1 event is dropped.\n")
    assert listed(muster_on("parked", "--json")) == [(str(second.id), DIARY)]
    assert muster_on("drop", "--all", "--subscriber", DIARY, "--yes").exit_code == 0
    assert listed(muster_on("parked", "--json")) == []
    assert told_next(clean_database, DIARY) == ()


@pytest.mark.parametrize("command", [("retry",), ("drop", "--yes")])
def test_what_is_not_parked_is_named(
    clean_database: str, muster_on: Callable[..., Result], command: tuple[str, ...]
) -> None:
    first, _ = parked_for(clean_database, DIARY)
    stranger = str(new_id())
    said = muster_on(*command, stranger, str(first.id), "--subscriber", DIARY)
    assert said.exit_code == 1
    assert said.stdout.startswith("1 event is "), "the other one was parked"
    assert f"Not parked for {DIARY}: {stranger}." in said.stderr


@pytest.mark.parametrize("command", [("retry",), ("drop", "--yes")])
def test_what_cannot_be_meant_is_refused(
    clean_database: str, muster_on: Callable[..., Result], command: tuple[str, ...]
) -> None:
    first, _ = parked_for(clean_database, DIARY)
    for wrong in (
        ("--subscriber", DIARY),
        (str(first.id), "--all", "--subscriber", DIARY),
        ("not-an-id", "--subscriber", DIARY),
        ("--all",),
        ("--all", "--subscriber", "example/nobody"),
    ):
        said = muster_on(*command, *wrong)
        assert said.exit_code == 2, wrong
        assert said.stderr
    assert len(listed(muster_on("parked", "--json"))) == 2


def test_without_a_database_it_says_so(muster_on: Callable[..., Result]) -> None:
    nowhere = {
        "DATABASE_URL": "postgresql://muster@127.0.0.1:9/muster",
        "MUSTER_POSTGRES__CONNECT_TIMEOUT_SECONDS": "1",
    }
    said = muster_on("parked", **nowhere)
    assert said.exit_code == 2
    assert "127.0.0.1 port 9 cannot be used" in said.stderr
