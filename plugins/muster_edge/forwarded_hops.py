"""What proxies say of whoever asked them: ``X-Forwarded-For``, or ``Forwarded`` of RFC 7239.

Both are read from the right, since the last entry is the one that the nearest proxy wrote;
what stands left of it may be made up, down to quotes that are never closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

from muster.plugin_api import Address, address_of

__all__ = ["ForwardedBy", "Headers", "Hop", "hops"]

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

_MOST_COMMAS_QUOTED = 8
"""How many commas may stand in quotes within one entry; no proxy writes any."""

_SCHEMES = ("http", "https")
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of RFC 9110
_PAIR = rf'{_TOKEN}=(?:{_TOKEN}|"[^"\\]*")'
_LAST_ELEMENT = re.compile(rf"(?:^|,)[ \t]*({_PAIR}(?:[ \t]*;[ \t]*{_PAIR})*)[ \t]*\Z")
_ONE_PAIR = re.compile(rf'({_TOKEN})=(?:({_TOKEN})|"([^"\\]*)")')


class ForwardedBy(Enum):
    """In which header trusted proxies say who asked; the other one is not looked at."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"


class Hop(NamedTuple):
    """One entry.

    Attributes:
        address: From where that proxy was asked; ``None`` where that cannot be read.
        scheme: By which scheme, where it is told and one of HTTP.
    """

    address: Address | None
    scheme: str | None


def hops(headers: Headers, by: ForwardedBy) -> Iterator[Hop]:
    """Yield the entries from the nearest to the farthest, as far as they can be read.

    Args:
        headers: Of the request; names in lower case.
        by: Which header counts.
    """
    lines = [value.decode("latin-1") for name, value in headers if name == by.value.encode("ascii")]
    if by is ForwardedBy.FORWARDED:
        yield from _of_forwarded(lines)
        return
    scheme = _scheme(headers)
    for line in reversed(lines):
        left, comma = line, ","
        while comma:
            left, comma, entry = left.rpartition(",")
            yield Hop(_node(entry.strip(" \t")), scheme)


def _of_forwarded(lines: Sequence[str]) -> Iterator[Hop]:
    for line in reversed(lines):
        left = line
        while left:
            found = _last_element(left)
            if found is None:
                yield Hop(None, None)
                return
            element, left = found
            yield _hop(element)


def _last_element(line: str) -> tuple[str, str] | None:
    """Return the last entry and what stands before it; no search over all that was sent."""
    comma = len(line)
    for _ in range(_MOST_COMMAS_QUOTED):
        comma = line.rfind(",", 0, comma)
        if found := _LAST_ELEMENT.match(line, max(comma, 0)):
            return found[1], line[: max(comma, 0)]
        if comma < 0:
            return None
    return None


def _hop(element: str) -> Hop:
    said: dict[str, str] = {}
    for name, token, quoted in _ONE_PAIR.findall(element):
        if name.lower() in said:
            return Hop(None, None)
        said[name.lower()] = token or quoted
    scheme = said.get("proto", "").lower()
    return Hop(_node(said.get("for", "")), scheme if scheme in _SCHEMES else None)


def _node(text: str) -> Address | None:
    if bracketed := _BRACKETED.fullmatch(text):
        return address_of(bracketed[1])
    if with_port := _WITH_PORT.fullmatch(text):
        return address_of(with_port[1])
    return address_of(text)


def _scheme(headers: Headers) -> str | None:
    """Return what the nearest proxy says; it speaks of no entry in particular."""
    sent = [value for name, value in headers if name == b"x-forwarded-proto"]
    if not sent:
        return None
    last = sent[-1].rpartition(b",")[2].strip().lower().decode("latin-1")
    return last if last in _SCHEMES else None
