"""The memory adapter, held to every suite."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from muster.domain.trainers import Trainer
from muster.ports.certificate_documents import CertificateDocuments
from muster.ports.deployment_keys import DeploymentKeys
from muster.ports.journal import AuditEntry, RecordedEvent
from muster.ports.notifier import Notice, Notifier
from muster.ports.snapshot_store import SnapshotStore
from muster.ports.trainer_directory import TrainerDirectory
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT
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
from muster.testing.suites.notifier import NotifierSuite, PostOffice
from muster.testing.suites.parked_events import ParkedEventSuite
from muster.testing.suites.releases import ReleaseSuite, ScheduleReaderSuite
from muster.testing.suites.scopes import ScopeSuite
from muster.testing.suites.snapshot_store import SnapshotStoreSuite
from muster.testing.suites.store_under_test import StoreUnderTest
from muster.testing.suites.trainer_directory import TrainerDirectorySuite, TrainerService
from muster.testing.suites.unit_of_work import UnitOfWorkSuite
from muster.testing.suites.zone_locator import ZoneLocatorSuite
from muster.testing.suites.zone_reader import ZoneReaderSuite
from muster.testing.suites.zones import ZoneRepositorySuite
from muster_memory import MemoryStore, MemoryTrainerDirectory, TrainerRoll
from muster_memory.audit import MemoryAuditChain, MemoryAuditReader
from muster_memory.blocks import MemoryBlockReader
from muster_memory.booking_reader import MemoryBookingReader
from muster_memory.calendar_reader import MemoryCalendarReader
from muster_memory.certificate_documents import MemoryCertificateDocuments
from muster_memory.certificates import MemoryCertificateReader
from muster_memory.demand import MemoryDemandReader
from muster_memory.deployment_keys import MemoryDeploymentKeys
from muster_memory.event_feed import MemoryEventFeed
from muster_memory.event_replays import MemoryEventReplays
from muster_memory.franchises import MemoryFranchiseReader
from muster_memory.job_queue import MemoryJobQueue
from muster_memory.notifier import MemoryNotifier
from muster_memory.schedule import MemoryScheduleReader
from muster_memory.snapshot_store import MemorySnapshotStore
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from muster_memory.zone_locator import MemoryZoneLocator
from muster_memory.zones import MemoryZoneReader


def memory_under_test(given: MemoryStore | None = None) -> StoreUnderTest:
    store = given or MemoryStore()

    async def events() -> Sequence[RecordedEvent]:
        return list(store.events.all())

    async def audit() -> Sequence[AuditEntry]:
        return list(store.audit.all())

    return StoreUnderTest(
        unit_of_work=MemoryUnitOfWorkFactory(store),
        franchise_reader=MemoryFranchiseReader(store),
        zone_reader=MemoryZoneReader(store),
        zone_locator=MemoryZoneLocator(store),
        booking_reader=MemoryBookingReader(store),
        schedule_reader=MemoryScheduleReader(store),
        block_reader=MemoryBlockReader(store),
        demand_reader=MemoryDemandReader(store),
        calendar_reader=MemoryCalendarReader(store),
        certificate_reader=MemoryCertificateReader(store),
        event_feed=MemoryEventFeed(store),
        event_replays=MemoryEventReplays(store),
        audit_reader=MemoryAuditReader(store),
        audit_chain=MemoryAuditChain(store),
        events=events,
        audit=audit,
    )


class OnMemory:
    @pytest.fixture
    def store(self) -> StoreUnderTest:
        return memory_under_test()


class TestUnitOfWork(OnMemory, UnitOfWorkSuite):
    pass


class TestFranchiseRepository(OnMemory, FranchiseRepositorySuite):
    pass


class TestFranchiseReader(OnMemory, FranchiseReaderSuite):
    pass


class TestZoneRepository(OnMemory, ZoneRepositorySuite):
    pass


class TestZoneReader(OnMemory, ZoneReaderSuite):
    pass


class TestZoneLocator(OnMemory, ZoneLocatorSuite):
    pass


class TestBookingRepository(OnMemory, BookingRepositorySuite):
    pass


class TestBookingReader(OnMemory, BookingReaderSuite):
    pass


class TestBookingChanges(OnMemory, BookingChangeSuite):
    pass


class TestLine(OnMemory, LineSuite):
    pass


class TestReceipts(OnMemory, ReceiptSuite):
    pass


class TestCertificateRepository(OnMemory, CertificateRepositorySuite):
    pass


class TestCertificateReader(OnMemory, CertificateReaderSuite):
    pass


class TestCertificateDocuments(CertificateDocumentsSuite):
    @pytest.fixture
    def kept(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def store(self, kept: MemoryStore) -> StoreUnderTest:
        return memory_under_test(kept)

    @pytest.fixture
    def documents(self, kept: MemoryStore) -> CertificateDocuments:
        return MemoryCertificateDocuments(kept)


class TestAvailability(OnMemory, AvailabilitySuite):
    pass


class TestClaims(OnMemory, ClaimSuite):
    pass


class TestReleases(OnMemory, ReleaseSuite):
    pass


class TestHeldTime(OnMemory, HeldTimeSuite):
    pass


class TestBlockRepository(OnMemory, BlockRepositorySuite):
    pass


class TestBlockReader(OnMemory, BlockReaderSuite):
    pass


class TestScheduleReader(OnMemory, ScheduleReaderSuite):
    pass


class TestLiveSlots(OnMemory, LiveSlotsSuite):
    pass


class TestDemandReader(OnMemory, DemandReaderSuite):
    pass


class TestCalendarReader(OnMemory, CalendarReaderSuite):
    pass


class TestJournal(OnMemory, JournalSuite):
    pass


class TestScopes(OnMemory, ScopeSuite):
    pass


class TestAuditReader(OnMemory, AuditReaderSuite):
    pass


class TestAuditChain(OnMemory, AuditChainSuite):
    pass


class TestEventReplays(OnMemory, EventReplaySuite):
    pass


class TestEventFeed(OnMemory, EventFeedSuite):
    pass


class TestParkedEvents(OnMemory, ParkedEventSuite):
    pass


class TestSnapshotStore(SnapshotStoreSuite):
    @pytest.fixture
    def snapshots(self) -> SnapshotStore:
        return MemorySnapshotStore(MemoryStore())


class TestDeploymentKeys(DeploymentKeysSuite):
    @pytest.fixture
    def keys(self) -> DeploymentKeys:
        return MemoryDeploymentKeys(MemoryStore())


class JobsInMemory:
    @pytest.fixture
    def jobs(self) -> JobsUnderTest:
        store = MemoryStore()
        return JobsUnderTest(MemoryJobQueue(store), MemoryUnitOfWorkFactory(store))


class TestJobQueue(JobsInMemory, JobQueueSuite):
    pass


class TestJobsAskedAgain(JobsInMemory, JobsAskedAgainSuite):
    pass


class TestEndedJobs(JobsInMemory, EndedJobSuite):
    pass


class KeptNotices(PostOffice):
    def __init__(self, notifier: MemoryNotifier) -> None:
        self._notifier = notifier

    async def arrived(self) -> Sequence[Notice]:
        return self._notifier.kept

    async def close(self) -> None:
        self._notifier.available = False


class TestNotifier(NotifierSuite):
    @pytest.fixture
    def kept(self) -> MemoryNotifier:
        return MemoryNotifier()

    @pytest.fixture
    def notifier(self, kept: MemoryNotifier) -> Notifier:
        return kept

    @pytest.fixture
    def office(self, kept: MemoryNotifier) -> PostOffice:
        return KeptNotices(kept)


class RollService(TrainerService):
    def __init__(self, roll: TrainerRoll) -> None:
        self._roll = roll

    async def admit(self, *trainers: Trainer) -> None:
        self._roll.put(*trainers)

    async def fail(self) -> None:
        self._roll.available = False


class TestTrainerDirectory(TrainerDirectorySuite):
    @pytest.fixture
    def roll(self) -> TrainerRoll:
        return TrainerRoll()

    @pytest.fixture
    def directory(self, roll: TrainerRoll) -> TrainerDirectory:
        return MemoryTrainerDirectory(roll, FakeClock(AN_INSTANT))

    @pytest.fixture
    def service(self, roll: TrainerRoll) -> TrainerService:
        return RollService(roll)
