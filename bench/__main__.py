"""``python -m bench``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["bench"]

F = TypeVar("F", bound=Callable[..., Any])

_QUICK = click.option("--quick", is_flag=True, help="Once and small: shows that it runs, no more.")
_FULL = click.option("--full", is_flag=True, help="The largest size too; takes many minutes.")
_ROUNDS = click.option(
    "--rounds", default=5, show_default=True, type=click.IntRange(1), help="Turns, A B A B."
)
_CLIENTS = click.option("--clients", default=8, show_default=True, type=click.IntRange(1))


def _in_one_turn(option: str, default: int) -> Callable[[F], F]:
    """Return the option that says how many there are in one turn."""
    least_one = click.IntRange(1)
    return click.option(
        option, default=default, show_default=True, type=least_one, help="In one turn."
    )


def _name(default: str) -> Callable[[F], F]:
    """Return the option that says how the file is called."""
    return click.option("--name", default=default, show_default=True, help="Of the file written.")


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@_QUICK
@_FULL
@click.pass_context
def bench(context: click.Context, quick: bool, full: bool) -> None:
    """Measure Muster on a durable PostgreSQL and real processes of its own.

    Without a command every part is run, one after the other.

    Rates are told next to what they are compared with, taken in turns in the same run,
    since machines are noisy. Each command prints a table and writes
    bench/results/COMMAND.json. docs/performance.md tells method and figures.
    """
    if context.invoked_subcommand is None:
        context.invoke(bookings, quick=quick)
        context.invoke(reads, quick=quick)
        context.invoke(zones, quick=quick, full=full)
        context.invoke(slots, quick=quick, full=full)
        context.invoke(availability, quick=quick)
        context.invoke(life, quick=quick)
        context.invoke(telemetry, quick=quick)
        context.invoke(logins, quick=quick)
        context.invoke(jobs, quick=quick, full=full)
        context.invoke(jobs_beside, quick=quick)
        context.invoke(profile, quick=quick)
    elif quick or full:
        raise click.UsageError("Say --quick and --full after the command.")


@bench.command()
@_QUICK
@_ROUNDS
@click.option("--clients", multiple=True, type=click.IntRange(1), help="[default: 1, 8, 32]")
@click.option(
    "--sessions",
    multiple=True,
    type=click.Choice(["10", "20", "30"]),
    help="[default: 10 and 30]",
)
@click.option(
    "--candidates",
    multiple=True,
    type=click.IntRange(1, 16_000),
    help="Trainers of a zone.  [default: 20 and 1000]",
)
@click.option(
    "--bookings",
    default=320,
    show_default=True,
    type=click.IntRange(1),
    help="In one turn; a quarter of it with 500 candidates or more.",
)
@_name("bookings")
def bookings(
    quick: bool,
    rounds: int,
    clients: tuple[int, ...],
    sessions: tuple[str, ...],
    candidates: tuple[int, ...],
    bookings: int,
    name: str,
) -> None:
    """Bookings by one server, and their statements sent alone."""
    from bench.bookings import BookingsPlan, measure_bookings

    plan = BookingsPlan(
        clients=clients or ((8,) if quick else (1, 8, 32)),
        sessions=tuple(map(int, sessions)) or ((10,) if quick else (10, 30)),
        candidates=candidates or ((20,) if quick else (20, 1_000)),
        rounds=1 if quick else rounds,
        bookings=min(bookings, 32) if quick else bookings,
        seed=0 if quick else 320,
    )
    measure_bookings(plan, name)


@bench.command()
@_QUICK
@_ROUNDS
@_CLIENTS
@_in_one_turn("--requests", 2_000)
@_name("reads")
def reads(quick: bool, rounds: int, clients: int, requests: int, name: str) -> None:
    """Read routes, and the same queries in a bare Litestar app."""
    from bench.reads import measure_reads, reads_plan

    plan = reads_plan(quick=quick, rounds=rounds, clients=clients, requests=requests)
    measure_reads(plan, name)


@bench.command()
@_QUICK
@_FULL
@_ROUNDS
@click.option(
    "--shared-buffers",
    default="2GB",
    show_default=True,
    help="Of PostgreSQL; a million zones do not fit in the 64MB of the embedded one.",
)
@click.option("--in-order", is_flag=True, help="Make them from north to south, not in no order.")
@click.option("--tidied", is_flag=True, help="Put them in order of place: muster db tidy.")
@_name("zones")
def zones(
    quick: bool,
    full: bool,
    rounds: int,
    shared_buffers: str,
    in_order: bool,
    tidied: bool,
    name: str,
) -> None:
    """Zone lookup with 1,000 and 100,000 zones, or 1,000,000."""
    from bench.zones import ZonesPlan, measure_zones

    sizes = (1_000, 10_000) if quick else (1_000, 100_000)
    plan = ZonesPlan(
        sizes=(*sizes, 1_000_000) if full else sizes,
        rounds=1 if quick else rounds,
        lookups=100 if quick else 1_000,
        shared_buffers="64MB" if quick else shared_buffers,
        in_order=in_order,
        tidied=tidied,
    )
    measure_zones(plan, name)


@bench.command()
@_QUICK
@_ROUNDS
@click.option("--clients", multiple=True, type=click.IntRange(1), help="[default: 1 and 4]")
@click.option("--trainers", default=100, show_default=True, type=click.IntRange(1, 2_000))
@_in_one_turn("--requests", 100)
@_name("availability")
def availability(
    quick: bool, rounds: int, clients: tuple[int, ...], trainers: int, requests: int, name: str
) -> None:
    """A month of a zone's free starts."""
    from bench.availability import AvailabilityPlan, measure_availability

    plan = AvailabilityPlan(
        clients=clients or (1, 4),
        trainers=trainers,
        zones=2 if quick else 8,
        rounds=1 if quick else rounds,
        requests=min(requests, 20) if quick else requests,
    )
    measure_availability(plan, name)


@bench.command()
@_QUICK
@_FULL
@_ROUNDS
@_name("slots")
def slots(quick: bool, full: bool, rounds: int, name: str) -> None:
    """Placing with 10,000 and 500,000 slots, or 5,000,000."""
    from bench.slots import SlotsPlan, measure_slots

    largest = 5_000_000 if full else 50_000 if quick else 500_000
    plan = SlotsPlan(
        sizes=(10_000, largest), rounds=1 if quick else rounds, bookings=50 if quick else 200
    )
    measure_slots(plan, name)


@bench.command()
@_QUICK
@_ROUNDS
@_name("life")
def life(quick: bool, rounds: int, name: str) -> None:
    """Completing, cancelling, and a leave of 500 sessions."""
    from bench.life import LifePlan, measure_life

    plan = LifePlan(
        rounds=1 if quick else rounds,
        bookings=16 if quick else 160,
        clients=8,
        leave=50 if quick else 500,
    )
    measure_life(plan, name)


@bench.command()
@_QUICK
@_ROUNDS
@_CLIENTS
@_in_one_turn("--requests", 2_000)
@_name("doors")
def doors(quick: bool, rounds: int, clients: int, requests: int, name: str) -> None:
    """Read routes with open doors, with tokens, and with the edge."""
    from bench.doors import measure_doors
    from bench.reads import reads_plan

    plan = reads_plan(quick=quick, rounds=rounds, clients=clients, requests=requests)
    measure_doors(plan, name)


@bench.command()
@_QUICK
@_ROUNDS
@_CLIENTS
@_in_one_turn("--requests", 2_000)
@_name("telemetry")
def telemetry(quick: bool, rounds: int, clients: int, requests: int, name: str) -> None:
    """Read routes without telemetry, and with it."""
    from bench.reads import reads_plan
    from bench.telemetry import measure_telemetry

    plan = reads_plan(quick=quick, rounds=rounds, clients=clients, requests=requests)
    measure_telemetry(plan, name)


@bench.command()
@_QUICK
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@_name("logins")
def logins(quick: bool, rounds: int, name: str) -> None:
    """Whether times tell who has an account; /health while 200 log in at once."""
    from bench.logins import LoginsPlan, measure_logins

    plan = LoginsPlan(logins=50 if quick else 500, parallel=200, rounds=1 if quick else rounds)
    measure_logins(plan, name)


@bench.command()
@_QUICK
@_FULL
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Turns.")
@_name("jobs")
def jobs(quick: bool, full: bool, rounds: int, name: str) -> None:
    """Jobs in and out beside PgQueuer; taking some from few and from very many."""
    from bench.jobs import JobsPlan, measure_jobs

    depths = (1_000, 100_000, 1_000_000) if full else (1_000, 100_000)
    plan = JobsPlan(
        jobs=300 if quick else 3_000,
        depths=(100, 1_000) if quick else depths,
        rounds=1 if quick else rounds,
    )
    measure_jobs(plan, name)


@bench.command(name="jobs-beside")
@_QUICK
@_ROUNDS
@_CLIENTS
@_in_one_turn("--bookings", 400)
@_name("jobs-beside")
def jobs_beside(quick: bool, rounds: int, clients: int, bookings: int, name: str) -> None:
    """Bookings while a worker beside the server is busy, and while it is idle."""
    from bench.jobs_beside import BesidePlan, measure_beside

    plan = BesidePlan(
        clients=clients,
        bookings=min(bookings, 64) if quick else bookings,
        rounds=1 if quick else rounds,
    )
    measure_beside(plan, name)


@bench.command()
@_QUICK
@_CLIENTS
@click.option("--sessions", default="10", show_default=True, type=click.Choice(["10", "20", "30"]))
@click.option("--candidates", default=20, show_default=True, type=click.IntRange(1, 16_000))
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(1, 60))
@click.option("--lines", default=25, show_default=True, type=click.IntRange(1))
@click.option(
    "--stacks",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the collapsed stacks here, for a flame graph.",
)
@_name("profile")
def profile(
    quick: bool,
    clients: int,
    sessions: str,
    candidates: int,
    seconds: int,
    lines: int,
    stacks: Path | None,
    name: str,
) -> None:
    """Where a server's time goes; py-spy must be allowed to look."""
    from bench.profile import ProfilePlan, measure_profile

    plan = ProfilePlan(
        clients=clients,
        sessions=int(sessions),
        candidates=candidates,
        seconds=3 if quick else seconds,
        lines=lines,
        stacks=stacks,
    )
    measure_profile(plan, name)


if __name__ == "__main__":
    bench(prog_name="python -m bench")
