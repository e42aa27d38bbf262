"""How much of a student's name a certificate shows to whoever verifies it."""

from __future__ import annotations

from enum import Enum
from unicodedata import category

from muster.domain.names import tidy_name

__all__ = ["NameDisplay", "displayed_name", "initials_of"]


class NameDisplay(Enum):
    """What an operator lets everybody see of a student's name."""

    HIDDEN = "HIDDEN"
    INITIALS = "INITIALS"
    FULL = "FULL"


def displayed_name(name: str, display: NameDisplay) -> str | None:
    """Return what is shown of a name; ``None`` where nothing is."""
    if display is NameDisplay.HIDDEN:
        return None
    return name if display is NameDisplay.FULL else initials_of(name)


def initials_of(name: str) -> str | None:
    """Return the first letter or digit of each word of a name: ``A. R.``; ``None`` without one.

    The marks that belong to a letter stay with it, whatever the script.
    """
    initials = [initial for word in tidy_name(name).split() if (initial := _initial(word))]
    return " ".join(f"{initial}." for initial in initials) or None


def _initial(word: str) -> str:
    first = next((at for at, one in enumerate(word) if category(one)[0] in "LN"), len(word))
    end = first + 1
    while end < len(word) and category(word[end])[0] == "M":
        end += 1
    return word[first:end]
