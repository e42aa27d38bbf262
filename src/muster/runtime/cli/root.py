"""The command ``muster`` and what hangs on it: the core's commands and the plugins'."""

from __future__ import annotations

from importlib import import_module

import rich_click as click
from msgspec import Struct

from muster import __version__
from muster.plugin_api.errors import CompositionError
from muster.runtime.cli.plugin_commands import mounted
from muster.runtime.cli.starting import (
    composed,
    environ_of,
    plain_refusals,
    remember_config,
)
from muster.runtime.core_commands import CORE_COMMANDS
from muster.runtime.settings_tree import SettingsInvalid

__all__ = ["Commands", "main", "muster"]

_FOUND = "muster.plugin_commands"


class _PluginCommands(Struct, frozen=True):
    """What plugins contribute, or why that cannot be said."""

    commands: dict[str, click.Command]
    refusal: SettingsInvalid | CompositionError | None = None


class Commands(click.RichGroup):
    """The core's commands, imported when they are needed, then those of enabled plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands; of the core's alone when nothing composes."""
        return [*CORE_COMMANDS, *sorted(_of_plugins(ctx).commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or ``None``.

        A name that the core does not know is looked for among the plugins' commands; when
        nothing composes, that is refused with the reason.
        """
        if place := CORE_COMMANDS.get(cmd_name):
            module, _, name = place.partition(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        found = _of_plugins(ctx)
        if found.refusal and not ctx.resilient_parsing:
            with plain_refusals():
                raise found.refusal
        return found.commands.get(cmd_name)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, with a note when the plugins' commands cannot be shown."""
        text = super().get_help(ctx)
        refusal = _of_plugins(ctx).refusal
        if refusal is None:
            return text
        return f"{text}\n\nThe commands of plugins are not shown, because:\n{refusal}"


@click.group(
    cls=Commands,
    epilog="Start with: muster demo. Then: muster serve, and open http://127.0.0.1:8000/docs.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--config",
    metavar="FILE.toml",
    is_eager=True,
    expose_value=False,
    callback=remember_config,
    help="Settings file; the same as MUSTER_CONFIG. The environment goes before the file.",
)
@click.version_option(__version__, "--version", prog_name="muster")
def muster() -> None:
    """Muster assigns trainers to bookings, and never books one twice.

    Settings come from the environment and an optional TOML file; 'muster config show' lists
    them all. Without DATABASE_URL and TRAINER_SERVICE_URL, a PostgreSQL and a sample trainer
    service run inside.
    """


def main() -> None:
    """Run the command line of this process."""
    muster(prog_name="muster")


def _of_plugins(ctx: click.Context) -> _PluginCommands:
    if _FOUND not in ctx.meta:
        environ = environ_of(ctx)
        try:
            ctx.meta[_FOUND] = _PluginCommands(mounted(composed(environ), environ))
        except (SettingsInvalid, CompositionError) as refusal:
            ctx.meta[_FOUND] = _PluginCommands({}, refusal)
    found: _PluginCommands = ctx.meta[_FOUND]
    return found
