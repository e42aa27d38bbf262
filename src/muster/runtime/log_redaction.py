"""Keeps secrets and personal data out of every log line, our own and those of libraries.

It belongs to the core: that nothing leaks must not depend on a plugin.
"""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.traceback import Trace, Traceback
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from muster.plugin_api.redaction import redacted, redacted_text

__all__ = ["KEPT_KEYS", "redact", "write_traceback"]

KEPT_KEYS = frozenset({"correlation_id", "level", "logger", "span_id", "timestamp", "trace_id"})
"""Ours, or an id that the edge has checked; a changed one would tie nothing together."""

_LEFT = KEPT_KEYS | {"exc_info"}


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Take secrets and personal data out of a line, before it is rendered. A processor.

    Tracebacks that are texts by now are looked through like any text; one that is not is left
    to ``write_traceback``.

    Args:
        logger: Not looked at.
        method: Not looked at.
        event: The line.
    """
    left = {key: event[key] for key in event.keys() & _LEFT}
    told: EventDict = redacted({**event, **dict.fromkeys(left)})
    told.update(left)
    return told


def write_traceback(stream: TextIO, exc_info: ExcInfo) -> None:
    """Write a traceback for people, with frames but without any value.

    Messages are redacted before they are laid out: layout breaks lines in the midst of them.

    Args:
        stream: Where to.
        exc_info: Of the exception.
    """
    trace = Traceback.extract(*exc_info)
    _redact_messages(trace)
    stream.write("\n")
    console = Console(file=stream, color_system="truecolor" if sys.stderr.isatty() else None)
    console.print(Traceback(trace, word_wrap=True, width=None))


def _redact_messages(trace: Trace) -> None:
    for stack in trace.stacks:
        stack.exc_value = redacted_text(stack.exc_value)
        stack.notes = [redacted_text(note) for note in stack.notes]
        if stack.syntax_error is not None:
            stack.syntax_error.line = redacted_text(stack.syntax_error.line)
            stack.syntax_error.msg = redacted_text(stack.syntax_error.msg)
        for part in stack.exceptions:
            _redact_messages(part)
