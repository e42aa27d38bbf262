"""The table of sizes: how large requests may be, by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from muster_edge.paths import segments

__all__ = ["DEFAULT_SIZES", "SizeTable", "Sizes"]

DEFAULT_SIZES: Mapping[str, int] = {
    "/:headers": 64_000,
    "/:uri": 8_192,
    "/:parameters": 32,
    "/:parameter": 4_096,
    "/:body": 10_000_000,
    "/:depth": 16,
    "/v1/sessions:body": 65_536,
    "/v1/certificates:body": 65_536,
    "/admin:body": 65_536,
    "/plugins/auth:body": 32_768,
    "/plugins/auth:depth": 4,
}
"""By ``path:what``; a path holds for all below it, unless a longer one says otherwise."""


class Sizes(Struct, frozen=True):
    """How large a request may be.

    Attributes:
        headers: Bytes of all names and values.
        uri: Bytes of path and query.
        parameters: How many in the query.
        parameter: Bytes of one of them, as it is encoded.
        body: Bytes.
        depth: Levels of arrays and objects in JSON.
    """

    headers: int
    uri: int
    parameters: int
    parameter: int
    body: int
    depth: int


_Prefix: TypeAlias = tuple[str, ...]


class SizeTable:
    """The sizes in force."""

    def __init__(self, written: Mapping[str, int]) -> None:
        """Read a table.

        Args:
            written: By ``path:what``; what is not named is as by default.

        Raises:
            ValueError: A name is none, or a size is not above zero.
        """
        told: dict[_Prefix, dict[str, int]] = {}
        for name, size in {**DEFAULT_SIZES, **written}.items():
            prefix, what = _place(name)
            if size < 1:
                raise ValueError(f"the size {name!r} must be above zero")
            told.setdefault(prefix, {})[what] = size
        self._sizes: dict[_Prefix, Sizes] = {}
        for prefix in sorted(told, key=len):
            inherited: dict[str, int] = {}
            for known in range(len(prefix) + 1):
                inherited |= told.get(prefix[:known], {})
            self._sizes[prefix] = msgspec.convert(inherited, Sizes)
        self._longest = max(map(len, told))

    def of(self, path: Sequence[str]) -> Sizes:
        """Return the sizes of a request.

        Args:
            path: Its segments.
        """
        for length in range(min(len(path), self._longest), 0, -1):
            if found := self._sizes.get(tuple(path[:length])):
                return found
        return self._sizes[()]


def _place(name: str) -> tuple[_Prefix, str]:
    path, _, what = name.rpartition(":")
    if what not in Sizes.__struct_fields__ or not path.startswith("/"):
        known = ", ".join(Sizes.__struct_fields__)
        raise ValueError(f"{name!r} is no size; write /path:what, what being one of {known}")
    return segments(path), what
