"""A short name for a statement: what it does to which table first."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["statement_name"]

# ``FOR UPDATE`` and ``FOR NO KEY UPDATE`` lock, and write nothing.
_WRITING = re.compile(
    r"\b(INSERT)\s+INTO\s+(\w+)|(?<!FOR )(?<!KEY )\b(UPDATE)\s+(\w+)|\b(DELETE)\s+FROM\s+(\w+)"
)
_READING = re.compile(r"\bFROM\s+(?!unnest\b)([a-z_]\w*)")
_FIRST_WORD = re.compile(r"\s*([A-Za-z]+)")
_MOST_NAMES = 1_000


@lru_cache(maxsize=_MOST_NAMES)
def statement_name(text: str) -> str:
    """Return a name such as ``SELECT zones`` or ``COMMIT``.

    A statement that writes is called by what it writes first. Statements are constants of the
    code, so there are as many names as those, and what is kept of them is bounded.

    Args:
        text: The statement, keywords in capitals.
    """
    if written := _WRITING.search(text):
        verb, table = (word for word in written.groups() if word)
        return f"{verb} {table}"
    first = _FIRST_WORD.match(text)
    if first is None:
        return "statement"
    word = first.group(1).upper()
    if word not in ("SELECT", "WITH"):
        return word
    read = _READING.search(text)
    return f"SELECT {read.group(1)}" if read else "SELECT"
