"""The plugin: how PostgreSQL comes into Muster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from muster.plugin_api import (
    CliCommand,
    HealthCheck,
    HealthReport,
    HealthStatus,
    LifespanStep,
    Manifest,
    PortLookup,
    PortProvider,
    SettingsLookup,
    hookimpl,
)
from muster.ports.audit import AUDIT_CHAIN, AUDIT_READER
from muster.ports.blocks import BLOCK_READER
from muster.ports.bookings import BOOKING_READER
from muster.ports.calendars import CALENDAR_READER
from muster.ports.certificate_documents import CERTIFICATE_DOCUMENTS
from muster.ports.certificates import CERTIFICATE_READER
from muster.ports.demand import DEMAND_READER
from muster.ports.deployment_keys import DEPLOYMENT_KEYS
from muster.ports.event_feed import EVENT_FEED
from muster.ports.event_replays import EVENT_REPLAYS
from muster.ports.franchises import FRANCHISE_READER
from muster.ports.observation import OBSERVER
from muster.ports.schedule import SCHEDULE_READER
from muster.ports.snapshot_store import SNAPSHOT_STORE
from muster.ports.unit_of_work import UNIT_OF_WORK, DatabaseUnavailable
from muster.ports.zones import ZONE_LOCATOR, ZONE_READER
from muster_postgres.audit import PostgresAuditChain, PostgresAuditReader
from muster_postgres.blocks import PostgresBlockReader
from muster_postgres.booking_reader import PostgresBookingReader
from muster_postgres.calendar_reader import PostgresCalendarReader
from muster_postgres.certificate_documents import PostgresCertificateDocuments
from muster_postgres.certificates import PostgresCertificateReader
from muster_postgres.commands import db_commands
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

__all__ = ["PostgresPlugin"]

_NAME = "postgres"


class PostgresPlugin:
    """Every port of the store; each app has an instance and a pool of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(name=_NAME, api_version=1, settings=PostgresSettings)

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._database: Database | None = None

    def database(self, settings: SettingsLookup) -> Database:
        """Return the app's database; tests count its statements."""
        if self._database is None:
            self._database = Database(settings.section(PostgresSettings))
        return self._database

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the provider ``postgres`` of every port of the store."""
        database = self.database(settings)
        return [
            PortProvider(UNIT_OF_WORK, _NAME, lambda _: PostgresUnitOfWorkFactory(database)),
            PortProvider(FRANCHISE_READER, _NAME, lambda _: PostgresFranchiseReader(database)),
            PortProvider(ZONE_READER, _NAME, lambda _: PostgresZoneReader(database)),
            PortProvider(ZONE_LOCATOR, _NAME, lambda _: PostgresZoneLocator(database)),
            PortProvider(BOOKING_READER, _NAME, lambda _: PostgresBookingReader(database)),
            PortProvider(SCHEDULE_READER, _NAME, lambda _: PostgresScheduleReader(database)),
            PortProvider(DEMAND_READER, _NAME, lambda _: PostgresDemandReader(database)),
            PortProvider(BLOCK_READER, _NAME, lambda _: PostgresBlockReader(database)),
            PortProvider(CERTIFICATE_READER, _NAME, lambda _: PostgresCertificateReader(database)),
            PortProvider(
                CERTIFICATE_DOCUMENTS, _NAME, lambda _: PostgresCertificateDocuments(database)
            ),
            PortProvider(CALENDAR_READER, _NAME, lambda _: PostgresCalendarReader(database)),
            PortProvider(SNAPSHOT_STORE, _NAME, lambda _: PostgresSnapshotStore(database)),
            PortProvider(EVENT_FEED, _NAME, lambda _: PostgresEventFeed(database)),
            PortProvider(EVENT_REPLAYS, _NAME, lambda _: PostgresEventReplays(database)),
            PortProvider(DEPLOYMENT_KEYS, _NAME, lambda _: PostgresDeploymentKeys(database)),
            PortProvider(AUDIT_READER, _NAME, lambda _: PostgresAuditReader(database)),
            PortProvider(AUDIT_CHAIN, _NAME, lambda _: PostgresAuditChain(database)),
        ]

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Migrate, and hold the pool open while the app runs."""
        database = self.database(settings)
        return [LifespanStep("PostgreSQL pool", lambda ports: database.opened(ports.get(OBSERVER)))]

    @hookimpl
    def health_checks(self, settings: SettingsLookup) -> Sequence[HealthCheck]:
        """Offer ``postgres``; Muster is not ready without it."""
        database = self.database(settings)

        async def check(_: PortLookup) -> HealthReport:
            try:
                await database.fetchrow("SELECT 1")
            except DatabaseUnavailable as away:
                return HealthReport(HealthStatus.DOWN, away.message)
            return HealthReport(HealthStatus.UP)

        return [HealthCheck("postgres", check, timeout_seconds=2.0, critical=True)]

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer ``muster db``."""
        section = settings.section(PostgresSettings)
        return [CliCommand(db_commands(section.url, section.connect_timeout_seconds))]
