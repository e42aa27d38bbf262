"""``muster plugin``: for the authors of plugins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import msgspec
import rich_click as click
from click.exceptions import Exit

from muster.runtime.exit_codes import REFUSED
from muster.runtime.plugin_quality.checks import check_plugins
from muster.runtime.plugin_quality.findings import PluginVerdict, State
from muster.runtime.plugin_quality.subject import NothingToCheck
from muster.runtime.plugin_template.new_package import (
    Names,
    PackageRefused,
    known_hooks,
    write_package,
)

__all__ = ["plugin"]

_MARKS = {State.PASSED: "✓", State.FAILED: "✗", State.SKIPPED: "–"}


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


@plugin.command(epilog="Examples: muster plugin check . · muster plugin check tide --json")
@click.argument("target", metavar="DIRECTORY|NAME")
@click.option("--tests/--no-tests", default=True, help="Whether to run its tests.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(target: str, tests: bool, as_json: bool) -> None:
    """Check a plugin: its manifest, hooks, settings, names, imports, package, tests and ports.

    DIRECTORY holds a package with its tests; NAME is an installed plugin, of which no tests
    are at hand. Exits with 0 when nothing is wrong, 1 with every fault, 2 where there is
    nothing to check.
    """
    try:
        verdicts = check_plugins(target, tests=tests)
    except NothingToCheck as nothing:
        click.echo(nothing, err=True)
        raise Exit(REFUSED) from None
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(verdicts)).decode())
    else:
        click.echo("\n".join(line for verdict in verdicts for line in _lines(verdict)))
    if not all(verdict.sound for verdict in verdicts):
        raise Exit(1)


def _lines(verdict: PluginVerdict) -> Iterator[str]:
    yield f"{verdict.plugin} ({verdict.distribution} {verdict.version})"
    for one in verdict.outcomes:
        yield f"  {_MARKS[one.state]} {one.check}"
        yield from (indent(finding, "      ") for finding in one.findings)
    yield "  Nothing is wrong." if verdict.sound else "  Something is wrong."
