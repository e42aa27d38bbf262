"""The plugin: how the trainer directory over HTTP comes into Muster."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from muster.plugin_api import (
    CliCommand,
    CompositionError,
    HealthCheck,
    HealthReport,
    HttpRoutes,
    JobType,
    Layer,
    LifespanStep,
    Manifest,
    PortLookup,
    PortProvider,
    PortWrapper,
    SettingsLookup,
    hookimpl,
)
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.observation import OBSERVER, Gauge
from muster.ports.snapshot_store import SNAPSHOT_STORE
from muster.ports.trainer_directory import TRAINER_DIRECTORY, TrainerDirectory
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.breaker import Breaker, BreakerState
from muster_trainer_http.bulk_dialect import BulkDialect
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.directory import HttpTrainerDirectory
from muster_trainer_http.listing_dialect import ListingDialect
from muster_trainer_http.refreshing import refreshing_type
from muster_trainer_http.sandbox.command import trainer_sandbox
from muster_trainer_http.settings import TrainerHttpSettings
from muster_trainer_http.snapshots import SnapshotDirectory
from muster_trainer_http.status import health_of, status_route

__all__ = ["TrainerHttpPlugin", "plugin"]

_SPARE_SECONDS = 1.0


class TrainerHttpPlugin:
    """Trainers over HTTP, with snapshots; each app has an instance of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(
        name="trainer_http", api_version=1, settings=TrainerHttpSettings
    )

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._activity = DirectoryActivity()
        self._client: TrainerServiceClient | None = None
        self._breaker: Breaker | None = None
        self._snapshots: SnapshotDirectory | None = None

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the provider ``http`` of the trainer directory."""
        section = settings.section(TrainerHttpSettings)
        return [PortProvider(TRAINER_DIRECTORY, "http", partial(self._directory, section))]

    @hookimpl
    def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
        """Offer snapshots around whatever trainer directory was chosen."""
        section = settings.section(TrainerHttpSettings)
        wrap = partial(self._with_snapshots, settings=section)
        return [PortWrapper(TRAINER_DIRECTORY, Layer.CACHE, "snapshots", wrap)]

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Hold the pool of connections open while the app runs."""
        section = settings.section(TrainerHttpSettings)
        if section.url is None:
            return []
        return [
            LifespanStep(
                "trainer service client", lambda ports: self._client_of(section, ports).opened()
            )
        ]

    @hookimpl
    def health_checks(self, settings: SettingsLookup) -> Sequence[HealthCheck]:
        """Offer ``trainerService``; Muster is ready without it, but degraded."""
        section = settings.section(TrainerHttpSettings)
        if section.url is None:
            return []

        async def check(ports: PortLookup) -> HealthReport:
            return await health_of(self._client_of(section, ports), self._breaker_state())

        # The client gives up first: cut off from outside, the check could not tell the breaker.
        patience = section.page_seconds + _SPARE_SECONDS
        return [HealthCheck("trainerService", check, patience, critical=False)]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer ``GET /plugins/trainer_http/status``, to those who are signed in."""
        return [HttpRoutes([status_route(self._activity, self._breaker_state)])]

    @hookimpl
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        """Offer the job that keeps snapshots young, where any is ever used in an outage."""
        section = settings.section(TrainerHttpSettings)
        if not section.refresh_asked_within_seconds or not section.snapshot_max_age_seconds:
            return []
        return [refreshing_type(section, self._snapshots_of, partial(self._breaker_of, section))]

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer ``muster trainer-sandbox``."""
        return [CliCommand(trainer_sandbox)]

    def _client_of(self, settings: TrainerHttpSettings, ports: PortLookup) -> TrainerServiceClient:
        if settings.url is None:
            raise CompositionError(
                "No trainer service is configured. Set TRAINER_SERVICE_URL to its address, "
                "or start a sample one with `muster trainer-sandbox`."
            )
        if self._client is None:
            self._client = TrainerServiceClient(
                settings.url,
                settings,
                ports.get(ENTROPY),
                self._activity,
                ports.get(OBSERVER),
            )
        return self._client

    def _directory(self, settings: TrainerHttpSettings, ports: PortLookup) -> TrainerDirectory:
        kind = ListingDialect if settings.dialect == "listing" else BulkDialect
        dialect = kind(self._client_of(settings, ports), settings)
        breaker = self._breaker_of(settings, ports)
        ports.get(OBSERVER).offer(
            Gauge(
                "trainer_service_breaker",
                "1 for the state of the breaker before the trainer service, 0 for the others.",
                "state",
                self._breaker_states,
            )
        )
        return HttpTrainerDirectory(
            dialect, ports.get(CLOCK), settings.question_seconds, breaker, self._activity
        )

    def _breaker_of(self, settings: TrainerHttpSettings, ports: PortLookup) -> Breaker:
        if self._breaker is None:
            failures, seconds = settings.breaker_failures, settings.breaker_seconds
            self._breaker = Breaker(ports.get(CLOCK), failures, seconds)
        return self._breaker

    def _breaker_state(self) -> BreakerState:
        return BreakerState.CLOSED if self._breaker is None else self._breaker.state

    async def _breaker_states(self) -> dict[str, float]:
        return {state.value: float(state is self._breaker_state()) for state in BreakerState}

    def _with_snapshots(
        self, inner: TrainerDirectory, ports: PortLookup, *, settings: TrainerHttpSettings
    ) -> TrainerDirectory:
        self._snapshots = SnapshotDirectory(
            inner, ports.get(SNAPSHOT_STORE), ports.get(CLOCK), settings, self._activity
        )
        return self._snapshots

    def _snapshots_of(self, ports: PortLookup) -> SnapshotDirectory:
        ports.get(TRAINER_DIRECTORY)
        if self._snapshots is None:
            raise CompositionError("The trainer directory was composed without its snapshots.")
        return self._snapshots


plugin = TrainerHttpPlugin
