"""Logs: one line for each event on standard error, our own and those of libraries alike."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

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
    handler = logging.StreamHandler(sys.stderr)
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
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    # The default would show the local variables of every frame, students' names among them.
    frames = structlog.dev.RichTracebackFormatter(show_locals=False)
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=frames)]
