"""What attempts to inject something look like, in a path or a query that was refused.

Nothing is refused for looking like this: values are bound to statements and never part of their
text. So a sign that is found wrongly costs a line in the log, and one that is missed costs no more.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

__all__ = ["MOST_LOOKED_AT", "signs_in"]

MOST_LOOKED_AT = 512
"""How many bytes of a path or a query are looked at: a millisecond at the worst."""

_DECODED_TIMES = 2
"""Whoever hopes that something decodes once more encodes twice."""

_SIGNS = {
    "control": re.compile(r"[\x00-\x08\x0b-\x1f\x7f]"),
    "sql": re.compile(
        r"""['"`)]\s*(?:or|and|union|having|group|order|--|;|/\*|\|\|)"""
        r"|\bunion\s+(?:all\s+)?select\b"
        r"|;\s*(?:select|insert|update|delete|drop|alter|create|copy)\b"
        r"|\b(?:pg_sleep|sleep|benchmark|xp_cmdshell)\s*\(",
        re.IGNORECASE,
    ),
    "path": re.compile(r"(?:^|[/\\=&])\.\.(?:[/\\]|$)|/etc/passwd"),
    "script": re.compile(r"<\s*/?script|javascript:|\bon(?:error|load)\s*=", re.IGNORECASE),
    "template": re.compile(r"[$#]\{|\{\{|\{%|<%"),
    "operator": re.compile(r"\$(?:where|regex|gte?|lte?|ne|n?in|expr)\b|\$\.\.?[\w*\[]"),
}


def signs_in(raw: bytes) -> list[str]:
    """Return which kinds of attempts a text looks like, sorted; mostly none.

    Args:
        raw: A path or a query, as it was sent.
    """
    text = raw[:MOST_LOOKED_AT].replace(b"+", b" ")
    found: set[str] = set()
    for _ in range(_DECODED_TIMES + 1):
        shown = text.decode("latin-1")
        found.update(kind for kind, sign in _SIGNS.items() if sign.search(shown))
        if b"%" not in text:
            break
        text = unquote_to_bytes(text)
    return sorted(found)
