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


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "the hook health_checks returns a list, not NoneType."),
        ([1], "the hook health_checks returns HealthCheck objects, not int."),
        (ValueError("no"), "failed in the hook health_checks: ValueError: no"),
        (CompositionError("not so"), ": not so"),
    ],
)
def test_what_a_hook_must_not_return(value: Any, told: str) -> None:
    hooks = PluginHooks([made("a", returning(value))])
    with pytest.raises(CompositionError) as refused:
        hooks.collect("health_checks", SETTINGS)
    assert str(refused.value).startswith("Plugin 'a' (dist 1.2)")
    assert str(refused.value).endswith(told)


@hookimpl
def unknown_hook(self: object, settings: SettingsLookup) -> list[Any]:
    return []


@hookimpl(tryfirst=True)
def tryfirst(self: object, settings: SettingsLookup) -> list[Any]:
    return []


@hookimpl(trylast=True)
def trylast(self: object, settings: SettingsLookup) -> list[Any]:
    return []


@hookimpl(wrapper=True)
def wrapper(self: object, settings: SettingsLookup) -> Any:
    return (yield)


@hookimpl
async def coroutine(self: object, settings: SettingsLookup) -> list[Any]:
    return []


@hookimpl
def defaulted(self: object, settings: SettingsLookup, more: int = 1) -> list[Any]:
    return []


@hookimpl
def demanding(self: object, settings: SettingsLookup, more: int) -> list[Any]:
    return []


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        ({}, "implements no hook; mark one with @hookimpl."),
        ({"paint_walls": unknown_hook}, "does not fit the hooks: .*Known hooks are provide_ports"),
        ({"lifespan": tryfirst}, "asks for tryfirst; order is the core's"),
        ({"lifespan": trylast}, "asks for trylast; order is the core's"),
        ({"lifespan": wrapper}, "asks for wrapper; order is the core's"),
        ({"lifespan": coroutine}, "is 'async def'; hooks are synchronous."),
        ({"lifespan": defaulted}, "gives defaults to more, which would never be filled in"),
        ({"lifespan": demanding}, "does not fit the hooks: "),
    ],
)
def test_what_a_plugin_must_not_implement(methods: dict[str, Any], told: str) -> None:
    with pytest.raises(CompositionError, match=rf"(?s)^Plugin 'a' \(dist 1.2\).*{told}"):
        PluginHooks([made("a", methods)])


def test_two_plugins_cannot_have_one_name() -> None:
    with pytest.raises(CompositionError, match=r"does not fit the hooks: .*already registered"):
        PluginHooks([made("a", returning([])), made("a", returning([]))])
