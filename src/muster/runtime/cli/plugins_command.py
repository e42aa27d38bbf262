"""``muster plugins``: who takes part, and how every port is composed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from muster.runtime.bootstrap import Application
from muster.runtime.cli.starting import composed, environ_of, plain_refusals
from muster.runtime.plugin_discovery import LoadedPlugin, installed_plugins
from muster.runtime.port_composition import PortChain

__all__ = ["PluginLine", "PluginReport", "plugins", "report"]


class PluginLine(Struct, frozen=True, rename="camel"):
    """One plugin; of one that is not enabled, only what its distribution says.

    Attributes:
        name: Its name.
        enabled: Whether it takes part.
        distribution: Where it was installed from.
        version: Of that distribution.
        api_version: The plugin surface that it was written for.
        requires: The plugins that it needs.
        hooks: The hooks that it implements.
        settings: The environment variables of its section.
    """

    name: str
    enabled: bool
    distribution: str
    version: str
    api_version: int | None = None
    requires: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


class PluginReport(Struct, frozen=True, rename="camel"):
    """What ``muster plugins --json`` prints."""

    plugins: tuple[PluginLine, ...]
    ports: tuple[PortChain, ...]


@click.command(epilog="Examples: muster plugins · muster plugins --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """Show installed and enabled plugins, and what stands behind each port.

    Enable them with MUSTER_PLUGINS__ENABLED (names, separated by commas); where several
    provide a port, choose with MUSTER_PLUGINS__PORTS (port=provider, separated by commas).
    """
    with plain_refusals():
        found = report(composed(environ_of(context)), installed_plugins())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _print(found)


def report(application: Application, installed: Iterable[EntryPoint]) -> PluginReport:
    """Return who takes part in an app, and how its ports are composed.

    Args:
        application: The app.
        installed: The entry points of all plugins, of which some are not enabled.
    """
    enabled = [_enabled_line(application, plugin) for plugin in application.hooks.plugins]
    names = {line.name for line in enabled}
    idle = [_idle_line(entry) for entry in installed if entry.name not in names]
    lines = sorted([*enabled, *idle], key=lambda line: (not line.enabled, line.name))
    return PluginReport(tuple(lines), tuple(application.ports.chains()))


def _enabled_line(application: Application, plugin: LoadedPlugin) -> PluginLine:
    section = f"{plugin.manifest.name}."
    return PluginLine(
        name=plugin.manifest.name,
        enabled=True,
        distribution=plugin.distribution,
        version=plugin.version,
        api_version=plugin.manifest.api_version,
        requires=plugin.manifest.requires,
        hooks=tuple(application.hooks.hooks_of(plugin)),
        settings=tuple(
            shown.variable
            for shown in application.settings.show()
            if shown.path.startswith(section)
        ),
    )


def _idle_line(entry: EntryPoint) -> PluginLine:
    return PluginLine(
        name=entry.name,
        enabled=False,
        distribution=entry.dist.name if entry.dist else "unknown",
        version=entry.dist.version if entry.dist else "?",
    )


def _print(found: PluginReport) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    table = Table("Plugin", "State", "Distribution", "API", "Hooks", "Settings", box=None)
    for line in found.plugins:
        table.add_row(
            line.name,
            "enabled" if line.enabled else "installed",
            f"{line.distribution} {line.version}",
            "" if line.api_version is None else str(line.api_version),
            "\n".join(line.hooks),
            "\n".join(line.settings),
            end_section=True,
        )
    console.print(table)
    console.print()
    ports = Table("Port", "Stands behind it, from the inside out", box=None)
    for chain in found.ports:
        ports.add_row(chain.port, " → ".join([chain.provider, *chain.wrappers]))
    console.print(ports)
