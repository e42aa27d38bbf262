"""``muster jobs``: what failed for good, and what is to become of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import rich_click as click
from msgspec import Struct

from muster.plugin_api import PortLookup, command_line
from muster.ports.entropy import ENTROPY
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobRecord, JobState
from muster_jobs.admin_commands import admin_commands
from muster_jobs.admin_shapes import job_shape
from muster_jobs.job_rulings import JobRulings

__all__ = ["DeadLine", "jobs_command"]

_MOST = 10_000

_job_ids = click.argument("job_ids", nargs=-1, type=click.UUID, metavar="[JOB_ID]...")
_all = click.option("--all", "everything", is_flag=True, help="All that are dead.")


class DeadLine(Struct, frozen=True, rename="camel"):
    """One line of ``muster jobs dead --json``.

    Attributes:
        job_id: ``retry`` and ``drop`` take it.
        type: ``plugin/type``.
        payload: What was to be done, without secrets and personal data.
        asked_at: UTC instant.
        ended_at: UTC instant of the last failure.
        attempts: How often it was tried.
        correlation_id: Of whoever asked.
        error: Why the last attempt failed.
    """

    job_id: UUID
    type: str
    payload: Any
    asked_at: datetime
    ended_at: datetime | None
    attempts: int
    correlation_id: str
    error: str | None


def jobs_command() -> click.Group:
    """Return the command."""

    @click.group(name="jobs")
    def jobs() -> None:
        """Show jobs; run dead ones again, or drop them; let queues stand still."""

    jobs.add_command(_dead)
    jobs.add_command(_retry)
    jobs.add_command(_drop)
    for command in admin_commands():
        jobs.add_command(command)
    return jobs


@click.command(name="dead", epilog="Examples: muster jobs dead · muster jobs dead --json")
@click.option("--limit", type=click.IntRange(1, _MOST), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
async def _dead(ports: PortLookup, limit: int, as_json: bool) -> None:
    """Show dead jobs, the last first."""
    found = await ports.get(JOB_QUEUE).ended(JobState.DEAD, limit + 1)
    lines = [_line(one) for one in found[:limit]]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(lines)).decode())
    elif not lines:
        click.echo("No job is dead.")
    else:
        _print(lines)
    if len(found) > limit:
        click.echo(f"There are more than these {limit}; --limit shows them.", err=True)


@click.command(name="retry", epilog="Example: muster jobs retry --all")
@_job_ids
@_all
async def _retry(ports: PortLookup, job_ids: tuple[UUID, ...], everything: bool) -> None:
    """Run dead jobs again, as if they had never been tried."""
    caller = command_line(ports.get(ENTROPY))
    done = await JobRulings(ports).retry(caller, await _chosen(ports, job_ids, everything))
    _say(done, job_ids, "to be run again")


@click.command(name="drop", epilog="Example: muster jobs drop 0190…")
@_job_ids
@_all
@click.confirmation_option(prompt="These jobs will never be run. Go on?")
async def _drop(ports: PortLookup, job_ids: tuple[UUID, ...], everything: bool) -> None:
    """Never run dead jobs again; they are kept as cancelled for a while."""
    caller = command_line(ports.get(ENTROPY))
    done = await JobRulings(ports).drop(caller, await _chosen(ports, job_ids, everything))
    _say(done, job_ids, "dropped")


async def _chosen(ports: PortLookup, job_ids: tuple[UUID, ...], everything: bool) -> Sequence[UUID]:
    if bool(job_ids) == everything:
        raise click.UsageError("Name jobs by their ids, or say --all.")
    if job_ids:
        return job_ids
    return [one.id for one in await ports.get(JOB_QUEUE).ended(JobState.DEAD, _MOST)]


def _say(done: Collection[UUID], job_ids: tuple[UUID, ...], what: str) -> None:
    click.echo(f"{len(done)} {'job is' if len(done) == 1 else 'jobs are'} {what}.")
    if strangers := [str(one) for one in dict.fromkeys(job_ids) if one not in done]:
        raise click.ClickException(f"Not dead: {', '.join(strangers)}.")


def _line(one: JobRecord) -> DeadLine:
    shown = job_shape(one, None)
    return DeadLine(
        job_id=one.id,
        type=one.type,
        payload=shown.payload,
        asked_at=one.asked_at,
        ended_at=one.ended_at,
        attempts=one.attempts,
        correlation_id=one.correlation_id,
        error=shown.error,
    )


def _print(lines: Sequence[DeadLine]) -> None:
    for one in lines:
        at = "" if one.ended_at is None else f"{one.ended_at:%Y-%m-%d %H:%M:%SZ}"
        click.echo(f"{one.job_id}  {one.type}  {at}  tried {one.attempts} times")
        click.echo(f"    {one.error}  (correlation id {one.correlation_id})")
