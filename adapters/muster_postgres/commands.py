"""``muster db``: migrating from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util.exc import CommandError
from sqlalchemy.exc import SQLAlchemyError

from muster_postgres import migrations

__all__ = ["db_commands"]


def db_commands(url: str | None) -> click.Group:
    """Return the group ``db``.

    Args:
        url: Where the database is; without one every command of the group says so.
    """

    @click.group("db")
    def db() -> None:
        """Migrate the database, or see where it stands."""

    @db.command()
    @click.argument("revision", default="head")
    def upgrade(revision: str) -> None:
        """Migrate up to REVISION, the newest by default."""
        with _told_plainly():
            migrations.upgrade(_given(url), revision)
            click.echo(f"The database is at revision {migrations.current(_given(url))}.")

    @db.command()
    @click.argument("revision")
    @click.confirmation_option(prompt="This drops what later revisions stored. Go on?")
    def downgrade(revision: str) -> None:
        """Migrate down to REVISION: 'base' for none, '-1' for one step."""
        with _told_plainly():
            migrations.downgrade(_given(url), revision)
            found = migrations.current(_given(url))
            click.echo(
                f"The database is at revision {found}." if found else "The database is empty."
            )

    @db.command()
    def current() -> None:
        """Say which revision the database is at."""
        with _told_plainly():
            click.echo(migrations.current(_given(url)) or "none")

    @db.command()
    def check() -> None:
        """See that the database is as this version of Muster needs it."""
        with _told_plainly():
            migrations.check(_given(url))
            click.echo("The database is up to date.")

    @db.command()
    @click.argument("name")
    def new(name: str) -> None:
        """Begin a migration NAME with what differs between the tables and the database."""
        with _told_plainly():
            click.echo(f"Wrote {migrations.new_revision(_given(url), name)}")

    return db


def _given(url: str | None) -> str:
    if url is None:
        raise click.ClickException("No database is configured. Set DATABASE_URL.")
    return url


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except migrations.SchemaDiffers as differs:
        raise click.ClickException(f"The database differs:\n{differs}") from None
    except CommandError as error:
        raise click.ClickException(str(error)) from None
    except (OSError, SQLAlchemyError) as error:
        raise click.ClickException(
            f"The database cannot be reached or refused ({type(error).__name__}). "
            "Is DATABASE_URL right, and is the server up?"
        ) from error
