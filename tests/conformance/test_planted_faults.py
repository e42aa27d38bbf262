"""A suite that never fails proves nothing: each of these faults must break one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from muster.testing.suites.blocks import BlockRepositorySuite
from muster.testing.suites.booking_changes import BookingChangeSuite, LineSuite
from muster.testing.suites.booking_reader import ReceiptSuite
from muster.testing.suites.bookings import BookingRepositorySuite
from muster.testing.suites.certificates import CertificateRepositorySuite
from muster.testing.suites.claims import ClaimSuite
from muster.testing.suites.demand import DemandReaderSuite
from muster.testing.suites.event_feed import EventFeedSuite
from muster.testing.suites.franchises import FranchiseRepositorySuite
from muster.testing.suites.held_time import HeldTimeSuite
from muster.testing.suites.journal import JournalSuite
from muster.testing.suites.live_slots import LiveSlotsSuite
from muster.testing.suites.parked_events import ParkedEventSuite
from muster.testing.suites.releases import ReleaseSuite
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.unit_of_work import UnitOfWorkSuite
from muster.testing.suites.zone_locator import ZoneLocatorSuite
from muster.testing.suites.zones import ZoneRepositorySuite
from tests.conformance import memory_change_faults as change_faults
from tests.conformance import memory_faults as faults
from tests.conformance import memory_reading_faults as reading
from tests.conformance.suite_runner import failures_of
from tests.conformance.test_memory import memory_under_test

Plant = Callable[[pytest.MonkeyPatch], None]

PLANTED: list[tuple[Plant, type[StoreSuite], str]] = [
    (faults.overlaps_ignored, ClaimSuite, "test_time_that_overlaps_is_taken"),
    (faults.timeslots_ignored, ClaimSuite, "test_an_equal_local_date_and_timeslot_is_taken"),
    (faults.claims_without_a_look, ClaimSuite, "test_time_that_overlaps_is_taken"),
    (faults.claims_without_a_lock, ClaimSuite, "test_of_many_units_at_once_one_wins"),
    (faults.claims_by_halves, ClaimSuite, "test_a_claim_is_all_or_nothing"),
    (faults.freeing_nothing, ReleaseSuite, "test_a_cancelled_booking_gives_its_time_back"),
    (faults.freeing_the_trainers_whole_time, ReleaseSuite, "test_only_the_named_sessions"),
    (change_faults.under_by_time_alone, HeldTimeSuite, "test_an_equal_local_date_and_timeslot"),
    (change_faults.holding_nobody, HeldTimeSuite, "test_held_time_is_claimed_by_nobody_else"),
    (change_faults.held_as_asked, HeldTimeSuite, "test_trainers_are_held_in_order_of_their_ids"),
    (
        change_faults.held_as_asked,
        BookingChangeSuite,
        "test_several_are_locked_in_order_of_their_ids",
    ),
    (
        change_faults.a_lost_claim_lets_go_of_all,
        HeldTimeSuite,
        "test_a_lost_claim_leaves_the_trainer",
    ),
    (change_faults.unblocking_the_trainer, HeldTimeSuite, "test_a_block_lets_go_of_its_time"),
    (
        change_faults.blocks_without_a_lock,
        BlockRepositorySuite,
        "test_a_block_that_was_got_is_locked",
    ),
    (change_faults.removed_blocks_listed, BlockRepositorySuite, "test_a_removed_block_is_gone"),
    (change_faults.made_up_sessions_unknown, BookingChangeSuite, "test_a_make_up_takes_the_number"),
    (
        change_faults.one_of_several_replaced,
        BookingChangeSuite,
        "test_several_are_replaced_at_once",
    ),
    (change_faults.the_line_of_the_zone, LineSuite, "test_first_come_is_first"),
    (change_faults.receipts_by_time, ReceiptSuite, "test_receipts_are_by_version"),
    (change_faults.archived_zones_forgotten, ZoneLocatorSuite, "test_a_zone_comes_by_its_id"),
    (faults.leaving_commits, UnitOfWorkSuite, "test_what_was_not_committed_is_undone"),
    (faults.references_without_a_lock, BookingRepositorySuite, "test_of_many_units_at_once"),
    (faults.zones_without_a_lock, ZoneRepositorySuite, "test_the_version_stays_in_force"),
    (faults.bookings_of_a_zone_wait, ZoneRepositorySuite, "test_bookings_of_a_zone_do_not_wait"),
    (faults.names_not_folded, FranchiseRepositorySuite, "test_a_folded_name_is_taken_once"),
    (faults.sessions_not_replaced, BookingRepositorySuite, "test_a_changed_booking_is_stored"),
    (faults.archived_zones_serve, ZoneLocatorSuite, "test_an_archived_zone_serves_nothing"),
    (faults.numbers_without_a_look, CertificateRepositorySuite, "test_a_taken_number_stores"),
    (faults.numbers_without_a_lock, CertificateRepositorySuite, "test_who_stores_a_number_first"),
    (
        faults.certificates_without_a_guard,
        CertificateRepositorySuite,
        "test_a_student_has_one_in_force",
    ),
    (faults.events_lost, JournalSuite, "test_events_are_stored_in_order"),
    (reading.dates_of_the_span_ignored, LiveSlotsSuite, "test_a_date_of_the_span_is_enough"),
    (reading.spans_with_their_ends, LiveSlotsSuite, "test_the_end_of_the_span"),
    (reading.shared_times_of_the_first, LiveSlotsSuite, "test_all_trainers_are_told"),
    (reading.given_up_bookings_count, DemandReaderSuite, "test_only_unserved_bookings_count"),
    (reading.times_without_their_end, DemandReaderSuite, "test_filters_hold_together"),
    (reading.cells_by_truncation, DemandReaderSuite, "test_every_place_on_earth_has_a_cell"),
    (reading.students_counted_twice, DemandReaderSuite, "test_a_group_tells_all_of_its_bookings"),
    (reading.all_unparked, ParkedEventSuite, "test_an_unparked_event_is_told_again"),
    (
        reading.forgotten_before_they_are_told,
        EventFeedSuite,
        "test_old_events_of_which_nobody_is_to_be_told",
    ),
    (reading.dropped_for_everybody, ParkedEventSuite, "test_a_dropped_event_is_never_told"),
]


@asynccontextmanager
async def on_memory() -> AsyncIterator[StoreUnderTest]:
    yield memory_under_test()


@pytest.mark.parametrize(
    ("plant", "suite", "broken"), PLANTED, ids=[plant.__name__ for plant, _, _ in PLANTED]
)
def test_a_fault_breaks_the_suite(
    monkeypatch: pytest.MonkeyPatch, plant: Plant, suite: type[StoreSuite], broken: str
) -> None:
    assert asyncio.run(failures_of(suite, on_memory, broken)) == {}
    plant(monkeypatch)
    assert asyncio.run(failures_of(suite, on_memory, broken))
