"""Hooks: what a plugin may implement, and what its implementations may return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from muster.plugin_api import CompositionError, HealthCheck, Manifest, SettingsLookup, hookimpl
from muster.plugin_api.contributions import HealthReport
from muster.plugin_api.lookup import PortLookup
from muster.runtime.plugin_discovery import vouched
from muster.runtime.plugin_hooks import PluginHooks
from muster.runtime.settings_tree import core_sections, load_settings

SETTINGS = load_settings({}, core_sections())


async def healthy(ports: PortLookup) -> HealthReport:
    raise NotImplementedError


def check(name: str) -> HealthCheck:
    return HealthCheck(name, healthy, 1.0, critical=False)


def made(name: str, methods: dict[str, Any]) -> Any:
    manifest = Manifest(name=name, api_version=1)
    return vouched(type(name.title(), (), {"MANIFEST": manifest, **methods}), "dist", "1.2")


def returning(value: Any) -> Any:
    @hookimpl
    def health_checks(self: object, settings: SettingsLookup) -> Sequence[HealthCheck]:
        if isinstance(value, Exception):
            raise value
        return value  # type: ignore[no-any-return]

    return {"health_checks": health_checks}


def test_what_all_plugins_contribute_is_collected_in_the_order_of_start() -> None:
    hooks = PluginHooks(
        [made("b", returning([check("x"), check("y")])), made("a", returning((check("z"),)))]
    )
    found = hooks.collect("health_checks", SETTINGS)
    assert [(one.plugin.manifest.name, one.value.name) for one in found] == [
        ("b", "x"),
        ("b", "y"),
        ("a", "z"),
    ]
    assert hooks.hooks_of(hooks.plugins[0]) == ["health_checks"]
    assert hooks.collect("lifespan", SETTINGS) == []


def test_a_refusal_of_a_hook_is_told_as_the_plugins() -> None:
    hooks = PluginHooks([made("a", returning(CompositionError("not so")))])
    with pytest.raises(CompositionError) as refused:
        hooks.collect("health_checks", SETTINGS)
    assert str(refused.value) == "Plugin 'a' (dist 1.2): not so"


def test_properties_are_not_run_when_hooks_are_looked_for() -> None:
    def fail(self: object) -> None:
        raise AssertionError("a property was run")

    plugin = made("a", returning([check("x")]) | {"lazy": property(fail)})
    assert PluginHooks([plugin]).hooks_of(plugin) == ["health_checks"]


@pytest.mark.parametrize(
    "method",
    [
        lambda self: [check("x")],
        staticmethod(lambda settings: [check("x")]),
        classmethod(lambda cls, settings: [check("x")]),
    ],
)
def test_a_hook_may_need_neither_the_settings_nor_the_instance(method: Any) -> None:
    hookimpl(getattr(method, "__func__", method))
    plugin = made("a", {"health_checks": method})
    (found,) = PluginHooks([plugin]).collect("health_checks", SETTINGS)
    assert found.value.name == "x"
