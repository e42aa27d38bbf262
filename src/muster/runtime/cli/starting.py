"""What every command begins with: the environment, a composed app, and refusals in plain words."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import rich_click as click
from click.exceptions import Exit

from muster.domain.errors import DomainError
from muster.plugin_api.errors import CompositionError
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.child_processes import ChildFailed
from muster.runtime.core_commands import CORE_COMMANDS
from muster.runtime.embedded import POSTGRES, embedded_services
from muster.runtime.exit_codes import REFUSED
from muster.runtime.interrupts import Interrupted
from muster.runtime.log_setup import set_up_logs
from muster.runtime.postgres_binaries import EmbeddedPostgresError
from muster.runtime.settings_sources import CONFIG_VARIABLE
from muster.runtime.settings_tree import SettingsInvalid

__all__ = [
    "composed",
    "environ_of",
    "plain_refusals",
    "remember_config",
    "run_in_app",
    "settings_refusal",
]

_CONFIG = "muster.config"

T = TypeVar("T")


def remember_config(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Keep the settings file that the command line names."""
    if value:
        context.find_root().meta[_CONFIG] = value


def environ_of(context: click.Context) -> dict[str, str]:
    """Return the environment, with the settings file that the command line names."""
    chosen = context.find_root().meta.get(_CONFIG)
    return {**os.environ, CONFIG_VARIABLE: chosen} if chosen else dict(os.environ)


def composed(environ: Mapping[str, str]) -> Application:
    """Return the app that the environment asks for, with every command under its own name.

    Raises:
        SettingsInvalid: Settings are wrong.
        CompositionError: Plugins do not fit together, or a command's name is taken.
    """
    application = bootstrap(environ)
    titles = {plugin.manifest.name: plugin.title for plugin in application.hooks.plugins}
    for name, owner in application.command_owners.items():
        if name in CORE_COMMANDS:
            raise CompositionError(
                f"{titles[owner]} contributes the command {name!r}, which is the core's; rename "
                f"it, or take {owner} out of MUSTER_PLUGINS__ENABLED."
            )
    return application


@contextmanager
def plain_refusals() -> Iterator[None]:
    """Turn what stops a start into a message and an exit code, without a traceback."""
    try:
        yield
    except SettingsInvalid as error:
        _refuse(settings_refusal(error), REFUSED)
    except CompositionError as error:
        _refuse(f"Muster does not start. {error}", REFUSED)
    except (EmbeddedPostgresError, ChildFailed) as error:
        _refuse(f"Muster does not start: {error}", 1)
    except Interrupted as error:
        raise Exit(128 + error.number) from None


def settings_refusal(error: SettingsInvalid) -> str:
    """Return every fault, one for each line."""
    lines = "\n".join(f"  • {fault}" for fault in error.faults)
    return f"Settings are wrong; nothing was started.\n{lines}"


def _refuse(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    raise Exit(code) from None


def run_in_app(environ: Mapping[str, str], work: Callable[[Application], Awaitable[T]]) -> T:
    """Open an app of its own, with what is embedded for it, and do something in it.

    What stops the start, and what is refused then, ends the command in plain words.

    Args:
        environ: The app is composed from it.
        work: What to do while the app is open.

    Returns:
        What the work returns.
    """
    with plain_refusals(), embedded_services(environ, wanted=[POSTGRES]) as filled:
        application = composed(filled)
        set_up_logs(application.settings.core.log)
        try:
            return asyncio.run(_opened(application, work))
        except DomainError as error:
            told = " ".join([error.message, *(fault.message for fault in error.faults)])
            raise click.ClickException(told) from error


async def _opened(application: Application, work: Callable[[Application], Awaitable[T]]) -> T:
    async with application.running():
        return await work(application)
