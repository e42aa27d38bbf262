"""Finding plugins, and what their passports must say."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import pytest

from muster.plugin_api import CompositionError, Manifest
from muster.runtime import plugin_discovery
from muster.runtime.plugin_discovery import enabled_plugins, installed_plugins, vouched


def plugin(name: str) -> type:
    class Plugin:
        MANIFEST: ClassVar[Manifest] = Manifest(name=name, api_version=1)

    return Plugin


PLACES: dict[str, Any] = {"alpha": plugin("alpha"), "omega": plugin("omega")}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, factory in PLACES.items():
        monkeypatch.setattr(f"{__name__}.{name}_plugin", factory, raising=False)
    entries = [entry(name, f"{__name__}:{name}_plugin") for name in PLACES]
    monkeypatch.setattr(plugin_discovery, "entry_points", lambda group: entries)


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, plugin_discovery.ENTRY_POINT_GROUP)


def test_the_plugins_of_muster_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert {"memory", "postgres", "trainer_http"} <= {one.name for one in installed_plugins()}


def test_each_is_imported_once_by_name() -> None:
    found = enabled_plugins(["omega", "alpha", "omega"])
    assert [one.manifest.name for one in found] == ["alpha", "omega"]
    assert found[1].title == "Plugin 'omega' (unknown distribution ?)"


def test_each_app_has_instances_of_its_own() -> None:
    (one,), (another,) = enabled_plugins(["omega"]), enabled_plugins(["omega"])
    assert one.instance is not another.instance


def test_a_plugin_whose_making_fails_is_named() -> None:
    class Fragile:
        MANIFEST = Manifest(name="fragile", api_version=1)

        def __init__(self) -> None:
            raise OSError("no disk")

    with pytest.raises(CompositionError, match=r"^Plugin 'fragile' \(d 1\) cannot be made: OSErr"):
        vouched(Fragile, "d", "1")
