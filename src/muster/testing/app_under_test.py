"""A whole app in a test's hand: composed like the real one, on memory, with time and chance set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from litestar.testing import TestClient

from muster.plugin_api.contributions import PortProvider
from muster.plugin_api.hooks import hookimpl
from muster.plugin_api.lookup import SettingsLookup
from muster.plugin_api.manifest import API_VERSION, Manifest
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.observation import OBSERVER
from muster.ports.unobserved import UNOBSERVED
from muster.runtime.asgi import MusterAsgi, create_asgi
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.plugin_discovery import enabled_plugins
from muster.testing.clock import FakeClock
from muster.testing.entropy import SeededEntropy
from muster.testing.examples import AN_INSTANT

__all__ = ["MEMORY", "AppUnderTest", "make_app"]

MEMORY = ("memory",)
"""The adapters of an app in a test: every port of the store and a trainer directory."""

_CHOICES = "MUSTER_PLUGINS__PORTS"
_FAKE = "fake"
_SEED = 1

P = TypeVar("P")


class AppUnderTest:
    """A composed app, and what a test may do to it.

    Attributes:
        application: The app, as ``bootstrap`` composes it: hooks, ports, use cases.
        clock: Its time, where no plugin's clock was chosen.
        entropy: Its chance, where no plugin's was chosen.
    """

    def __init__(self, application: Application, clock: FakeClock, entropy: SeededEntropy) -> None:
        """Hold an app."""
        self.application = application
        self.clock = clock
        self.entropy = entropy

    def plugin(self, kind: type[P]) -> P:
        """Return the app's own instance of a plugin.

        Args:
            kind: The plugin's class; of an adapter too, such as ``MemoryPlugin``.

        Raises:
            LookupError: It takes no part in this app.
        """
        for plugin in self.application.hooks.plugins:
            if type(plugin.instance) is kind:
                found: P = plugin.instance
                return found
        raise LookupError(f"{kind.__name__} takes no part in this app")

    def client(self) -> TestClient[MusterAsgi]:
        """Return an HTTP client to use in a ``with``: the app's lifespan is that of the block."""
        return TestClient(create_asgi(self.application))


def make_app(
    plugins: Iterable[type] = (),
    settings: Mapping[str, str] | None = None,
    *,
    adapters: Sequence[str | type] = MEMORY,
    clock: FakeClock | None = None,
    entropy: SeededEntropy | None = None,
) -> AppUnderTest:
    """Compose an app for a test, from nothing but what is given here.

    Args:
        plugins: The plugin classes that take part, beside the adapters.
        settings: What the environment would say, such as ``{"MUSTER_TIDE__WORD": "hi"}``; the
            process's own environment is not looked at.
        adapters: What stands behind the ports: names of installed plugins, or classes.
        clock: Its time; it stands at ``muster.testing.examples.AN_INSTANT`` by default.
        entropy: Its chance; from one fixed seed by default.

    Raises:
        SettingsInvalid: Settings are wrong.
        CompositionError: Plugins, ports and settings do not fit together.
    """
    time, chance = clock or FakeClock(AN_INSTANT), entropy or SeededEntropy(_SEED)
    environ = dict(settings or {})
    environ[_CHOICES] = _with_fakes(environ.get(_CHOICES, ""))
    application = bootstrap(environ, [*_classes(adapters), *plugins], _system(time, chance))
    return AppUnderTest(application, time, chance)


def _with_fakes(choices: str) -> str:
    """Choose the fakes first; what a test chooses comes later and counts."""
    return ",".join([f"{CLOCK.name}={_FAKE}", f"{ENTROPY.name}={_FAKE}", *filter(None, [choices])])


def _classes(adapters: Sequence[str | type]) -> list[type]:
    named = enabled_plugins(one for one in adapters if isinstance(one, str))
    given = [one for one in adapters if isinstance(one, type)]
    return [*(type(plugin.instance) for plugin in named), *given]


def _system(clock: FakeClock, entropy: SeededEntropy) -> type:
    """Return what stands in for the plugin ``system`` of the core."""

    class TestedSystem:
        MANIFEST = Manifest(name="system", api_version=API_VERSION)

        @hookimpl
        def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
            return [
                PortProvider(CLOCK, _FAKE, lambda ports: clock),
                PortProvider(ENTROPY, _FAKE, lambda ports: entropy),
                PortProvider(OBSERVER, _FAKE, lambda ports: UNOBSERVED),
            ]

    return TestedSystem
