"""Which jobs somebody wants to see."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.ports.jobs import JobState

__all__ = ["JobFilter"]


class JobFilter(Struct, frozen=True, kw_only=True):
    """Which jobs are wanted; what is ``None`` bounds nothing.

    Attributes:
        state: In this one.
        types: Of these, as ``plugin/type``.
        correlation_id: Asked for by whoever had it.
        before: Older than this one; ids of jobs grow with the time.
    """

    state: JobState | None = None
    types: frozenset[str] | None = None
    correlation_id: str | None = None
    before: UUID | None = None
