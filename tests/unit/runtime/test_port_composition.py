"""Composing ports: the chosen adapter of each, inside its wrappers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import pytest

from muster.plugin_api import CompositionError, Layer, Manifest, PortProvider, PortWrapper
from muster.plugin_api.lookup import PortLookup
from muster.ports.keys import PortKey
from muster.runtime.plugin_discovery import LoadedPlugin
from muster.runtime.plugin_hooks import Contribution
from muster.runtime.port_composition import ComposedPorts


class Bell(Protocol):
    @abstractmethod
    def ring(self) -> str: ...


class Tower(Protocol):
    @abstractmethod
    def strike(self) -> str: ...


BELL: PortKey[Bell] = PortKey("bell", Bell, wrappable=True)  # type: ignore[type-abstract]
TOWER: PortKey[Tower] = PortKey("tower", Tower)  # type: ignore[type-abstract]


class Brass(Bell):
    def __init__(self, sound: str = "ding") -> None:
        self.sound = sound

    def ring(self) -> str:
        return self.sound


class Around(Bell):
    def __init__(self, inner: Bell, mark: str) -> None:
        self.inner = inner
        self.mark = mark

    def ring(self) -> str:
        return f"{self.mark}({self.inner.ring()})"


def by(name: str, value: Any) -> Contribution:
    return Contribution(LoadedPlugin(Manifest(name=name, api_version=1), None, "dist", "1"), value)


def provider(
    owner: str, name: str, build: Callable[[PortLookup], Any], port: PortKey[Any] = BELL
) -> Contribution:
    return by(owner, PortProvider(port, name, build))


def wrapper(owner: str, layer: Layer, name: str, port: PortKey[Any] = BELL) -> Contribution:
    return by(owner, PortWrapper(port, layer, name, lambda inner, ports: Around(inner, name)))


def composed(
    providers: Sequence[Contribution],
    wrappers: Sequence[Contribution] = (),
    choices: Mapping[str, str] | None = None,
) -> ComposedPorts:
    return ComposedPorts(providers, wrappers, choices or {})


BRASS = provider("foundry", "brass", lambda ports: Brass())
TIN = provider("smith", "tin", lambda ports: Brass("clink"))


def refusal(compose: Callable[[], object]) -> str:
    with pytest.raises(CompositionError) as refused:
        compose()
    return str(refused.value)


def remedy(plugin: str) -> str:
    return (
        "Mend it or install another release of it, or take "
        f"{plugin} out of MUSTER_PLUGINS__ENABLED."
    )


def test_wrappers_fold_by_layer_and_name_whatever_the_order_of_plugins() -> None:
    wrappers = [
        wrapper("z", Layer.TELEMETRY, "t"),
        wrapper("y", Layer.CACHE, "b"),
        wrapper("x", Layer.CACHE, "a"),
        wrapper("w", Layer.RESILIENCE, "r"),
    ]
    for order in (wrappers, wrappers[::-1]):
        ports = composed([BRASS], order)
        assert ports.get(BELL).ring() == "t(b(a(r(ding))))"
        (chain,) = ports.chains()
        assert (chain.port, chain.provider) == ("bell", "foundry/brass")
        assert chain.wrappers == ("w/r@RESILIENCE", "x/a@CACHE", "y/b@CACHE", "z/t@TELEMETRY")


def test_settings_choose_among_several_providers() -> None:
    assert composed([BRASS, TIN], choices={"bell": "tin"}).get(BELL).ring() == "clink"


def test_a_port_is_built_once_and_only_when_needed() -> None:
    built: list[int] = []

    def build(ports: PortLookup) -> Brass:
        built.append(1)
        return Brass()

    ports = composed([provider("foundry", "brass", build)])
    assert built == []
    assert ports.get(BELL) is ports.get(BELL)
    assert built == [1]


def test_choices_that_are_missing_or_impossible() -> None:
    assert refusal(lambda: composed([BRASS, TIN])) == (
        "Several plugins provide the port 'bell': 'brass' of Plugin 'foundry' (dist 1), 'tin' of "
        "Plugin 'smith' (dist 1). Choose one with MUSTER_PLUGINS__PORTS=bell=<name>."
    )
    assert refusal(lambda: composed([BRASS], choices={"bell": "wood"})) == (
        "MUSTER_PLUGINS__PORTS chooses 'wood' for 'bell'; choose 'brass' of Plugin 'foundry' "
        "(dist 1), or enable the plugin that provides it."
    )
    assert refusal(lambda: composed([BRASS], choices={"gong": "wood"})) == (
        "MUSTER_PLUGINS__PORTS names unknown ports: gong. Provided are bell."
    )
    assert refusal(lambda: composed([BRASS, provider("other", "brass", lambda _: Brass())])) == (
        "Plugin 'other' (dist 1) and Plugin 'foundry' (dist 1) both provide 'bell' under the "
        "name 'brass'. Disable one of them, or rename its provider."
    )


def test_wrappers_that_must_not_be() -> None:
    tower = provider("foundry", "tower", lambda ports: Brass(), TOWER)
    assert refusal(lambda: composed([tower], [wrapper("w", Layer.CACHE, "c", TOWER)])) == (
        "Plugin 'w' (dist 1) wraps the port 'tower', which is not wrappable. " + remedy("w")
    )
    twins = [wrapper("v", Layer.CACHE, "c"), wrapper("w", Layer.CACHE, "c")]
    assert refusal(lambda: composed([BRASS], twins)) == (
        "Plugin 'v' (dist 1) and Plugin 'w' (dist 1) wrap the port 'bell' at CACHE under one "
        "name, 'c'. Disable one of them, or rename its wrapper."
    )


def test_what_cannot_be_built() -> None:
    assert refusal(lambda: composed([]).get(BELL)) == (
        "No enabled plugin provides the port 'bell'; enable one that does."
    )
    circle = [
        provider("a", "a", lambda ports: ports.get(TOWER)),
        provider("b", "b", lambda ports: ports.get(BELL), TOWER),
    ]
    assert refusal(lambda: composed(circle).get(BELL)) == (
        "A port needs itself: bell needs tower needs bell, as Plugin 'a' (dist 1) and Plugin 'b' "
        "(dist 1) build them. Choose another provider with MUSTER_PLUGINS__PORTS."
    )
    assert refusal(lambda: composed([provider("a", "a", lambda ports: object())]).get(BELL)) == (
        "Plugin 'a' (dist 1): the provider 'a' does not keep to the port 'bell': ring is missing. "
        + remedy("a")
    )
    bad = by("w", PortWrapper(BELL, Layer.CACHE, "c", lambda inner, ports: object()))
    assert refusal(lambda: composed([BRASS], [bad]).get(BELL)) == (
        "Plugin 'w' (dist 1): the wrapper 'c' does not keep to the port 'bell': ring is missing. "
        + remedy("w")
    )


def test_a_provider_that_fails_to_build_is_named() -> None:
    def fail(ports: PortLookup) -> Bell:
        raise OSError("no brass")

    ports = composed([provider("foundry", "brass", fail)])
    assert refusal(lambda: ports.get(BELL)) == (
        "Plugin 'foundry' (dist 1): the provider 'brass' of the port 'bell' failed: "
        "OSError: no brass. " + remedy("foundry")
    )
