"""The commands of plugins, as ``muster`` mounts them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import rich_click as click

from muster.runtime.bootstrap import Application
from muster.runtime.cli.starting import composed, plain_refusals, run_in_app
from muster.runtime.embedded import POSTGRES, embedded_services
from muster.runtime.log_setup import set_up_logs

__all__ = ["mounted"]

Path = tuple[str, ...]


def mounted(application: Application, environ: Mapping[str, str]) -> dict[str, click.Command]:
    """Return the commands that plugins contribute, by name.

    Those of the plugin ``postgres`` run with its server embedded when it has no address.

    Args:
        application: Composed from the environment.
        environ: What it was composed from.
    """
    mount = _Mount(application, environ)
    return {
        name: mount.copy(contribution.command, (name,))
        for contribution in application.commands
        if (name := contribution.command.name)
    }


class _Mount:
    def __init__(self, application: Application, environ: Mapping[str, str]) -> None:
        self._application = application
        self._environ = environ

    def copy(self, command: click.Command, path: Path) -> click.Command:
        """Copy a command, for a plugin's own may be shared between apps."""
        looks: dict[str, Any] = {
            "name": command.name,
            "params": command.params,
            "help": command.help,
            "epilog": command.epilog,
            "short_help": command.short_help,
            "hidden": command.hidden,
            "deprecated": command.deprecated,
            "context_settings": command.context_settings,
            "add_help_option": command.add_help_option,
            "no_args_is_help": command.no_args_is_help,
        }
        if isinstance(command, click.Group):
            members = {
                name: self.copy(member, (*path, name)) for name, member in command.commands.items()
            }
            return click.RichGroup(
                commands=members,
                callback=command.callback,
                invoke_without_command=command.invoke_without_command,
                **looks,
            )
        return click.RichCommand(callback=self._run(command, path), **looks)

    def _run(self, command: click.Command, path: Path) -> Callable[..., Any]:
        original = command.callback or _do_nothing

        @functools.wraps(original)
        def run(**arguments: Any) -> Any:
            if inspect.iscoroutinefunction(original):
                return self._run_in_app(path, arguments)
            set_up_logs(self._application.settings.core.log)
            with plain_refusals(), self._callback(original, path) as callback:
                return callback(**arguments)

        return run

    def _run_in_app(self, path: Path, arguments: Mapping[str, Any]) -> Any:
        """Run an asynchronous command in an app of its own, opened for it."""

        async def awaited(application: Application) -> Any:
            return await _find(application, path)(application.ports, **arguments)

        return run_in_app(self._environ, awaited)

    @contextmanager
    def _callback(self, original: Callable[..., Any], path: Path) -> Iterator[Callable[..., Any]]:
        """The command's own function, made anew where an address came in meanwhile."""
        if self._application.command_owners[path[0]] != POSTGRES:
            yield original
            return
        with embedded_services(self._environ, wanted=[POSTGRES]) as filled:
            yield original if filled == self._environ else _find(composed(filled), path)


def _find(application: Application, path: Path) -> Callable[..., Any]:
    command = next(
        contribution.command
        for contribution in application.commands
        if contribution.command.name == path[0]
    )
    for name in path[1:]:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command.callback or _do_nothing


def _do_nothing(**arguments: Any) -> None:
    """Stand in for a command that has no function of its own."""
