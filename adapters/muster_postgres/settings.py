"""The settings of the PostgreSQL adapter."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from muster.plugin_api import setting

__all__ = ["PostgresSettings"]


class PostgresSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the database is, how many connections it gets, how long anything may take."""

    url: Annotated[
        str | None,
        setting(
            "Where the database is, postgresql://user:password@host:port/name; "
            "unset starts the embedded one",
            env="DATABASE_URL",
            secret=True,
        ),
    ] = None
    pool_min_size: Annotated[
        int, setting("How many connections are opened at the start and kept", ge=0)
    ] = 2
    pool_max_size: Annotated[
        int, setting("The most connections of one process; further requests wait", ge=1)
    ] = 10
    acquire_timeout_seconds: Annotated[
        float,
        setting("After how many seconds without a free connection a request is refused", gt=0),
    ] = 5.0
    connect_timeout_seconds: Annotated[
        float,
        setting(
            "After how many seconds an attempt to connect is given up; a start tries again "
            "for as long",
            gt=0,
        ),
    ] = 5.0
    idle_connection_seconds: Annotated[
        float,
        setting("After how many seconds unused a connection is closed; 0 keeps it", ge=0),
    ] = 300.0
    statement_timeout_seconds: Annotated[
        float,
        setting("After how many seconds the database gives a statement up; 0 never", ge=0),
    ] = 10.0
    lock_timeout_seconds: Annotated[
        float,
        setting("After how many seconds a statement stops waiting for a lock; 0 never", ge=0),
    ] = 5.0
    idle_in_transaction_seconds: Annotated[
        float,
        setting("After how many seconds of silence the database ends a transaction; 0 never", ge=0),
    ] = 15.0
    statement_cache_size: Annotated[
        int,
        setting(
            "How many prepared statements a connection keeps; 0 for a proxy that shares "
            "connections between transactions",
            ge=0,
        ),
    ] = 256
    migrate_on_start: Annotated[
        bool,
        setting("Whether an app migrates the database to the newest revision when it starts"),
    ] = True

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: The URL cannot be used; it is not quoted.
        """
        if self.url is not None and not _is_of_postgresql(self.url):
            raise ValueError("the URL must be like postgresql://user:password@host:port/name")


def _is_of_postgresql(url: str) -> bool:
    try:
        return make_url(url).get_backend_name() in ("postgresql", "postgres")
    except (ArgumentError, ValueError):
        return False
