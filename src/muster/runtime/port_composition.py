"""Composing ports: one chosen adapter for each, inside its wrappers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeVar, cast

from msgspec import Struct

from muster.plugin_api.contributions import PortProvider, PortWrapper
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.lookup import PortLookup
from muster.ports.keys import PortKey
from muster.runtime.plugin_discovery import LoadedPlugin
from muster.runtime.plugin_hooks import Contribution
from muster.runtime.port_conformance import deviations

__all__ = ["ComposedPorts", "PortChain"]

P = TypeVar("P")


class PortChain(Struct, frozen=True):
    """How one port is composed.

    Attributes:
        port: Its name.
        provider: The chosen provider, as ``plugin/provider``.
        wrappers: From the innermost to the outermost, as ``plugin/wrapper@LAYER``.
    """

    port: str
    provider: str
    wrappers: tuple[str, ...]


class ComposedPorts(PortLookup):
    """The ports of one app; each is built when it is first asked for."""

    def __init__(
        self,
        providers: Iterable[Contribution],
        wrappers: Iterable[Contribution],
        choices: Mapping[str, str],
    ) -> None:
        """Choose a provider and order the wrappers of every port.

        Args:
            providers: Of ``PortProvider``.
            wrappers: Of ``PortWrapper``.
            choices: Provider by port, where the settings choose.

        Raises:
            CompositionError: A choice is missing or impossible, or a port not wrappable.
        """
        self._providers = _chosen(providers, choices)
        self._wrappers = _ordered(wrappers)
        self._built: dict[str, Any] = {}
        self._being_built: list[str] = []

    def get(self, port: PortKey[P]) -> P:
        """Return the composed port.

        Raises:
            CompositionError: Nobody provides it, it needs itself, it cannot be made, or
                what was provided or wrapped does not keep to its Protocol.
        """
        if port.name not in self._built:
            self._built[port.name] = self._build(port)
        return cast("P", self._built[port.name])

    def provides(self, port: PortKey[Any]) -> bool:
        """Return whether an enabled plugin provides a port."""
        return port.name in self._providers

    def chains(self) -> list[PortChain]:
        """Return how every provided port is composed, by name."""
        return [
            PortChain(
                port=name,
                provider=f"{plugin.manifest.name}/{provider.name}",
                wrappers=tuple(
                    f"{owner.manifest.name}/{wrapper.name}@{wrapper.layer.name}"
                    for owner, wrapper in self._wrappers.get(name, ())
                ),
            )
            for name, (plugin, provider) in sorted(self._providers.items())
        ]

    def _build(self, port: PortKey[Any]) -> Any:
        if port.name in self._being_built:
            circle = " needs ".join([*self._being_built, port.name])
            owners = {self._providers[name][0].title for name in self._being_built}
            raise CompositionError(
                f"A port needs itself: {circle}, as {' and '.join(sorted(owners))} "
                "build them. Choose another provider with MUSTER_PLUGINS__PORTS."
            )
        if port.name not in self._providers:
            raise CompositionError(
                f"No enabled plugin provides the port {port.name!r}; enable one that does."
            )
        self._being_built.append(port.name)
        try:
            plugin, provider = self._providers[port.name]
            what = f"provider {provider.name!r}"
            with _named(plugin, what, port):
                adapter = provider.build(self)
            _hold_to_protocol(adapter, port, plugin, what)
            for owner, wrapper in self._wrappers.get(port.name, ()):
                what = f"wrapper {wrapper.name!r}"
                with _named(owner, what, port):
                    adapter = wrapper.wrap(adapter, self)
                _hold_to_protocol(adapter, port, owner, what)
            return adapter
        finally:
            self._being_built.pop()


@contextmanager
def _named(plugin: LoadedPlugin, what: str, port: PortKey[Any]) -> Iterator[None]:
    try:
        yield
    except CompositionError:
        raise
    except Exception as error:
        raise CompositionError(
            f"{plugin.title}: the {what} of the port {port.name!r} failed: "
            f"{type(error).__name__}: {str(error).rstrip('.')}. {plugin.remedy}"
        ) from error


def _hold_to_protocol(adapter: Any, port: PortKey[Any], plugin: LoadedPlugin, what: str) -> None:
    if found := deviations(adapter, port.protocol):
        raise CompositionError(
            f"{plugin.title}: the {what} does not keep to the port {port.name!r}: "
            f"{'; '.join(found)}. {plugin.remedy}"
        )


def _chosen(
    contributions: Iterable[Contribution], choices: Mapping[str, str]
) -> dict[str, tuple[LoadedPlugin, PortProvider[Any]]]:
    offers: dict[str, dict[str, tuple[LoadedPlugin, PortProvider[Any]]]] = {}
    for contribution in contributions:
        provider: PortProvider[Any] = contribution.value
        of_port = offers.setdefault(provider.port.name, {})
        if provider.name in of_port:
            raise CompositionError(
                f"{contribution.plugin.title} and {of_port[provider.name][0].title} both "
                f"provide {provider.port.name!r} under the name {provider.name!r}. Disable one "
                "of them, or rename its provider."
            )
        of_port[provider.name] = contribution.plugin, provider
    if strangers := sorted(choices.keys() - offers.keys()):
        raise CompositionError(
            f"MUSTER_PLUGINS__PORTS names unknown ports: {', '.join(strangers)}. Provided are "
            f"{', '.join(sorted(offers)) or 'none'}."
        )
    return {name: _choice(name, of_port, choices.get(name)) for name, of_port in offers.items()}


def _choice(
    port: str, offers: dict[str, tuple[LoadedPlugin, PortProvider[Any]]], chosen: str | None
) -> tuple[LoadedPlugin, PortProvider[Any]]:
    names = ", ".join(f"{name!r} of {offers[name][0].title}" for name in sorted(offers))
    if chosen is None:
        if len(offers) > 1:
            raise CompositionError(
                f"Several plugins provide the port {port!r}: {names}. Choose one with "
                f"MUSTER_PLUGINS__PORTS={port}=<name>."
            )
        return next(iter(offers.values()))
    if chosen not in offers:
        raise CompositionError(
            f"MUSTER_PLUGINS__PORTS chooses {chosen!r} for {port!r}; choose {names}, or enable "
            "the plugin that provides it."
        )
    return offers[chosen]


def _ordered(
    contributions: Iterable[Contribution],
) -> dict[str, list[tuple[LoadedPlugin, PortWrapper[Any]]]]:
    wrappers: dict[str, list[tuple[LoadedPlugin, PortWrapper[Any]]]] = {}
    for contribution in contributions:
        wrapper: PortWrapper[Any] = contribution.value
        if not wrapper.port.wrappable:
            raise CompositionError(
                f"{contribution.plugin.title} wraps the port {wrapper.port.name!r}, which is "
                f"not wrappable. {contribution.plugin.remedy}"
            )
        wrappers.setdefault(wrapper.port.name, []).append((contribution.plugin, wrapper))
    for name, of_port in wrappers.items():
        of_port.sort(key=lambda pair: (pair[1].layer, pair[1].name))
        for (owner, one), (other, another) in pairwise(of_port):
            if (one.layer, one.name) == (another.layer, another.name):
                titles = " and ".join(sorted({owner.title, other.title}))
                raise CompositionError(
                    f"{titles} wrap the port {name!r} at {one.layer.name} under one name, "
                    f"{one.name!r}. Disable one of them, or rename its wrapper."
                )
    return wrappers
