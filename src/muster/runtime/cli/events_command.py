"""``muster events``: what subscribers failed to hear, and what is to become of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from muster.domain.events import subject_of
from muster.ports.event_feed import EVENT_FEED, EventFeed, ParkedEvent
from muster.runtime.bootstrap import Application
from muster.runtime.cli.event_replay_commands import replay, status
from muster.runtime.cli.starting import environ_of, run_in_app

__all__ = ["ParkedLine", "events"]

T = TypeVar("T")

_MOST_SHOWN = 10_000

_subscriber = click.option(
    "--subscriber", metavar="PLUGIN/NAME", required=True, help="Who failed to hear it."
)
_event_ids = click.argument("event_ids", nargs=-1, type=click.UUID, metavar="[EVENT_ID]...")
_all = click.option("--all", "everything", is_flag=True, help="All that is parked for it.")


class ParkedLine(Struct, frozen=True, rename="camel"):
    """One line of ``muster events parked --json``.

    Attributes:
        event_id: Of the event; ``retry`` and ``drop`` take it.
        subscriber: Who failed to hear it, as ``plugin/subscriber``.
        event: What happened; see docs/events.md.
        subject_id: The booking, or else the zone, trainer or franchise, that it is about.
        at: UTC instant at which it happened.
        correlation_id: Of the request or job that caused it.
        attempts: How often it was tried.
        error: Why the last attempt failed.
    """

    event_id: UUID
    subscriber: str
    event: str
    subject_id: UUID
    at: datetime
    correlation_id: str
    attempts: int
    error: str


@click.group()
def events() -> None:
    """Show what plugins failed to hear of events; tell it again, or drop it; replay ranges.

    An event that a subscriber fails to hear is parked after its last attempt, and what
    follows goes on without it.
    """


events.add_command(replay)
events.add_command(status)


@events.command(epilog="Examples: muster events parked · muster events parked --json")
@click.option("--subscriber", metavar="PLUGIN/NAME", help="Only what this one failed to hear.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST_SHOWN), default=100, show_default=True, help="The most."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def parked(context: click.Context, subscriber: str | None, limit: int, as_json: bool) -> None:
    """Show parked events, oldest first."""

    async def found(feed: EventFeed) -> tuple[ParkedEvent, ...]:
        return await feed.parked(subscriber, limit + 1)

    shown = _with_feed(context, found)
    lines = [_line(one) for one in shown[:limit]]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(lines)).decode())
    elif lines:
        _print(lines)
    else:
        click.echo("Nothing is parked.")
    if len(shown) > limit:
        click.echo(f"There are more than these {limit}; --limit shows them.", err=True)


@events.command(epilog="Example: muster events retry --all --subscriber example/diary")
@_event_ids
@_all
@_subscriber
@click.pass_context
def retry(
    context: click.Context, event_ids: tuple[UUID, ...], everything: bool, subscriber: str
) -> None:
    """Tell parked events again, as if they had never been tried.

    A running server tells them at its next look. What follows of the same booking, and was
    not heard yet, waits for them.
    """
    chosen = _chosen(event_ids, everything)
    done = _with_feed(context, lambda feed: feed.unpark(subscriber, chosen), subscriber)
    _say(done, event_ids, subscriber, "to be told again")


@events.command(epilog="Example: muster events drop 0190… --subscriber example/diary")
@_event_ids
@_all
@_subscriber
@click.confirmation_option(prompt="The subscriber will never be told of these events. Go on?")
@click.pass_context
def drop(
    context: click.Context, event_ids: tuple[UUID, ...], everything: bool, subscriber: str
) -> None:
    """Never tell a subscriber of parked events; the events themselves stay."""
    chosen = _chosen(event_ids, everything)
    done = _with_feed(context, lambda feed: feed.drop(subscriber, chosen), subscriber)
    _say(done, event_ids, subscriber, "dropped")


def _chosen(event_ids: tuple[UUID, ...], everything: bool) -> tuple[UUID, ...] | None:
    if bool(event_ids) == everything:
        raise click.UsageError("Name events by their ids, or say --all.")
    return event_ids or None


def _with_feed(
    context: click.Context,
    work: Callable[[EventFeed], Awaitable[T]],
    subscriber: str | None = None,
) -> T:
    """Work with the feed of the app that the environment asks for.

    Args:
        context: Of the command.
        work: What to do.
        subscriber: Who must be known: by a plugin that is enabled, or by what is parked.
    """

    async def worked(application: Application) -> T:
        feed = application.ports.get(EVENT_FEED)
        if subscriber is not None:
            await _known(application, feed, subscriber)
        return await work(feed)

    return run_in_app(environ_of(context), worked)


async def _known(application: Application, feed: EventFeed, subscriber: str) -> None:
    names = [one.name for one in application.subscriptions]
    if subscriber in names or await feed.parked(subscriber, 1):
        return
    listening = f"Subscribers: {', '.join(names)}." if names else "No plugin subscribes to events."
    raise click.BadParameter(
        f"nobody is called {subscriber!r}, and nothing is parked for it. {listening}",
        param_hint="--subscriber",
    )


def _say(done: Collection[UUID], event_ids: tuple[UUID, ...], subscriber: str, what: str) -> None:
    click.echo(f"{len(done)} {'event is' if len(done) == 1 else 'events are'} {what}.")
    if strangers := [str(one) for one in dict.fromkeys(event_ids) if one not in done]:
        raise click.ClickException(f"Not parked for {subscriber}: {', '.join(strangers)}.")


def _line(one: ParkedEvent) -> ParkedLine:
    recorded = one.recorded
    return ParkedLine(
        event_id=recorded.id,
        subscriber=one.subscriber,
        event=type(recorded.event).__name__,
        subject_id=subject_of(recorded.event),
        at=recorded.at,
        correlation_id=recorded.correlation_id,
        attempts=one.attempts,
        error=one.error,
    )


def _print(lines: list[ParkedLine]) -> None:
    table = Table("Event id", "Event", "Subject", "At", "Subscriber", "Tries", "Error", box=None)
    for one in lines:
        table.add_row(
            str(one.event_id),
            one.event,
            str(one.subject_id),
            f"{one.at:%Y-%m-%d %H:%M:%SZ}",
            one.subscriber,
            str(one.attempts),
            one.error,
        )
    console = Console()
    # A file or a pipe has no width; what stands in one line can be searched for.
    Console(width=None if console.is_terminal else 250).print(table, markup=False)
