"""What an error report says: which error, where in the code, in which request, and no more.

It is built from what is allowed rather than cleaned of what is not. A message is never among
it: a name in the midst of prose cannot be told from other words. The message stands, redacted,
in the log line with the same correlation id.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TypeAlias

from sentry_sdk.utils import event_from_exception
from structlog.contextvars import get_contextvars

from muster.plugin_api import redacted_text

__all__ = ["Event", "event_of"]

Event: TypeAlias = dict[str, Any]
"""As Sentry names its fields."""

_TOLD_OF_A_FRAME = ("filename", "function", "module", "lineno")
"""Not the absolute path, which may hold a user's name, nor source, nor variables."""

_TAGS = ("correlation_id", "trace_id")


def event_of(record: logging.LogRecord, options: dict[str, Any]) -> Event | None:
    """Return what is reported of a log record, in the context in which it was logged.

    Args:
        record: Of structlog or of a library.
        options: Of the client.

    Returns:
        ``None`` where the record tells of no exception.
    """
    said: dict[str, Any] = record.msg if isinstance(record.msg, dict) else {}
    found = _exception_in(said.get("exc_info") or record.exc_info)
    if found is None:
        return None
    bound = {**get_contextvars(), **said}
    what = redacted_text(str(said.get("event", record.name)))
    raised, _ = event_from_exception(found, options)
    return {
        "level": record.levelname.lower(),
        "logger": record.name,
        "exception": {"values": [_told(value, what) for value in _values(raised)]},
        "tags": {name: str(bound[name]) for name in _TAGS if name in bound},
    }


def _exception_in(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    elif exc_info is True:
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def _values(raised: Any) -> list[Event]:
    """Return the exception and those behind it, as Sentry orders them."""
    values: list[Event] = raised["exception"]["values"]
    return values


def _told(value: Event, what: str) -> Event:
    frames = (value.get("stacktrace") or {}).get("frames", ())
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "value": what,
        "stacktrace": {
            "frames": [{name: frame.get(name) for name in _TOLD_OF_A_FRAME} for frame in frames]
        },
    }
