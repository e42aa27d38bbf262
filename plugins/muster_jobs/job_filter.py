"""Which jobs somebody wants to see."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from muster.ports.jobs import JobState

__all__ = ["JobFilter", "JobSort"]


class JobSort(Enum):
    """By what jobs are listed: when they were asked for, to which their ids grow."""

    ASKED_AT = "askedAt"


class JobFilter(Struct, frozen=True, kw_only=True):
    """Which jobs are wanted; what is ``None`` bounds nothing.

    Attributes:
        state: In this one.
        types: Of these, as ``plugin/type``.
        correlation_id: Asked for by whoever had it.
    """

    state: JobState | None = None
    types: frozenset[str] | None = None
    correlation_id: str | None = None
