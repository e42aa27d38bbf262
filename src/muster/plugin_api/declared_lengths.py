"""What a ``Content-Length`` says, before anything reads the body."""

from __future__ import annotations

__all__ = ["declares_more"]

_MOST_DIGITS = 18
"""Of lengths that are read as numbers: time and memory of reading one go with its digits."""


def declares_more(length: bytes, most: int) -> bool:
    """Return whether a ``Content-Length`` says more than so much; what is no number does not.

    Args:
        length: The value of the header, as it was sent.
        most: Bytes.
    """
    return length.isdigit() and (len(length) > _MOST_DIGITS or int(length) > most)
