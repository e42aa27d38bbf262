"""What a key says of the value under it: a secret, something about a person, or neither."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from itertools import pairwise

__all__ = ["Kind", "kind_of"]

_MOST_KEYS = 4_096
"""Whose answers are remembered; keys are words of the code, so there are fewer."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_PART = re.compile(r"passw|passphrase|passcode|secret|token|credential|apikey|privatekey")
"""Within a key, its words run together: ``sslpassword`` and ``X-Api-Key`` are found too."""

_SECRET_WORDS = frozenset({"pwd", "auth", "dsn", "otp", "totp", "jwt", "bearer", "signature"})
_HEADER_PART = re.compile(r"authorization|cookie")
_PERSONAL_WORDS = frozenset(
    {
        *("student", "students", "guardian", "guardians", "email", "emails", "mail", "phone"),
        *("phones", "telephone", "mobile", "address", "addresses", "street", "postcode", "dob"),
        *("birthday", "birthdate", "latitude", "longitude", "lat", "lon", "lng", "coordinates"),
        *("surname", "forename", "firstname", "lastname", "fullname", "username"),
    }
)
_PERSONAL_KEYS = frozenset({"name", "names", "certificate", "certificate_number"})
_PEOPLE = frozenset(
    {
        *("first", "last", "full", "given", "family", "middle", "display", "user", "trainer"),
        *("person", "customer", "parent", "contact"),
    }
)
"""Whose name is a person's; a plugin, a file and a host have names too."""


class Kind(Enum):
    """What stands under a key."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105 - a word for secrets
    HEADER = "header"
    PERSONAL = "personal"


@lru_cache(_MOST_KEYS)
def kind_of(key: str) -> Kind:
    """Return what stands under a key; ``HEADER`` is a secret of several words.

    Args:
        key: In snake case, camel case or with hyphens.
    """
    words = [word.lower() for word in _WORD.findall(key)]
    run_together = "".join(words)
    if _HEADER_PART.search(run_together):
        return Kind.HEADER
    if _SECRET_PART.search(run_together) or not _SECRET_WORDS.isdisjoint(words):
        return Kind.SECRET
    if not _PERSONAL_WORDS.isdisjoint(words) or "_".join(words) in _PERSONAL_KEYS:
        return Kind.PERSONAL
    named = any(who in _PEOPLE and what in ("name", "names") for who, what in pairwise(words))
    return Kind.PERSONAL if named else Kind.OPEN
