"""``muster events replay`` and ``muster events status``: ranges told once more, and how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from muster.application.errors import NotFound
from muster.application.replay_events import ReplayEvents
from muster.plugin_api.callers import command_line
from muster.plugin_api.job_types import DISPATCHER
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.event_feed import EVENT_FEED
from muster.ports.event_replays import EVENT_REPLAYS, EventRange, Replay
from muster.runtime.bootstrap import Application
from muster.runtime.cli.starting import environ_of, run_in_app

__all__ = ["EventStatus", "ReplayLine", "SubscriberLine", "replay", "status"]

_MOST_SHOWN = 100
_LARGEST_POSITION = 2**63 - 1


class SubscriberLine(Struct, frozen=True, rename="camel"):
    """How far behind a subscriber is, in ``muster events status --json``.

    Attributes:
        subscriber: As ``plugin/subscriber``.
        waiting: Events that it is still to be told live, counted as far as 10,000.
        lag_seconds: Age of the oldest of them.
        parked: Events that it failed to hear too often, counted as far.
    """

    subscriber: str
    waiting: int
    lag_seconds: float
    parked: int


class ReplayLine(Struct, frozen=True, rename="camel"):
    """A replay that runs, in ``muster events status --json``.

    Attributes:
        replay_id: Of the replay, as in the audit trail.
        subscriber: Who is told.
        first_position: Where it began.
        last_position: Where it ends.
        position: Up to which everything was told, or parked.
        attempts: How often what comes next was tried.
        error: Why the last attempt failed.
        asked_at: UTC instant.
    """

    replay_id: str
    subscriber: str
    first_position: int
    last_position: int
    position: int
    attempts: int
    error: str | None
    asked_at: datetime


class EventStatus(Struct, frozen=True, rename="camel"):
    """All of ``muster events status --json``.

    Attributes:
        last_position: Of the newest event; ``None`` where there is none.
        subscribers: Those of enabled plugins, by name.
        replays: Those that run, the oldest first, at most 100.
    """

    last_position: int | None
    subscribers: list[SubscriberLine]
    replays: list[ReplayLine]


class _PositionOrInstant(click.ParamType[int | datetime]):
    name = "position or instant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | datetime:
        text = str(value)
        if text.isascii() and text.isdigit() and int(text) <= _LARGEST_POSITION:
            return int(text)
        try:
            instant = datetime.fromisoformat(text)
            if instant.tzinfo is None:
                raise ValueError
            return instant.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"{text!r} is neither a position, such as 4711, nor an instant with its offset, "
                "such as 2026-11-20T08:00:00Z.",
                param,
                ctx,
            )


@click.command(
    epilog="Examples: muster events replay example/diary --from 2026-11-20T08:00:00Z · "
    "muster events replay --all --from 4000 --to 4711"
)
@click.argument("subscriber", required=False, metavar="[PLUGIN/NAME]")
@click.option("--all", "everybody", is_flag=True, help="All subscribers of enabled plugins.")
@click.option(
    "--from",
    "since",
    type=_PositionOrInstant(),
    metavar="PLACE",
    help="The first position, or an instant; the first event unless given.",
)
@click.option(
    "--to",
    "until",
    type=_PositionOrInstant(),
    metavar="PLACE",
    help="The last position, or an instant before which it ends; the last event unless given.",
)
@click.pass_context
def replay(
    context: click.Context,
    subscriber: str | None,
    everybody: bool,
    since: int | datetime | None,
    until: int | datetime | None,
) -> None:
    """Tell a subscriber of a range of events once more, with the ids of before.

    Running servers do it, beside what they tell live. What is asked for while the same runs
    is that one.
    """
    if (subscriber is None) is not everybody:
        raise click.UsageError("Name a subscriber, or say --all.")
    command = ReplayEvents(subscriber, _range_of(since, until))

    async def begun(application: Application) -> Sequence[Replay]:
        ports = application.ports
        try:
            return await ports.get(DISPATCHER).dispatch(command, command_line(ports.get(ENTROPY)))
        except NotFound:
            names = [one.name for one in application.subscriptions]
            listening = f"Subscribers: {', '.join(names)}." if names else "No plugin subscribes."
            raise click.BadParameter(
                f"nobody is called {subscriber!r}. {listening}", param_hint="PLUGIN/NAME"
            ) from None

    running = run_in_app(environ_of(context), begun)
    for one in running:
        span = one.order.span
        click.echo(
            f"{one.order.subscriber} is told of positions {span.first} to {span.last}: "
            f"replay {one.order.id}."
        )
    if not running:
        click.echo("There is nothing to tell.")


@click.command(epilog="Examples: muster events status · muster events status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show how far behind subscribers are, and the replays that run."""
    shown = run_in_app(environ_of(context), _status)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return
    if not shown.subscribers:
        click.echo("No plugin subscribes to events.")
    _print(shown)


def _range_of(since: int | datetime | None, until: int | datetime | None) -> EventRange:
    return EventRange(
        since=since if isinstance(since, datetime) else None,
        until=until if isinstance(until, datetime) else None,
        first=since if isinstance(since, int) else None,
        last=until if isinstance(until, int) else None,
    )


async def _status(application: Application) -> EventStatus:
    names = [one.name for one in application.subscriptions]
    now = application.ports.get(CLOCK).now()
    replays = application.ports.get(EVENT_REPLAYS)
    backlog = await application.ports.get(EVENT_FEED).backlog(names)
    whole = await replays.span(EventRange())
    return EventStatus(
        None if whole is None else whole.last,
        [
            SubscriberLine(
                name,
                one.waiting,
                0.0 if one.oldest_at is None else (now - one.oldest_at).total_seconds(),
                one.parked,
            )
            for name, one in sorted(backlog.items())
        ],
        [_line(one) for one in await replays.running(_MOST_SHOWN)],
    )


def _line(replay: Replay) -> ReplayLine:
    order = replay.order
    return ReplayLine(
        replay_id=str(order.id),
        subscriber=order.subscriber,
        first_position=order.span.first,
        last_position=order.span.last,
        position=replay.position,
        attempts=replay.attempts,
        error=replay.error,
        asked_at=order.asked_at,
    )


def _print(shown: EventStatus) -> None:
    console = Console()
    # A file or a pipe has no width; what stands in one line can be searched for.
    wide = Console(width=None if console.is_terminal else 250)
    subscribers = Table("Subscriber", "Waiting", "Lag in s", "Parked", box=None)
    for one in shown.subscribers:
        subscribers.add_row(
            one.subscriber, str(one.waiting), f"{one.lag_seconds:.0f}", str(one.parked)
        )
    if shown.subscribers:
        wide.print(subscribers, markup=False)
    replays = Table("Replay", "Subscriber", "Told to", "First", "Last", "Tries", "Error", box=None)
    for line in shown.replays:
        place = (line.position, line.first_position, line.last_position, line.attempts)
        replays.add_row(
            line.replay_id, line.subscriber, *(str(number) for number in place), line.error or ""
        )
    if shown.replays:
        wide.print(replays, markup=False)
    else:
        click.echo("No replay is running.")
