"""The table of limits: how many requests of which kind, in how many seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from msgspec import Struct

__all__ = ["DEFAULT_LIMITS", "Limit", "LimitName", "LimitTable", "limit_table"]

_WRITTEN = re.compile(r"([0-9]{1,9})/([0-9]{1,6})")
_NEVER = "off"


class LimitName(Enum):
    """What is limited.

    The first four are the classes of routes. Logins and the public verification of certificates
    are counted by address, reads and writes by caller: the token that is shown, else the address.
    """

    LOGIN = "login"
    VERIFY = "verify"
    READ = "read"
    WRITE = "write"
    EVERYTHING = "everything"
    """All requests of one caller."""
    ADDRESS = "address"
    """All requests from one address, whatever tokens they show."""
    ERRORS = "errors"
    """Answers from 400 to 499 to one address; after so many it is not asked what it wants."""


class Limit(Struct, frozen=True):
    """So many requests in a window that the first of them opens.

    Attributes:
        requests: How many pass.
        seconds: How long the window is open.
    """

    requests: int
    seconds: int


LimitTable: TypeAlias = Mapping[LimitName, Limit]

DEFAULT_LIMITS: Mapping[str, str] = {
    "login": "20/60",
    "verify": "60/60",
    "read": "1200/60",
    "write": "300/60",
    "everything": "1500/60",
    "address": "3000/60",
    "errors": "300/60",
}


def limit_table(written: Mapping[str, str]) -> LimitTable:
    """Return the limits that are in force.

    Args:
        written: By name, ``requests/seconds`` or ``off``; what is not named is as by default.

    Raises:
        ValueError: A name is not known, or a limit is none.
    """
    known = [name.value for name in LimitName]
    if strangers := sorted(written.keys() - set(known)):
        raise ValueError(f"there is no limit {strangers[0]!r}; there are {', '.join(known)}")
    read = {name: _limit({**DEFAULT_LIMITS, **written}[name]) for name in known}
    return {LimitName(name): limit for name, limit in read.items() if limit is not None}


def _limit(text: str) -> Limit | None:
    if text == _NEVER:
        return None
    found = _WRITTEN.fullmatch(text)
    if not found or not int(found[1]) or not int(found[2]):
        raise ValueError(f"{text!r} is no limit; write requests/seconds such as '60/60', or 'off'")
    return Limit(int(found[1]), int(found[2]))
