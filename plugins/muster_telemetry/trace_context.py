"""The W3C header ``traceparent``, version 00."""

from __future__ import annotations

import re

from msgspec import Struct

__all__ = ["RemoteParent", "read_trace_parent", "written_trace_parent"]

_TRACE_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?"
)
_SAMPLED = 1


class RemoteParent(Struct, frozen=True):
    """The span elsewhere that caused what is done here.

    Attributes:
        trace_id: 128 bits.
        span_id: 64 bits.
        sampled: Whether whoever began the trace keeps it.
    """

    trace_id: int
    span_id: int
    sampled: bool


def read_trace_parent(header: str) -> RemoteParent | None:
    """Return what a ``traceparent`` says; ``None`` where it is not valid.

    Source: W3C Trace Context, section 3.2. A version above 00 may go on after the flags.
    """
    if not (found := _TRACE_PARENT.fullmatch(header)):
        return None
    if header.startswith("00-") and len(header) > 55:
        return None
    trace_id, span_id, flags = found.groups()
    return RemoteParent(int(trace_id, 16), int(span_id, 16), bool(int(flags, 16) & _SAMPLED))


def written_trace_parent(trace_id: int, span_id: int, *, sampled: bool) -> str:
    """Return the header that hands a span on."""
    return f"00-{trace_id:032x}-{span_id:016x}-{int(sampled):02x}"
