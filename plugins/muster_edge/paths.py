"""Paths as they are routed: however many slashes they are written with."""

from __future__ import annotations

__all__ = ["PROBES", "segments"]

PROBES = frozenset({"/health", "/ready"})
"""What whoever watches a server asks of it."""


def segments(path: str) -> tuple[str, ...]:
    """Return the parts of a path between its slashes; empty ones do not count, as in routing."""
    return tuple(part for part in path.split("/") if part)
