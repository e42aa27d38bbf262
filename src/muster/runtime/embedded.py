"""What runs inside when no address is given for it: PostgreSQL and the sample trainer service."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from muster.plugin_api.own_directory import own_directory
from muster.runtime.bootstrap import bootstrap
from muster.runtime.child_processes import ChildProcess, running_child
from muster.runtime.embedded_postgres import running_postgres
from muster.runtime.settings_tree import SettingsTree

__all__ = [
    "EMBEDDABLE",
    "POSTGRES",
    "SANDBOX_ANNOUNCEMENT",
    "TRAINER_SERVICE",
    "addresses_to_be",
    "embedded_services",
]

POSTGRES = "postgres"
"""The plugin whose server can be embedded, when its setting ``url`` is not given."""

TRAINER_SERVICE = "trainer_http"
"""The plugin whose service can be embedded, when its setting ``url`` is not given."""

EMBEDDABLE: Mapping[str, str] = {
    POSTGRES: "DATABASE_URL",
    TRAINER_SERVICE: "TRAINER_SERVICE_URL",
}
"""The variable that gives the address, by plugin."""

_STAND_INS: Mapping[str, str] = {
    POSTGRES: "postgresql://localhost/muster",
    TRAINER_SERVICE: "http://localhost",
}

SANDBOX_ANNOUNCEMENT = "trainer sandbox at "
"""How the line begins by which the sample trainer service says where it listens."""

_BESIDE_THE_DATA: Mapping[str, tuple[str, str]] = {
    "audit.checkpoint_directory": ("MUSTER_AUDIT__CHECKPOINT_DIRECTORY", "audit"),
    "auth.secrets_key_file": ("MUSTER_AUTH__SECRETS_KEY_FILE", "auth-secrets.key"),
    "mail.directory": ("MUSTER_MAIL__DIRECTORY", "mail"),
}
"""Settings of what stands beside the embedded data by default: variable and name."""

_PATIENCE_SECONDS = 30.0


@contextmanager
def embedded_services(
    environ: Mapping[str, str], *, wanted: Collection[str] = tuple(EMBEDDABLE)
) -> Iterator[dict[str, str]]:
    """Keep what has no address running here while the context is open.

    Blocks until everything answers, so enter it outside the event loop.

    Args:
        environ: The environment of the app that is to be served.
        wanted: Plugins whose services may be embedded.

    Yields:
        The environment with every address filled in, for the app and its processes.

    Raises:
        SettingsInvalid: Settings are wrong; nothing was started.
        CompositionError: Plugins, ports and settings do not fit together.
        EmbeddedPostgresError: PostgreSQL is missing or failed.
        ChildFailed: The sample trainer service did not start.
    """
    settings = bootstrap(environ).settings
    missing = _without_address(settings) & set(wanted)
    filled = dict(environ)
    with ExitStack() as stack:
        sandbox = stack.enter_context(_sandbox(environ)) if TRAINER_SERVICE in missing else None
        if POSTGRES in missing:
            filled[EMBEDDABLE[POSTGRES]] = stack.enter_context(_postgres(settings, environ))
            filled |= _beside_the_data(settings, environ)
        if sandbox:
            address = sandbox.await_line(SANDBOX_ANNOUNCEMENT, _PATIENCE_SECONDS)
            filled[EMBEDDABLE[TRAINER_SERVICE]] = address
        yield filled


def addresses_to_be(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with a stand-in for every address that embedding would fill in.

    An app can be composed from it as it will be, and not be opened.

    Args:
        environ: The environment of the app.

    Raises:
        SettingsInvalid: Settings are wrong.
        CompositionError: Plugins, ports and settings do not fit together.
    """
    missing = _without_address(bootstrap(environ).settings)
    return {**environ, **{EMBEDDABLE[plugin]: _STAND_INS[plugin] for plugin in missing}}


def _without_address(settings: SettingsTree) -> set[str]:
    unset = _unset(settings)
    return {
        plugin
        for plugin in settings.core.plugins.enabled
        if plugin in EMBEDDABLE and f"{plugin}.url" in unset
    }


def _unset(settings: SettingsTree) -> set[str]:
    """Return the paths of what nobody has set; not of plugins that take no part."""
    return {shown.path for shown in settings.show() if shown.source == "default"}


def _beside_the_data(settings: SettingsTree, environ: Mapping[str, str]) -> dict[str, str]:
    unset = _unset(settings)
    home = _home(settings, environ)
    return {
        variable: str(home / name)
        for path, (variable, name) in _BESIDE_THE_DATA.items()
        if path in unset
    }


def _sandbox(environ: Mapping[str, str]) -> AbstractContextManager[ChildProcess]:
    return running_child(["trainer-sandbox", "--port", "0"], environ, name="sample trainer service")


def _postgres(settings: SettingsTree, environ: Mapping[str, str]) -> AbstractContextManager[str]:
    binaries = settings.core.embedded.postgres_binaries
    return running_postgres(_home(settings, environ), binaries=Path(binaries) if binaries else None)


def _home(settings: SettingsTree, environ: Mapping[str, str]) -> Path:
    chosen = settings.core.embedded.data_directory
    return (Path(chosen) if chosen else own_directory(environ)).expanduser().resolve()
