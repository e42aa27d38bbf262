"""Each of these faults in statements or tables must break a suite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from muster.testing.suites.blocks import BlockRepositorySuite
from muster.testing.suites.booking_changes import BookingChangeSuite, LineSuite
from muster.testing.suites.certificates import CertificateRepositorySuite
from muster.testing.suites.claims import ClaimSuite
from muster.testing.suites.demand import DemandReaderSuite
from muster.testing.suites.event_feed import EventFeedSuite
from muster.testing.suites.held_time import HeldTimeSuite
from muster.testing.suites.live_slots import LiveSlotsSuite
from muster.testing.suites.parked_events import ParkedEventSuite
from muster.testing.suites.releases import ReleaseSuite
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.zone_locator import ZoneLocatorSuite
from muster.testing.suites.zones import ZoneRepositorySuite
from tests.conformance import postgres_faults as faults
from tests.conformance.suite_runner import failures_of
from tests.conformance.test_postgres import opened, postgres_under_test

PLANTED: list[tuple[str, faults.Plant, faults.Guard | None, type[StoreSuite], str]] = [
    (
        "no guard against overlap, no look",
        faults.claims_without_a_look,
        faults.OVERLAP,
        ClaimSuite,
        "test_time_that_overlaps_is_taken",
    ),
    (
        "no guard of timeslots",
        faults.nothing,
        faults.TIMESLOT,
        ClaimSuite,
        "test_an_equal_local_date_and_timeslot_is_taken",
    ),
    (
        "no guard of sessions",
        faults.nothing,
        faults.SESSION,
        ClaimSuite,
        "test_a_session_has_one_live_slot",
    ),
    (
        "no count",
        faults.claims_without_a_count,
        None,
        ClaimSuite,
        "test_a_claim_is_all_or_nothing",
    ),
    (
        "no savepoint",
        faults.claims_by_halves,
        None,
        ClaimSuite,
        "test_a_claim_is_all_or_nothing",
    ),
    (
        "no lock on zones",
        faults.zones_without_a_lock,
        None,
        ZoneRepositorySuite,
        "test_the_version_stays_in_force",
    ),
    (
        "archived zones",
        faults.archived_zones_serve,
        None,
        ZoneLocatorSuite,
        "test_an_archived_zone_serves_nothing",
    ),
    (
        "no guard of certificates",
        faults.nothing,
        faults.IN_FORCE,
        CertificateRepositorySuite,
        "test_a_student_has_one_in_force",
    ),
    (
        "taken numbers fail",
        faults.taken_numbers_fail,
        None,
        CertificateRepositorySuite,
        "test_a_taken_number_stores",
    ),
    (
        "successors forgotten",
        faults.successors_forgotten,
        None,
        CertificateRepositorySuite,
        "test_one_takes_anothers_place",
    ),
    (
        "everything freed",
        faults.freeing_the_trainers_whole_time,
        None,
        ReleaseSuite,
        "test_only_the_named_sessions",
    ),
    (
        "nothing under by date and timeslot",
        faults.under_by_time_alone,
        None,
        HeldTimeSuite,
        "test_an_equal_local_date_and_timeslot",
    ),
    (
        "nobody held",
        faults.holding_nobody,
        None,
        HeldTimeSuite,
        "test_held_time_is_claimed_by_nobody_else",
    ),
    (
        "bookings locked as asked",
        faults.bookings_locked_as_asked,
        None,
        BookingChangeSuite,
        "test_several_are_locked_in_order_of_their_ids",
    ),
    (
        "no lock on bookings",
        faults.bookings_without_a_lock,
        None,
        BookingChangeSuite,
        "test_a_booking_by_its_session_is_locked",
    ),
    (
        "all blocks of a trainer freed",
        faults.unblocking_the_trainer,
        None,
        HeldTimeSuite,
        "test_a_block_lets_go_of_its_time",
    ),
    (
        "no lock on blocks",
        faults.blocks_without_a_lock,
        None,
        BlockRepositorySuite,
        "test_a_block_that_was_got_is_locked",
    ),
    (
        "times not replaced",
        faults.times_not_replaced,
        None,
        BookingChangeSuite,
        "test_a_moved_session_is_stored",
    ),
    (
        "zones not replaced",
        faults.zones_not_replaced,
        None,
        BookingChangeSuite,
        "test_several_are_replaced_at_once",
    ),
    (
        "make-ups first",
        faults.make_ups_first,
        None,
        BookingChangeSuite,
        "test_a_make_up_takes_the_number",
    ),
    (
        "one line for a zone",
        faults.the_line_of_the_zone,
        None,
        LineSuite,
        "test_first_come_is_first",
    ),
    (
        "events out of order",
        faults.events_out_of_order,
        None,
        EventFeedSuite,
        "test_the_events_of_a_booking_come_one_after_another",
    ),
    (
        "no lock on events",
        faults.events_without_a_lock,
        None,
        EventFeedSuite,
        "test_claimed_at_once_each_goes_to_one",
    ),
    (
        "late words count",
        faults.late_words_count,
        None,
        EventFeedSuite,
        "test_a_claim_that_was_lost_settles_nothing",
    ),
    (
        "dates of a span ignored",
        faults.dates_of_the_span_ignored,
        None,
        LiveSlotsSuite,
        "test_a_date_of_the_span_is_enough",
    ),
    (
        "spans with their ends",
        faults.spans_with_their_ends,
        None,
        LiveSlotsSuite,
        "test_the_end_of_the_span",
    ),
    (
        "long blocks forgotten",
        faults.long_blocks_forgotten,
        None,
        LiveSlotsSuite,
        "test_what_began_long_before_is_found",
    ),
    (
        "freed time claimed",
        faults.freed_time_claimed,
        None,
        LiveSlotsSuite,
        "test_it_shows_committed_slots_that_are_live",
    ),
    (
        "given up bookings count",
        faults.given_up_bookings_count,
        None,
        DemandReaderSuite,
        "test_only_unserved_bookings_count",
    ),
    (
        "times without their end",
        faults.times_without_their_end,
        None,
        DemandReaderSuite,
        "test_filters_hold_together",
    ),
    (
        "cells by truncation",
        faults.cells_by_truncation,
        None,
        DemandReaderSuite,
        "test_every_place_on_earth_has_a_cell",
    ),
    (
        "students counted twice",
        faults.students_counted_twice,
        None,
        DemandReaderSuite,
        "test_a_group_tells_all_of_its_bookings",
    ),
    (
        "forgotten in no order",
        faults.forgotten_in_no_order,
        None,
        EventFeedSuite,
        "test_old_events_of_which_nobody_is_to_be_told",
    ),
    (
        "unparked with their attempts",
        faults.unparked_with_their_attempts,
        None,
        ParkedEventSuite,
        "test_an_unparked_event_is_told_again",
    ),
    (
        "all dropped",
        faults.all_dropped,
        None,
        ParkedEventSuite,
        "test_a_dropped_event_is_never_told",
    ),
]


@pytest.fixture
def without(clean_database: str) -> Iterator[Callable[[faults.Guard], None]]:
    """Takes guards away, and puts them back into empty tables."""
    gone: list[faults.Guard] = []

    def drop(guard: faults.Guard) -> None:
        gone.append(guard)
        asyncio.run(_execute(clean_database, guard.drop))

    yield drop
    for guard in gone:
        asyncio.run(
            _execute(clean_database, "TRUNCATE schedule_slots, certificates CASCADE", guard.restore)
        )


@pytest.mark.parametrize(
    ("plant", "guard", "suite", "broken"),
    [case[1:] for case in PLANTED],
    ids=[case[0] for case in PLANTED],
)
def test_a_fault_breaks_the_suite(
    monkeypatch: pytest.MonkeyPatch,
    clean_database: str,
    without: Callable[[faults.Guard], None],
    plant: faults.Plant,
    guard: faults.Guard | None,
    suite: type[StoreSuite],
    broken: str,
) -> None:
    @asynccontextmanager
    async def on_postgres() -> AsyncIterator[StoreUnderTest]:
        async with opened(clean_database) as database:
            await database.fetch("TRUNCATE schedule_slots, outbox_events, zones CASCADE")
            yield postgres_under_test(database)

    assert asyncio.run(failures_of(suite, on_postgres, broken)) == {}
    if guard is not None:
        without(guard)
    plant(monkeypatch)
    assert asyncio.run(failures_of(suite, on_postgres, broken))


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
