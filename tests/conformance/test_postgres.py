"""The PostgreSQL adapter, held to every suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from muster.domain.events import Event
from muster.ports.certificate_documents import CertificateDocuments
from muster.ports.deployment_keys import DeploymentKeys
from muster.ports.journal import AuditEntry, RecordedEvent
from muster.ports.snapshot_store import SnapshotStore
from muster.testing.suites.audit import AuditChainSuite, AuditReaderSuite
from muster.testing.suites.availability import AvailabilitySuite
from muster.testing.suites.blocks import BlockReaderSuite, BlockRepositorySuite
from muster.testing.suites.booking_changes import BookingChangeSuite, LineSuite
from muster.testing.suites.booking_reader import BookingReaderSuite, ReceiptSuite
from muster.testing.suites.bookings import BookingRepositorySuite
from muster.testing.suites.calendars import CalendarReaderSuite
from muster.testing.suites.certificate_documents import CertificateDocumentsSuite
from muster.testing.suites.certificates import (
    CertificateReaderSuite,
    CertificateRepositorySuite,
)
from muster.testing.suites.claims import ClaimSuite
from muster.testing.suites.demand import DemandReaderSuite
from muster.testing.suites.deployment_keys import DeploymentKeysSuite
from muster.testing.suites.ended_jobs import EndedJobSuite
from muster.testing.suites.event_feed import EventFeedSuite
from muster.testing.suites.event_replays import EventReplaySuite
from muster.testing.suites.franchises import FranchiseReaderSuite, FranchiseRepositorySuite
from muster.testing.suites.held_time import HeldTimeSuite
from muster.testing.suites.job_queue import JobQueueSuite
from muster.testing.suites.jobs_asked_again import JobsAskedAgainSuite
from muster.testing.suites.jobs_under_test import JobsUnderTest
from muster.testing.suites.journal import JournalSuite
from muster.testing.suites.live_slots import LiveSlotsSuite
from muster.testing.suites.parked_events import ParkedEventSuite
from muster.testing.suites.releases import ReleaseSuite, ScheduleReaderSuite
from muster.testing.suites.scopes import ScopeSuite
from muster.testing.suites.snapshot_store import SnapshotStoreSuite
from muster.testing.suites.store_under_test import StoreUnderTest
from muster.testing.suites.unit_of_work import UnitOfWorkSuite
from muster.testing.suites.zone_locator import ZoneLocatorSuite
from muster.testing.suites.zone_reader import ZoneReaderSuite
from muster.testing.suites.zones import ZoneRepositorySuite
from muster_jobs.queue import PostgresJobQueue
from muster_postgres.audit import PostgresAuditChain, PostgresAuditReader
from muster_postgres.blocks import PostgresBlockReader
from muster_postgres.booking_reader import PostgresBookingReader
from muster_postgres.calendar_reader import PostgresCalendarReader
from muster_postgres.certificate_documents import PostgresCertificateDocuments
from muster_postgres.certificates import PostgresCertificateReader
from muster_postgres.database import Database
from muster_postgres.demand import PostgresDemandReader
from muster_postgres.deployment_keys import PostgresDeploymentKeys
from muster_postgres.event_feed import PostgresEventFeed
from muster_postgres.event_replays import PostgresEventReplays
from muster_postgres.franchises import PostgresFranchiseReader
from muster_postgres.schedule import PostgresScheduleReader
from muster_postgres.settings import PostgresSettings
from muster_postgres.snapshot_store import PostgresSnapshotStore
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from muster_postgres.zone_locator import PostgresZoneLocator
from muster_postgres.zones import PostgresZoneReader


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(PostgresSettings(url=url, migrate_on_start=False))
    async with database.opened():
        yield database


def postgres_under_test(database: Database) -> StoreUnderTest:
    async def events() -> Sequence[RecordedEvent]:
        rows = await database.fetch(
            "SELECT id, at, correlation_id, payload, trace_context FROM outbox_events"
            " ORDER BY position"
        )
        return [
            RecordedEvent(id_, at, correlation, msgspec.json.decode(payload, type=Event), trace)
            for id_, at, correlation, payload, trace in rows
        ]

    async def audit() -> Sequence[AuditEntry]:
        rows = await database.fetch(
            "SELECT id, at, actor, action, subject_kind, subject_id, franchise_id, "
            "correlation_id, change, address FROM audit_entries ORDER BY position"
        )
        return [AuditEntry(**{**row, "change": msgspec.json.decode(row["change"])}) for row in rows]

    return StoreUnderTest(
        unit_of_work=PostgresUnitOfWorkFactory(database),
        franchise_reader=PostgresFranchiseReader(database),
        zone_reader=PostgresZoneReader(database),
        zone_locator=PostgresZoneLocator(database),
        booking_reader=PostgresBookingReader(database),
        schedule_reader=PostgresScheduleReader(database),
        block_reader=PostgresBlockReader(database),
        demand_reader=PostgresDemandReader(database),
        calendar_reader=PostgresCalendarReader(database),
        certificate_reader=PostgresCertificateReader(database),
        event_feed=PostgresEventFeed(database),
        event_replays=PostgresEventReplays(database),
        audit_reader=PostgresAuditReader(database),
        audit_chain=PostgresAuditChain(database),
        events=events,
        audit=audit,
    )


class OnPostgres:
    @pytest.fixture
    async def database(self, clean_database: str) -> AsyncIterator[Database]:
        async with opened(clean_database) as database:
            yield database

    @pytest.fixture
    def store(self, database: Database) -> StoreUnderTest:
        return postgres_under_test(database)


class TestUnitOfWork(OnPostgres, UnitOfWorkSuite):
    pass


class TestFranchiseRepository(OnPostgres, FranchiseRepositorySuite):
    pass


class TestFranchiseReader(OnPostgres, FranchiseReaderSuite):
    pass


class TestZoneRepository(OnPostgres, ZoneRepositorySuite):
    pass


class TestZoneReader(OnPostgres, ZoneReaderSuite):
    pass


class TestZoneLocator(OnPostgres, ZoneLocatorSuite):
    pass


class TestBookingRepository(OnPostgres, BookingRepositorySuite):
    pass


class TestBookingReader(OnPostgres, BookingReaderSuite):
    pass


class TestBookingChanges(OnPostgres, BookingChangeSuite):
    pass


class TestLine(OnPostgres, LineSuite):
    pass


class TestReceipts(OnPostgres, ReceiptSuite):
    pass


class TestCertificateRepository(OnPostgres, CertificateRepositorySuite):
    pass


class TestCertificateReader(OnPostgres, CertificateReaderSuite):
    pass


class TestCertificateDocuments(OnPostgres, CertificateDocumentsSuite):
    @pytest.fixture
    def documents(self, database: Database) -> CertificateDocuments:
        return PostgresCertificateDocuments(database)


class TestAvailability(OnPostgres, AvailabilitySuite):
    pass


class TestClaims(OnPostgres, ClaimSuite):
    pass


class TestReleases(OnPostgres, ReleaseSuite):
    pass


class TestHeldTime(OnPostgres, HeldTimeSuite):
    pass


class TestBlockRepository(OnPostgres, BlockRepositorySuite):
    pass


class TestBlockReader(OnPostgres, BlockReaderSuite):
    pass


class TestScheduleReader(OnPostgres, ScheduleReaderSuite):
    pass


class TestLiveSlots(OnPostgres, LiveSlotsSuite):
    pass


class TestDemandReader(OnPostgres, DemandReaderSuite):
    pass


class TestCalendarReader(OnPostgres, CalendarReaderSuite):
    pass


class TestJournal(OnPostgres, JournalSuite):
    pass


class TestScopes(OnPostgres, ScopeSuite):
    pass


class TestAuditReader(OnPostgres, AuditReaderSuite):
    pass


class TestAuditChain(OnPostgres, AuditChainSuite):
    pass


class TestEventReplays(OnPostgres, EventReplaySuite):
    pass


class TestEventFeed(OnPostgres, EventFeedSuite):
    pass


class TestParkedEvents(OnPostgres, ParkedEventSuite):
    pass


class TestSnapshotStore(OnPostgres, SnapshotStoreSuite):
    @pytest.fixture
    def snapshots(self, database: Database) -> SnapshotStore:
        return PostgresSnapshotStore(database)


class TestDeploymentKeys(OnPostgres, DeploymentKeysSuite):
    @pytest.fixture
    def keys(self, database: Database) -> DeploymentKeys:
        return PostgresDeploymentKeys(database)


class JobsInPostgres(OnPostgres):
    @pytest.fixture
    def jobs(self, database: Database) -> JobsUnderTest:
        units = PostgresUnitOfWorkFactory(database)
        return JobsUnderTest(PostgresJobQueue(units, lambda _: "default"), units)


class TestJobQueue(JobsInPostgres, JobQueueSuite):
    pass


class TestJobsAskedAgain(JobsInPostgres, JobsAskedAgainSuite):
    pass


class TestEndedJobs(JobsInPostgres, EndedJobSuite):
    pass
