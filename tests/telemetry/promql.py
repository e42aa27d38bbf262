"""Expressions of Prometheus, read as far as the metrics and labels that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Expression", "Selector", "read"]

_KEYWORDS = {
    "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right",
    "bool", "offset", "atan2",
}  # fmt: skip
_GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"\s*,?')
_NAME = re.compile(r"\b[a-zA-Z_:][\w:]*")


class Matcher(NamedTuple):
    label: str
    operator: str
    value: str


class Selector(NamedTuple):
    """A metric as it is selected, such as ``up{job="muster"}``."""

    metric: str
    matchers: tuple[Matcher, ...]


class Expression(NamedTuple):
    """What an expression names."""

    text: str
    selectors: tuple[Selector, ...]
    grouping: frozenset[str]

    @property
    def metrics(self) -> set[str]:
        return {selector.metric for selector in self.selectors}


def read(text: str) -> Expression:
    """Read an expression. What it calls or groups by is no metric, and neither are its words."""
    grouping = {
        label.strip()
        for found in _GROUPING.finditer(text)
        for label in found[2].split(",")
        if label.strip()
    }
    bare = _GROUPING.sub(" ", text)
    return Expression(text, tuple(_selectors(bare)), frozenset(grouping))


def _selectors(text: str) -> Iterator[Selector]:
    at = 0
    while found := _NAME.search(text, at):
        at = found.end()
        rest = text[at:].lstrip()
        if found[0] in _KEYWORDS or rest.startswith("("):
            continue
        matchers: tuple[Matcher, ...] = ()
        if rest.startswith("{"):
            inside = rest[1 : rest.index("}")]
            matchers = tuple(Matcher(*one) for one in _MATCHER.findall(inside))
            assert not _MATCHER.sub("", inside).strip(), f"cannot be read: {inside}"
            at = text.index("}", at) + 1
            rest = text[at:]
        if rest.startswith("["):
            at = text.index("]", at) + 1
        yield Selector(found[0], matchers)
