"""``muster jobs list``, ``show``, ``pause`` and ``resume``."""

from __future__ import annotations

from uuid import UUID

import msgspec
import rich_click as click

from muster.plugin_api import PortLookup, command_line
from muster.ports.entropy import ENTROPY
from muster.ports.jobs import JobState
from muster.ports.paging import PageRequest
from muster_jobs.admin_shapes import JobShape, job_shape
from muster_jobs.job_board import JobBoard
from muster_jobs.job_filter import JobFilter, JobSort
from muster_jobs.job_rulings import JobRulings

__all__ = ["admin_commands"]

_MOST = 10_000


def admin_commands() -> list[click.Command]:
    """Return the commands."""
    return [_list, _show, _pause, _resume]


@click.command(name="list", epilog="Examples: muster jobs list · muster jobs list --state dead")
@click.option(
    "--state",
    type=click.Choice([one.value.lower() for one in JobState], case_sensitive=False),
    help="Only these.",
)
@click.option("--type", "of_type", help="Only of this type, such as jobs/clean-up.")
@click.option("--correlation-id", help="Only what was asked for by whoever had it.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
async def _list(
    ports: PortLookup,
    state: str | None,
    of_type: str | None,
    correlation_id: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show jobs, the newest first."""
    board = JobBoard(ports)
    wanted = JobFilter(
        state=None if state is None else JobState(state.upper()),
        types=None if of_type is None else frozenset({of_type}),
        correlation_id=correlation_id,
    )
    found = await board.page(wanted, PageRequest(JobSort.ASKED_AT, descending=True, limit=limit))
    jobs = [job_shape(one, board.queue_of(one.type)) for one in found.rows]
    if as_json:
        _print_json(jobs)
    for one in () if as_json else jobs:
        click.echo(f"{one.id}  {one.state.value:9}  {one.type}  {one.asked_at:%Y-%m-%d %H:%M:%SZ}")
    if found.next is not None:
        click.echo(f"There are more than these {limit}; --limit shows them.", err=True)


@click.command(name="show", epilog="Example: muster jobs show 0190…")
@click.argument("job_id", type=click.UUID)
async def _show(ports: PortLookup, job_id: UUID) -> None:
    """Show a job, as JSON."""
    board = JobBoard(ports)
    found = await board.job(job_id)
    if found is None:
        raise click.ClickException("There is no such job.")
    _print_json(job_shape(found, board.queue_of(found.type)))


@click.command(name="pause", epilog="Example: muster jobs pause default")
@click.argument("queue")
async def _pause(ports: PortLookup, queue: str) -> None:
    """Let no worker take from a queue; what runs goes on."""
    _check(JobBoard(ports), queue)
    done = await JobRulings(ports).pause(command_line(ports.get(ENTROPY)), queue)
    click.echo(f"The queue {queue} {'is paused' if done else 'was paused already'}.")


@click.command(name="resume", epilog="Example: muster jobs resume default")
@click.argument("queue")
async def _resume(ports: PortLookup, queue: str) -> None:
    """Let workers take from a queue."""
    _check(JobBoard(ports), queue)
    done = await JobRulings(ports).resume(command_line(ports.get(ENTROPY)), queue)
    click.echo(f"The queue {queue} {'goes on' if done else 'was not paused'}.")


def _check(board: JobBoard, queue: str) -> None:
    if queue not in board.queues:
        raise click.BadParameter(f"no job is in it; there are {', '.join(board.queues)}.")


def _print_json(shown: JobShape | list[JobShape]) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(shown)).decode())
