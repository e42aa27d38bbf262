"""How names are compared: zones and franchises that read alike are alike."""

from __future__ import annotations

import unicodedata

__all__ = ["fold_name", "tidy_name"]


def tidy_name(name: str) -> str:
    """Return the name as it is stored and shown: NFKC, trimmed, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def fold_name(name: str) -> str:
    """Return the form under which two names are the same name.

    Case folding can undo the normal form (and the other way round), so both run until
    nothing changes; folding a folded name therefore changes nothing.
    """
    folded = tidy_name(name)
    while True:
        again = tidy_name(folded.casefold())
        if again == folded:
            return folded
        folded = again
