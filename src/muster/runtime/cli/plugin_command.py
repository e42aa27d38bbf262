"""``muster plugin``: for the authors of plugins."""

from __future__ import annotations

from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from muster.runtime.exit_codes import REFUSED
from muster.runtime.plugin_template.new_package import (
    Names,
    PackageRefused,
    known_hooks,
    write_package,
)

__all__ = ["plugin"]


@click.group()
def plugin() -> None:
    """Write a plugin, and check one."""


@plugin.command(
    epilog="Example: muster plugin new tide --hook health_checks --hook http_routes",
)
@click.argument("name")
@click.option(
    "--hook",
    "hooks",
    multiple=True,
    required=True,
    type=click.Choice(list(known_hooks())),
    help="A hook that it takes part in; may be given several times.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write it.  [default: muster-NAME, here]",
)
def new(name: str, hooks: tuple[str, ...], directory: Path | None) -> None:
    """Write a whole package for the plugin NAME, which passes its own tests at once.

    NAME is in snake case. It names the plugin's section of the settings, its routes and its
    tables.
    """
    place = directory or Path(Names(name).places()["distribution"])
    try:
        written = write_package(name, hooks, place)
    except PackageRefused as refused:
        click.echo(refused, err=True)
        raise Exit(REFUSED) from None
    for path in written:
        click.echo(path)
    click.echo(f"\nNext: cd {place} && pip install -e '.[dev]' && pytest && muster plugin check .")
