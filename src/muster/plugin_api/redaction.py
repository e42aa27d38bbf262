"""What must not leave with a log line or an error report: secrets, and data about people.

Pure rules, here because both sides need the same ones: the core's logs, which are safe with no
plugin at all, and plugins that send something away. Two rules work together. By key: what stands
under ``password`` or ``email`` goes whole, whatever it is. By pattern: what can be told by its
shape goes from any text. A name in the midst of prose has no shape; so code that logs puts what
people said under a key, and never into a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from muster.plugin_api.redaction_keys import Kind, kind_of
from muster.plugin_api.redaction_patterns import REDACTED, redacted_text

__all__ = ["REDACTED", "kept_error", "redacted", "redacted_text"]

_DEEPEST = 12
"""Levels of nesting that are looked into; what lies deeper, or holds itself, goes."""

_INNOCENT = (bool, int, float, Decimal, UUID, datetime, date, time, timedelta, type(None))

_LONGEST_ERROR = 500


def kept_error(text: str) -> str:
    """Return of an exception's words what may be kept, and what a database can keep.

    Args:
        text: Whatever it says; it may be long, and hold what no text in a database may.

    Returns:
        At most 500 characters, without secrets and personal data.
    """
    clean = redacted_text(text).encode(errors="replace").decode().replace("\0", "")
    return clean[:_LONGEST_ERROR]


def redacted(value: Any) -> Any:
    """Return a value without secrets and personal data, as far down as it goes.

    Mappings and Structs become dicts, other collections lists; numbers, times and UUIDs stay;
    whatever else has no plain form becomes the text of its ``repr``. What is given is not
    changed, and nothing is raised.

    Args:
        value: Anything.
    """
    return _redacted(value, _DEEPEST)


def _redacted(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redacted_text(str(value))
    if isinstance(value, Enum):
        return _redacted(value.value, depth - 1) if depth else REDACTED
    if isinstance(value, _INNOCENT):
        return value
    if not depth:
        return REDACTED
    if isinstance(value, Struct):
        value = structs.asdict(value)
    if isinstance(value, Mapping):
        return dict(_pair(key, held, depth) for key, held in value.items())
    if isinstance(value, list | tuple | AbstractSet):
        return [_redacted(one, depth - 1) for one in value]
    return redacted_text(_shown(value))


def _pair(key: object, held: Any, depth: int) -> tuple[str, Any]:
    name = key if isinstance(key, str) else _shown(key)
    if kind_of(name) is not Kind.OPEN:
        # Whether there was one may be told.
        return redacted_text(name), held if held is None or isinstance(held, bool) else REDACTED
    return redacted_text(name), _redacted(held, depth - 1)


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a log line must not fail for what it tells of
        return f"<{type(value).__name__}>"
