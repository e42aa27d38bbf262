"""Logs: one line for each event on standard error, our own and those of libraries alike."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO

import structlog
from structlog.typing import Processor

from muster.runtime.log_redaction import redact, write_traceback
from muster.runtime.settings import LogFormat, LogSettings

__all__ = ["set_up_logs"]

_CHATTY = ("uvicorn", "uvicorn.error", "asyncio", "alembic")


def set_up_logs(settings: LogSettings) -> None:
    """Send the logs of this process to standard error, as the settings say.

    Args:
        settings: The least level that is written, and the format.
    """
    every_line: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *every_line,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=every_line,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)


def _rendering(chosen: LogFormat) -> list[Processor]:
    if chosen is LogFormat.JSON:
        return [
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    colors = sys.stderr.isatty()
    return [
        redact,
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=write_traceback),
    ]


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a line was lost; logging's own way would show it as it was before redaction."""
        kind = sys.exc_info()[0]
        with suppress(OSError, ValueError):
            sys.stderr.write(f"A log line of {record.name} was lost: {kind and kind.__name__}\n")
