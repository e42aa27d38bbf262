"""Entity tags: whether what a client has already is still so (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from litestar.datastructures import Headers

__all__ = ["entity_tag", "is_known"]

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def entity_tag(*facts: Any) -> str:
    """Return the tag of an answer that is made from these facts and from nothing else.

    It is a weak one: the facts are the same, so it means the same, to the last byte or not.
    """
    digest = blake2b(msgspec.msgpack.encode(facts), digest_size=16).hexdigest()
    return f'W/"{digest}"'


def is_known(tag: str, headers: Headers) -> bool:
    """Return whether ``If-None-Match`` names a tag, or ``*``; weakness does not matter."""
    asked = ",".join(headers.getall("if-none-match", []))
    return asked.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(asked)
