"""The plugin: how all of it comes into Muster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import click
from litestar import get
from msgspec import Struct

from muster.plugin_api import (
    CliCommand,
    EligibilityRule,
    EventSubscriber,
    HealthCheck,
    HttpRoutes,
    Manifest,
    RankingPolicy,
    SettingsLookup,
    hookimpl,
    setting,
)
from muster_example.daily_limit import daily_limit
from muster_example.diary import EVENTS, Diary
from muster_example.fewest_hours import FEWEST_HOURS

__all__ = ["ExamplePlugin", "ExampleSettings"]


class ExampleSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``example``."""

    sessions_a_day: Annotated[
        int, setting("The most sessions that a trainer teaches on one day.", ge=1)
    ] = 3
    diary_events: Annotated[int, setting("How many events a server remembers.", ge=1)] = 1000


class ExamplePlugin:
    """One of each; each app has an instance and a diary of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="example", api_version=1, settings=ExampleSettings)

    def __init__(self) -> None:
        """Begin with an empty diary."""
        self.diary = Diary()

    @hookimpl
    def assignment_rules(self, settings: SettingsLookup) -> Sequence[EligibilityRule]:
        """Offer ``EXAMPLE_DAILY_LIMIT``."""
        return [daily_limit(settings.section(ExampleSettings).sessions_a_day)]

    @hookimpl
    def ranking_policies(self) -> Sequence[RankingPolicy]:
        """Offer ``example-fewest-hours``."""
        return [FEWEST_HOURS]

    @hookimpl
    def event_subscribers(self, settings: SettingsLookup) -> Sequence[EventSubscriber]:
        """Offer ``diary``, which hears of bookings."""
        self.diary.most = settings.section(ExampleSettings).diary_events
        return [EventSubscriber("diary", self.diary.hear, EVENTS, timeout_seconds=5.0)]

    @hookimpl
    def http_routes(self) -> Sequence[HttpRoutes]:
        """Offer ``GET /plugins/example/diary``."""
        diary = self.diary

        @get("/diary", summary="What this server has heard", sync_to_thread=False)
        def read() -> list[dict[str, str]]:
            return diary.pages()

        return [HttpRoutes([read])]

    @hookimpl
    def health_checks(self) -> Sequence[HealthCheck]:
        """Offer ``exampleDiary``; Muster is ready without it."""
        return [HealthCheck("exampleDiary", self.diary.health, 1.0, critical=False)]

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer ``muster example``."""
        most = settings.section(ExampleSettings).sessions_a_day

        @click.command("example", help="Say how many sessions a day a trainer teaches at most.")
        def command() -> None:
            click.echo(f"At most {most} sessions a day.")

        return [CliCommand(command)]
