"""Reaching the database at a start: a moment's patience, then a plain word."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time

import asyncpg
from sqlalchemy.engine import make_url

from muster.plugin_api import CompositionError
from muster_postgres.errors import DRIVER_ERRORS
from muster_postgres.revisions import driver_url

__all__ = ["DatabaseUnreachable", "reached"]

_PAUSE_SECONDS = 0.2

_PASSING = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
"""Not up yet, not known by its name yet, recovering, full. The rest waiting does not mend."""

_PLAIN = (errno.ECONNREFUSED, errno.ECONNRESET, errno.ENOENT, errno.EACCES, errno.EHOSTUNREACH)


class DatabaseUnreachable(CompositionError):
    """The database does not answer, or does not let Muster in."""

    def __init__(self, url: str, error: BaseException) -> None:
        """Say where it should be and what happened, and nothing else of the URL.

        Args:
            url: A ``postgresql://`` URL.
            error: What the driver raised.
        """
        super().__init__(
            f"The database at {_place(url)} cannot be used: {_reason(error)}. "
            "Is DATABASE_URL right, and is the server up?"
        )


async def reached(url: str, patience_seconds: float) -> None:
    """Return once the database lets Muster in.

    It is tried at least once, and again for as long as the patience lasts: what is started
    together with its database need not come second.

    Args:
        url: A ``postgresql://`` URL.
        patience_seconds: How long to try.

    Raises:
        DatabaseUnreachable: It did not in time, or will not.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        left = max(deadline - time.monotonic(), _PAUSE_SECONDS)
        try:
            connection = await asyncpg.connect(driver_url(url), timeout=left)
        except DRIVER_ERRORS as error:
            late = time.monotonic() + _PAUSE_SECONDS > deadline
            if late or not isinstance(error, _PASSING):
                raise DatabaseUnreachable(url, error) from None
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            await connection.close()
            return


def _place(url: str) -> str:
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    return f"{host or 'the usual place'} port {parts.port or 5432}"


def _reason(error: BaseException) -> str:
    """Return what happened in one line; the driver's own words may quote the URL."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.args[0])
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, socket.gaierror):
        return "no such host is known"
    if isinstance(error, OSError) and error.errno in _PLAIN:
        return os.strerror(error.errno)
    return type(error).__name__
