"""``muster db``: migrating and tidying from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from types import ModuleType

import asyncpg
import click
from sqlalchemy.exc import SQLAlchemyError

from muster_postgres.reaching import reached
from muster_postgres.revisions import MigrationRefused
from muster_postgres.tidying import TidyingRefused, tidy_zones

__all__ = ["db_commands"]


def db_commands(url: str | None, patience_seconds: float = 0) -> click.Group:
    """Return the group ``db``.

    Args:
        url: Where the database is; without one every command of the group says so.
        patience_seconds: How long a command waits for it.
    """

    def opened() -> AbstractContextManager[tuple[ModuleType, str]]:
        return _migrations(url, patience_seconds)

    @click.group("db")
    def db() -> None:
        """Migrate the database, see where it stands, or tidy it."""

    @db.command()
    @click.argument("revision", default="head")
    def upgrade(revision: str) -> None:
        """Migrate up to REVISION, the newest by default."""
        with opened() as (migrations, at):
            migrations.upgrade(at, revision)
            _tell_where(migrations.current(at))

    @db.command()
    @click.argument("revision")
    @click.confirmation_option(prompt="This drops what later revisions stored. Go on?")
    def downgrade(revision: str) -> None:
        """Migrate down to REVISION: 'base' for none, '-1' for one step."""
        with opened() as (migrations, at):
            migrations.downgrade(at, revision)
            _tell_where(migrations.current(at))

    @db.command()
    def current() -> None:
        """Say which revision the database is at."""
        with opened() as (migrations, at):
            click.echo(migrations.current(at) or "none")

    @db.command()
    def check() -> None:
        """See that the database is as this version of Muster needs it."""
        with opened() as (migrations, at):
            migrations.check(at)
            click.echo("The database is up to date.")

    @db.command()
    @click.argument("name")
    def new(name: str) -> None:
        """Begin a migration NAME with what differs between the tables and the database."""
        with opened() as (migrations, at):
            click.echo(f"Wrote {migrations.new_revision(at, name)}")

    @db.command()
    def tidy() -> None:
        """Put zones in order of place, after a bulk import.

        Many zones that came in no order are found more slowly than they could be. This writes
        their table and all its indexes anew, neighbours beside each other.

        While it works nothing can read or change a zone: lookups and bookings wait, and are
        answered 503 after some seconds. A million zones took 133 s on two busy cores, a
        hundred thousand 12 s. So run it when nobody books. The disk needs room
        for a second copy of the table and its indexes.

        If the zones are in use it refuses after two seconds. If it is broken off, they are as
        they were.
        """
        with _plainly(url, patience_seconds) as at:
            click.echo("Putting the zones in order of place; lookups and bookings wait.")
            tidied = tidy_zones(at)
            click.echo(
                f"{tidied.zones:,} zones stand in order of place. "
                f"They were out of reach for {tidied.closed_seconds:.1f} s."
            )

    return db


def _tell_where(revision: str | None) -> None:
    click.echo(
        "The database is empty." if revision is None else f"The database is at revision {revision}."
    )


@contextmanager
def _migrations(url: str | None, patience_seconds: float) -> Iterator[tuple[ModuleType, str]]:
    """Hand out the migrations and the database.

    Alembic takes a second to import, which other commands should not wait for.
    """
    with _plainly(url, patience_seconds) as at:
        yield import_module("muster_postgres.migrations"), at


@contextmanager
def _plainly(url: str | None, patience_seconds: float) -> Iterator[str]:
    """Hand out where the database is, and tell plainly what went wrong.

    Raises:
        DatabaseUnreachable: As at every other start without a database.
    """
    if url is None:
        raise click.ClickException("No database is configured. Set DATABASE_URL.")
    asyncio.run(reached(url, patience_seconds))
    try:
        yield url
    except (MigrationRefused, TidyingRefused) as refused:
        raise click.ClickException(str(refused)) from None
    except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
        raise click.ClickException(
            f"The database went away, or refused ({type(error).__name__})."
        ) from error
