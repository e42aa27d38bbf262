"""Signed checkpoints: what the audit trail was at an instant, kept where the database is not.

A chain shows that nothing was changed amid it. That it was not cut short, or made anew from some
place on, only somebody can tell who remembers how it was.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from muster.domain.audit_chain import StreamHead
from muster.domain.audit_entries import COMPANY_STREAM, stream_name

__all__ = ["Checkpoint", "CheckpointForged", "line_of", "read_line", "sign"]

_CANONICAL = msgspec.json.Encoder(order="sorted")


class CheckpointForged(Exception):
    """A line is no checkpoint, or was not signed with the deployment's key."""


class HeadShape(Struct, frozen=True):
    """How far a stream was sealed: its name, its entries, the hash of the newest in hex."""

    stream: str
    count: int
    hash: str


class Checkpoint(Struct, frozen=True):
    """One line of a file of checkpoints; other members of a line are passed over.

    Attributes:
        at: UTC instant.
        streams: Those that have grown since the server's checkpoint before.
        mac: HMAC-SHA256 over the others as canonical JSON, in hex.
    """

    at: datetime
    streams: tuple[HeadShape, ...]
    mac: str

    @property
    def heads(self) -> tuple[StreamHead, ...]:
        """The heads of the streams."""
        return tuple(
            StreamHead(
                COMPANY_STREAM if one.stream == "company" else UUID(one.stream),
                one.count,
                bytes.fromhex(one.hash),
            )
            for one in self.streams
        )


def sign(at: datetime, heads: Sequence[StreamHead], key: bytes) -> Checkpoint:
    """Return a signed checkpoint.

    Args:
        at: UTC instant.
        heads: What is to be remembered.
        key: Of the deployment, 32 bytes.
    """
    shapes = tuple(HeadShape(stream_name(one.stream), one.count, one.hash.hex()) for one in heads)
    return Checkpoint(at, shapes, _signature(at, shapes, key))


def line_of(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as one line of JSON, with its end."""
    return msgspec.json.encode(checkpoint).decode() + "\n"


def read_line(line: str | bytes, key: bytes) -> Checkpoint:
    """Return the checkpoint of a line.

    Args:
        line: Of a file of checkpoints, or of a log in JSON.
        key: Of the deployment.

    Raises:
        CheckpointForged: It is none, or somebody else signed it.
    """
    try:
        found = msgspec.json.decode(line, type=Checkpoint)
        expected = _signature(found.at, found.streams, key)
        if not hmac.compare_digest(found.mac.encode(), expected.encode()):
            raise CheckpointForged("it is not signed with the key of this deployment")
        found.heads  # noqa: B018 - read once, so that a malformed one is refused here
    except ValueError as error:
        raise CheckpointForged("it is no checkpoint") from error
    return found


def _signature(at: datetime, streams: tuple[HeadShape, ...], key: bytes) -> str:
    message = _CANONICAL.encode({"at": at, "streams": streams})
    return hmac.digest(key, message, "sha256").hex()
