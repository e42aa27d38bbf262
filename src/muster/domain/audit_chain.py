"""The hash chain of the audit trail: how entries are sealed, and how a break is found.

Each stream has a chain of its own. The seal of an entry is the SHA-256 of the seal before it,
followed by the entry as canonical JSON: its members by name in the order of their code points,
without blanks, in UTF-8. The first one follows the SHA-256 of ``muster audit stream <name>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

from muster.domain.audit_entries import AuditEntry, stream_name, stream_of

__all__ = [
    "Breach",
    "ChainFault",
    "ChainReading",
    "Seal",
    "SealedEntry",
    "StreamHead",
    "next_hash",
    "origin_of",
    "sealed_after",
]

_CANONICAL = msgspec.json.Encoder(order="sorted")


class StreamHead(Struct, frozen=True):
    """How far a stream is sealed.

    Attributes:
        stream: Which.
        count: Entries in its chain; the sequence of the newest one.
        hash: Of the newest one, 32 bytes.
    """

    stream: UUID
    count: int
    hash: bytes


class Seal(Struct, frozen=True):
    """An entry's place in the chain of its stream.

    Attributes:
        stream: Which.
        sequence: From 1, without gaps.
        entry_id: Of the entry.
        hash: Over the seal before it and the entry, 32 bytes.
    """

    stream: UUID
    sequence: int
    entry_id: UUID
    hash: bytes


class SealedEntry(Struct, frozen=True):
    """A seal and the entry that it names; ``None`` where that is gone."""

    seal: Seal
    entry: AuditEntry | None


class Breach(Enum):
    """What is wrong at a place of the trail."""

    ALTERED = "ALTERED"
    DELETED = "DELETED"
    GAP = "GAP"
    MOVED = "MOVED"
    INSERTED = "INSERTED"
    REWRITTEN = "REWRITTEN"
    CUT = "CUT"
    CHECKPOINT = "CHECKPOINT"


class ChainFault(Struct, frozen=True):
    """The first thing that is wrong in a stream.

    Attributes:
        breach: What.
        stream: Where; ``None`` where it is in no chain.
        sequence: At which place of the stream; ``None`` where it has none.
        entry_id: Of the bad entry, where one is there or is named.
        message: The same for people.
    """

    breach: Breach
    stream: UUID | None
    sequence: int | None
    entry_id: UUID | None
    message: str


def origin_of(stream: UUID) -> bytes:
    """Return what the first seal of a stream follows; no two streams begin alike."""
    return sha256(f"muster audit stream {stream_name(stream)}".encode()).digest()


def next_hash(previous: bytes, entry: AuditEntry) -> bytes:
    """Return the hash of the seal of an entry.

    Args:
        previous: The hash before it, 32 bytes.
        entry: As it is stored.
    """
    return sha256(previous + _CANONICAL.encode(entry)).digest()


def sealed_after(heads: Mapping[UUID, StreamHead], entries: Iterable[AuditEntry]) -> list[Seal]:
    """Return the seals of entries, each at the end of its stream.

    Args:
        heads: How far the streams are sealed; one that is not there is empty.
        entries: In the order in which they are to stand.
    """
    ends = dict(heads)
    seals = []
    for entry in entries:
        stream = stream_of(entry)
        end = ends.get(stream) or StreamHead(stream, 0, origin_of(stream))
        seal = Seal(stream, end.count + 1, entry.id, next_hash(end.hash, entry))
        ends[stream] = StreamHead(stream, seal.sequence, seal.hash)
        seals.append(seal)
    return seals


class ChainReading:
    """Reads the streams of a trail from their beginnings, and finds the first break of each.

    Attributes:
        faults: What was found, at most one for each stream.
        count: How many seals were read.
    """

    def __init__(self, heads: Iterable[StreamHead] = ()) -> None:
        """Begin.

        Args:
            heads: What the streams once were, as signed checkpoints say.
        """
        self.faults: list[ChainFault] = []
        self.count = 0
        self._expected: dict[UUID, dict[int, bytes]] = {}
        for head in heads:
            self._expected.setdefault(head.stream, {})[head.count] = head.hash
        self._stream: UUID | None = None
        self._sequence = 0
        self._hash = b""
        self._due: dict[int, bytes] = {}
        self._proven = 0
        self._broken = False

    def read(self, sealed: Iterable[SealedEntry]) -> None:
        """Read on; seals come by stream, and within a stream by sequence."""
        for one in sealed:
            self.count += 1
            if one.seal.stream != self._stream:
                self._end_stream()
                self._begin_stream(one.seal.stream)
            if not self._broken:
                self._follow(one)

    def finish(self) -> None:
        """Say that there is no more: what checkpoints have seen and is not there, was cut off."""
        self._end_stream()
        for stream in list(self._expected):
            self._begin_stream(stream)
            self._end_stream()

    def _begin_stream(self, stream: UUID) -> None:
        self._stream, self._sequence, self._hash = stream, 0, origin_of(stream)
        self._due = self._expected.pop(stream, {})
        self._proven, self._broken = 0, False

    def _end_stream(self) -> None:
        if self._stream is None or self._broken or not self._due:
            return
        self._break(
            Breach.CUT,
            self._sequence + 1,
            None,
            f"the stream ends after {self._sequence} of {max(self._due)} entries that a "
            "checkpoint has seen",
        )

    def _follow(self, one: SealedEntry) -> None:
        seal, entry, expected = one.seal, one.entry, self._sequence + 1
        if seal.sequence != expected:
            self._break(Breach.GAP, expected, None, f"number {expected} of the stream is gone")
        elif entry is None:
            self._break(Breach.DELETED, expected, seal.entry_id, "the entry is gone")
        elif stream_of(entry) != seal.stream:
            home = stream_name(stream_of(entry))
            self._break(Breach.MOVED, expected, entry.id, f"it is an entry of the stream {home}")
        elif (hash_ := next_hash(self._hash, entry)) != seal.hash:
            self._break(
                Breach.ALTERED,
                expected,
                entry.id,
                "the entry was edited, put in here or put in another place",
            )
        else:
            self._sequence, self._hash = expected, hash_
            self._hold_to_checkpoint(seal)

    def _hold_to_checkpoint(self, seal: Seal) -> None:
        due = self._due.pop(seal.sequence, None)
        if due is None:
            return
        if due == seal.hash:
            self._proven = seal.sequence
            return
        self._break(
            Breach.REWRITTEN,
            seal.sequence,
            seal.entry_id,
            f"the chain was made anew: a checkpoint saw another one; what changed first is one "
            f"of the numbers {self._proven + 1} to {seal.sequence}",
        )

    def _break(self, breach: Breach, sequence: int, entry_id: UUID | None, message: str) -> None:
        self.faults.append(ChainFault(breach, self._stream, sequence, entry_id, message))
        self._broken = True
