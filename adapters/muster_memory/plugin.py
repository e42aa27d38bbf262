"""The plugin that offers the memory adapters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from muster.plugin_api import Manifest, PortProvider, SettingsLookup, hookimpl
from muster.ports.audit import AUDIT_CHAIN, AUDIT_READER
from muster.ports.blocks import BLOCK_READER
from muster.ports.bookings import BOOKING_READER
from muster.ports.calendars import CALENDAR_READER
from muster.ports.certificate_documents import CERTIFICATE_DOCUMENTS
from muster.ports.certificates import CERTIFICATE_READER
from muster.ports.clock import CLOCK
from muster.ports.demand import DEMAND_READER
from muster.ports.deployment_keys import DEPLOYMENT_KEYS
from muster.ports.event_feed import EVENT_FEED
from muster.ports.event_replays import EVENT_REPLAYS
from muster.ports.franchises import FRANCHISE_READER
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.notifier import NOTIFIER
from muster.ports.schedule import SCHEDULE_READER
from muster.ports.snapshot_store import SNAPSHOT_STORE
from muster.ports.trainer_directory import TRAINER_DIRECTORY
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.ports.zones import ZONE_LOCATOR, ZONE_READER
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
from muster_memory.store import MemoryStore
from muster_memory.trainer_directory import MemoryTrainerDirectory, TrainerRoll
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from muster_memory.zone_locator import MemoryZoneLocator
from muster_memory.zones import MemoryZoneReader

__all__ = ["MemoryPlugin"]

_NAME = "memory"


class MemoryPlugin:
    """Offers every port of the store and the trainer directory from memory.

    Attributes:
        store: What this app has stored; a test may look into it.
        roll: The trainers that the directory knows; a test fills it.
        notifier: What people were told; a test may look into it.
    """

    MANIFEST: ClassVar[Manifest] = Manifest(name=_NAME, api_version=1)

    def __init__(self) -> None:
        """Start with an empty store and nobody on the roll."""
        self.store = MemoryStore()
        self.roll = TrainerRoll()
        self.notifier = MemoryNotifier()

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the adapters; all of them share one store."""
        store, roll = self.store, self.roll
        return (
            PortProvider(UNIT_OF_WORK, _NAME, lambda _: MemoryUnitOfWorkFactory(store)),
            PortProvider(FRANCHISE_READER, _NAME, lambda _: MemoryFranchiseReader(store)),
            PortProvider(ZONE_READER, _NAME, lambda _: MemoryZoneReader(store)),
            PortProvider(ZONE_LOCATOR, _NAME, lambda _: MemoryZoneLocator(store)),
            PortProvider(BOOKING_READER, _NAME, lambda _: MemoryBookingReader(store)),
            PortProvider(SCHEDULE_READER, _NAME, lambda _: MemoryScheduleReader(store)),
            PortProvider(DEMAND_READER, _NAME, lambda _: MemoryDemandReader(store)),
            PortProvider(BLOCK_READER, _NAME, lambda _: MemoryBlockReader(store)),
            PortProvider(CERTIFICATE_READER, _NAME, lambda _: MemoryCertificateReader(store)),
            PortProvider(CERTIFICATE_DOCUMENTS, _NAME, lambda _: MemoryCertificateDocuments(store)),
            PortProvider(CALENDAR_READER, _NAME, lambda _: MemoryCalendarReader(store)),
            PortProvider(SNAPSHOT_STORE, _NAME, lambda _: MemorySnapshotStore(store)),
            PortProvider(EVENT_FEED, _NAME, lambda _: MemoryEventFeed(store)),
            PortProvider(EVENT_REPLAYS, _NAME, lambda _: MemoryEventReplays(store)),
            PortProvider(JOB_QUEUE, _NAME, lambda _: MemoryJobQueue(store)),
            PortProvider(DEPLOYMENT_KEYS, _NAME, lambda _: MemoryDeploymentKeys(store)),
            PortProvider(AUDIT_READER, _NAME, lambda _: MemoryAuditReader(store)),
            PortProvider(AUDIT_CHAIN, _NAME, lambda _: MemoryAuditChain(store)),
            PortProvider(NOTIFIER, _NAME, lambda _: self.notifier),
            PortProvider(
                TRAINER_DIRECTORY,
                _NAME,
                lambda ports: MemoryTrainerDirectory(roll, ports.get(CLOCK)),
            ),
        )
