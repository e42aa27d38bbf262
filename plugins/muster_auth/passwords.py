"""What a new password must be, after NIST SP 800-63B-4.

Long, not common, not about its owner; which characters it has is its owner's affair.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from muster.domain.errors import Fault
from muster_auth.errors import PasswordRefused

__all__ = ["LONGEST_PASSWORD", "accepted_password", "normal_password"]

LONGEST_PASSWORD = 1024
"""Characters; bounds what hashing one costs. Nothing is ever cut off."""

_SHORT_UNIT = 4
_LEAST_OWN = 8
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiopasdfghjklzxcvbnm",
)


def normal_password(password: str) -> str:
    """Return a password in NFKC: the same keys give the same bytes on every machine."""
    return unicodedata.normalize("NFKC", password)


def accepted_password(
    password: str, *, shortest: int, about: tuple[str, ...], path: str = "newPassword"
) -> str:
    """Return a new password in the form that is hashed.

    Args:
        password: As it was typed.
        shortest: The fewest characters (code points in NFKC).
        about: Words that others expect in it: the identifier, the owner's name.
        path: Where it stands in the request.

    Raises:
        PasswordRefused: It breaks rules.
    """
    normal = normal_password(password)
    faults = tuple(_faults(normal, shortest, about, path))
    if faults:
        raise PasswordRefused(faults)
    return normal


def _faults(normal: str, shortest: int, about: tuple[str, ...], path: str) -> Iterator[Fault]:
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in normal):
        yield Fault(path, "PASSWORD_UNREADABLE", "It holds NUL or half a character.")
        return
    if len(normal) < shortest:
        yield Fault(path, "PASSWORD_TOO_SHORT", f"It needs at least {shortest} characters.")
    if len(normal) > LONGEST_PASSWORD:
        yield Fault(path, "PASSWORD_TOO_LONG", f"It has more than {LONGEST_PASSWORD} characters.")
        return
    folded = normal.casefold()
    if _is_common(folded):
        yield Fault(path, "PASSWORD_COMMON", "Many people use it, so it is tried first.")
    elif _is_about(folded, about):
        yield Fault(path, "PASSWORD_ABOUT_OWNER", "It is little more than who it belongs to.")


def _is_common(folded: str) -> bool:
    unit = _repeated_unit(folded)
    return (
        folded in _common()
        or (len(unit) < len(folded) and (len(unit) <= _SHORT_UNIT or unit in _common()))
        or any(folded in run * 20 or folded in run[::-1] * 20 for run in _RUNS)
    )


def _repeated_unit(text: str) -> str:
    """Return the shortest text of which this one is a repetition, the last one perhaps cut."""
    for length in range(1, len(text) // 2 + 1):
        unit = text[:length]
        if (unit * (len(text) // length + 1)).startswith(text):
            return unit
    return text


def _is_about(folded: str, about: tuple[str, ...]) -> bool:
    rest = folded
    for word in sorted(_words(about), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < min(_LEAST_OWN, len(folded))


def _words(about: tuple[str, ...]) -> set[str]:
    words = {"muster"}
    for text in about:
        folded = normal_password(text).casefold()
        words |= {folded, *folded.replace("@", " ").replace(".", " ").split()}
    return {word for word in words if len(word) >= _SHORT_UNIT}


@lru_cache(1)
def _common() -> frozenset[str]:
    # 19,312 of the 20,000 passwords that Royce Williams gathered from breaches, as Django 5.2
    # ships them (BSD-3-Clause); normalized, folded, without those under four characters.
    text = files("muster_auth").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split("\n"))
