"""How deep JSON is nested, found before it is parsed."""

from __future__ import annotations

__all__ = ["nested_deeper"]

_AS_ROUND = bytes.maketrans(b"[]{}", b"()()")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def nested_deeper(raw: bytes, most: int) -> bool:
    """Return whether arrays and objects stand in each other more than so many levels deep.

    What is no JSON may be called either; who parses it finds out.

    Args:
        raw: The text.
        most: Levels; an object alone is one.
    """
    if raw.count(b"[") + raw.count(b"{") <= most:
        return False
    left = _without_strings(raw).translate(_AS_ROUND, _OTHERS)
    # Each turn takes the innermost pairs away, and so exactly one level; no loop over bytes.
    for _ in range(most):
        if b"()" not in left:
            return False
        left = left.replace(b"()", b"")
    return b"()" in left


def _without_strings(raw: bytes) -> bytes:
    """Return what stands outside of quotes; the time goes with the length, whatever is sent.

    A string that never ends goes to the end of the text.
    """
    # From the left, so that of a row of backslashes the last one is left over or none.
    unescaped = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(unescaped.split(b'"')[::2])
