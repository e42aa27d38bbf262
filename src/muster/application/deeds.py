"""What a deed changed, as the audit trail keeps it: before and after, of what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["change_between"]


def change_between(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, **facts: Any
) -> dict[str, Any]:
    """Return a change in plain JSON values.

    Args:
        before: What the subject was; ``None`` where it was not there.
        after: What it became; ``None`` where it is gone. Where both are given, only the
            members that differ are kept.
        **facts: What else is to be known of it, by its name in JSON.
    """
    if before is not None and after is not None:
        differing = [name for name in after if before.get(name) != after[name]]
        before = {name: before.get(name) for name in differing}
        after = {name: after[name] for name in differing}
    return {
        **facts,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
    }
