"""``muster config show`` and ``muster config check``."""

from __future__ import annotations

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from muster.runtime.cli.starting import composed, environ_of, plain_refusals
from muster.runtime.embedded import addresses_to_be
from muster.runtime.settings_tree import ShownSetting

__all__ = ["config"]


@click.group()
def config() -> None:
    """Show and check the settings: environment over file over defaults."""


@config.command(epilog="Examples: muster config show · muster --config muster.toml config show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--changed", is_flag=True, help="Only those that are not at their defaults.")
@click.pass_context
def show(context: click.Context, as_json: bool, changed: bool) -> None:
    """Show every setting with its value and where it comes from; secrets are masked."""
    with plain_refusals():
        settings = composed(environ_of(context)).settings
    shown = [one for one in settings.show() if not changed or one.source != "default"]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(shown)).decode())
    else:
        _print_table(shown)


@config.command(epilog="Example: muster config check && muster serve")
@click.pass_context
def check(context: click.Context) -> None:
    """Check settings and plugins without starting anything.

    Exits with 0 when Muster would start with them, with 2 and every fault when not.
    """
    with plain_refusals():
        application = composed(addresses_to_be(environ_of(context)))
        # Building the ports finds wrappers and adapters that do not keep to them.
        application.dispatcher()
    names = ", ".join(plugin.manifest.name for plugin in application.hooks.plugins)
    click.echo(f"Settings are right. Plugins: {names}.")


def _print_table(shown: list[ShownSetting]) -> None:
    table = Table("Setting", "Value", "Source", "Variable", "What it does", box=None)
    for one in shown:
        table.add_row(one.path, one.value, one.source, one.variable, one.hint)
    console = Console()
    # A file or a pipe has no width; what stands in one line can be searched for.
    Console(width=None if console.is_terminal else 250).print(table, markup=False)
