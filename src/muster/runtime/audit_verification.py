"""Whether the audit trail is what it was: its chains, its checkpoints, and what bypassed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from muster.domain.audit_chain import Breach, ChainFault, ChainReading
from muster.domain.audit_checkpoints import Checkpoint, CheckpointForged, read_line
from muster.ports.audit import AuditChain, Unchained

__all__ = ["Verification", "read_checkpoints", "verified"]

_MOST_SHOWN = 100


class Verification(Struct, frozen=True):
    """What was found.

    Attributes:
        sealed: Entries in the chains.
        waiting: Entries that are still to be sealed.
        checkpoints: How many were compared.
        faults: What is wrong; of each stream the first.
    """

    sealed: int
    waiting: int
    checkpoints: int
    faults: tuple[ChainFault, ...]


def read_checkpoints(
    files: Iterable[Path], key: bytes
) -> tuple[list[Checkpoint], list[ChainFault]]:
    """Return the checkpoints of files, and what in them is none.

    Blank lines are passed over, and those that a crash tore: whoever may write the file could as
    well leave a line out.

    Args:
        files: Of checkpoints, one a line.
        key: Of the deployment.
    """
    found: list[Checkpoint] = []
    faults: list[ChainFault] = []
    for file in files:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip() or _is_torn(line):
                    continue
                try:
                    found.append(read_line(line, key))
                except CheckpointForged as error:
                    where = f"{file}, line {number}: {error}"
                    faults.append(ChainFault(Breach.CHECKPOINT, None, None, None, where))
    return found, faults


def _is_torn(line: bytes) -> bool:
    # The end alone does not tell: each stream of a line ends in a brace, too.
    return line.startswith(b"{") and line.count(b"{") > line.count(b"}")


async def verified(
    chain: AuditChain, checkpoints: Sequence[Checkpoint], faults: Sequence[ChainFault] = ()
) -> Verification:
    """Return whether a trail is sound.

    Args:
        chain: Of the trail.
        checkpoints: Read before; what is sealed meanwhile does them no harm.
        faults: What was found in their files.
    """
    reading = ChainReading(head for one in checkpoints for head in one.heads)
    async for some in chain.sealed():
        reading.read(some)
    reading.finish()
    strays = [_fault_of(one) for one in await chain.unchained(_MOST_SHOWN)]
    return Verification(
        sealed=reading.count,
        waiting=await chain.waiting(),
        checkpoints=len(checkpoints),
        faults=(*faults, *reading.faults, *strays),
    )


def _fault_of(one: Unchained) -> ChainFault:
    if one.gone:
        message = "the entry was taken out before it was sealed"
        return ChainFault(Breach.DELETED, None, None, one.entry_id, message)
    message = "the entry is in no chain: it was put in past Muster, or its seal was taken out"
    return ChainFault(Breach.INSERTED, None, None, one.entry_id, message)
