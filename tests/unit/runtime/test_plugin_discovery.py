"""Finding plugins, and what their passports must say."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import pytest

from muster.plugin_api import CompositionError, Manifest
from muster.runtime import plugin_discovery
from muster.runtime.plugin_discovery import enabled_plugins, installed_plugins, vouched


def plugin(name: str, *, api_version: int = 1, requires: tuple[str, ...] = ()) -> type:
    class Plugin:
        MANIFEST: ClassVar[Manifest] = Manifest(
            name=name, api_version=api_version, requires=requires
        )

    return Plugin


PLACES: dict[str, Any] = {
    "alpha": plugin("alpha", requires=("omega",)),
    "omega": plugin("omega"),
    "chicken": plugin("chicken", requires=("egg",)),
    "egg": plugin("egg", requires=("chicken",)),
    "renamed": plugin("original"),
    "future": plugin("future", api_version=2),
    "nothing": object,
    "instance": plugin("instance")(),
}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, factory in PLACES.items():
        monkeypatch.setattr(f"{__name__}.{name}_plugin", factory, raising=False)
    entries = [entry(name, f"{__name__}:{name}_plugin") for name in PLACES]
    entries += [entry("broken", "muster_that_is_not_there:plugin")]
    entries += [entry("twice", "one:plugin"), entry("twice", "two:plugin")]
    monkeypatch.setattr(plugin_discovery, "entry_points", lambda group: entries)


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, plugin_discovery.ENTRY_POINT_GROUP)


def test_the_plugins_of_muster_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert {"memory", "postgres", "trainer_http"} <= {one.name for one in installed_plugins()}


def test_a_plugin_starts_after_what_it_requires() -> None:
    found = enabled_plugins(["alpha", "omega", "alpha"])
    assert [one.manifest.name for one in found] == ["omega", "alpha"]
    assert found[0].title == "Plugin 'omega' (unknown distribution ?)"


def test_each_app_has_instances_of_its_own() -> None:
    (one,), (another,) = enabled_plugins(["omega"]), enabled_plugins(["omega"])
    assert one.instance is not another.instance


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["nobody"], r"^Plugin 'nobody' is enabled and not installed \(installed: alpha, broken.*"),
        (["twice"], r"^Plugin 'twice' is provided twice: .*one:plugin.*two:plugin.* Uninstall"),
        (["broken"], r"^Plugin 'broken' .* cannot be imported: ModuleNotFoundError: No module"),
        (["renamed"], r"^Plugin 'original' .* is registered under the name 'renamed'; both"),
        (["future"], r"^Plugin 'future' .* was written for version 2 .* speaks version 1"),
        (["nothing"], r"^object .* has no MANIFEST; give its class one"),
        (["instance"], r"is no class; each app makes an instance of its own"),
        (["alpha"], r"^Plugin 'alpha' .* requires 'omega'; enable that too"),
        (["chicken", "egg"], r"^These require each other in a circle: Plugin 'chicken'.*'egg'"),
    ],
)
def test_what_stops_a_start(names: list[str], told: str) -> None:
    with pytest.raises(CompositionError, match=told):
        enabled_plugins(names)


def test_a_plugin_whose_making_fails_is_named() -> None:
    class Fragile:
        MANIFEST = Manifest(name="fragile", api_version=1)

        def __init__(self) -> None:
            raise OSError("no disk")

    with pytest.raises(CompositionError, match=r"^Plugin 'fragile' \(d 1\) cannot be made: OSErr"):
        vouched(Fragile, "d", "1")
