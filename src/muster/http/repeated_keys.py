"""Keys that stand twice in one object of JSON; msgspec would keep the last in silence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from muster.application.structure import MOST_FAULTS
from muster.domain.errors import Fault

__all__ = ["repeated_keys"]


class _Twice(dict[str, Any]):
    """An object of JSON that names keys twice."""

    keys_twice: tuple[str, ...] = ()


def repeated_keys(raw: bytes) -> list[Fault]:
    """Return a fault for each key that an object names more than once.

    Args:
        raw: JSON that can be read.
    """
    found = False

    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        shown = dict(pairs)
        if len(shown) == len(pairs):
            return shown
        found = True
        noted = _Twice(shown)
        counts = Counter(key for key, _ in pairs)
        noted.keys_twice = tuple(key for key, count in counts.items() if count > 1)
        return noted

    value = json.loads(raw, object_pairs_hook=read)
    if not found:
        return []
    return [
        Fault(path, "DUPLICATE", "This key stands twice in one object.")
        for path in islice(_paths(value, ""), MOST_FAULTS)
    ]


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _paths(item, f"{path}[{place}]")
    elif isinstance(value, dict):
        prefix = f"{path}." if path else ""
        if isinstance(value, _Twice):
            yield from (prefix + key for key in value.keys_twice)
        for key, item in value.items():
            yield from _paths(item, prefix + key)
