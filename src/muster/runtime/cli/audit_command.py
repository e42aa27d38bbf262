"""``muster audit``: whether the audit trail is what it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from muster.domain.audit_chain import ChainFault
from muster.domain.audit_entries import stream_name
from muster.ports.audit import AUDIT_CHAIN
from muster.runtime.audit_composition import checkpoint_key
from muster.runtime.audit_sealing import CHECKPOINT_FILE
from muster.runtime.audit_verification import Verification, read_checkpoints, verified
from muster.runtime.bootstrap import Application
from muster.runtime.cli.starting import environ_of, run_in_app

__all__ = ["audit"]


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command(epilog="Example: muster audit verify --checkpoints /safe/audit-checkpoints.jsonl")
@click.option(
    "--checkpoints",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Signed checkpoints; that of the settings if none. May be given several times.",
)
@click.pass_context
def verify(context: click.Context, files: Sequence[Path]) -> None:
    """Name the first bad entry of each stream; exit with 1 where there is one.

    The chains show what was edited, deleted, inserted or reordered. Whether the end was cut off
    or the chain made anew, only the checkpoints show.
    """
    found = run_in_app(environ_of(context), lambda application: _verified(application, files))
    for fault in found.faults:
        click.echo(_said(fault))
    click.echo(_summary(found))
    if found.faults:
        raise Exit(1)


async def _verified(application: Application, files: Sequence[Path]) -> Verification:
    key = await checkpoint_key(application)
    checkpoints, faults = read_checkpoints(files or _usual(application), key)
    return await verified(application.ports.get(AUDIT_CHAIN), checkpoints, faults)


def _usual(application: Application) -> list[Path]:
    directory = application.settings.core.audit.checkpoint_directory
    if directory is None or not (file := Path(directory) / CHECKPOINT_FILE).is_file():
        return []
    return [file]


def _said(fault: ChainFault) -> str:
    place = [] if fault.stream is None else [f"stream {stream_name(fault.stream)}"]
    if fault.sequence is not None:
        place.append(f"number {fault.sequence}")
    if fault.entry_id is not None:
        place.append(f"entry {fault.entry_id}")
    return f"{fault.breach.value}  {', '.join([*place, fault.message])}"


def _summary(found: Verification) -> str:
    seen = (
        f"{found.sealed} sealed entries, {found.waiting} still to be sealed, "
        f"{found.checkpoints} checkpoints"
    )
    if not found.faults:
        compared = "" if found.checkpoints else " Without checkpoints, a cut end is not seen."
        return f"The audit trail is sound: {seen}.{compared}"
    return f"The audit trail is NOT sound: {seen}."
