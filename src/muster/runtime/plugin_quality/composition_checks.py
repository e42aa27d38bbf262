"""Whether a plugin can take part: its manifest, its hooks, its settings, its ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from muster.plugin_api.contributions import PortProvider
from muster.plugin_api.errors import CompositionError
from muster.runtime.bootstrap import bootstrap
from muster.runtime.plugin_discovery import LoadedPlugin, enabled_plugins, vouched
from muster.runtime.plugin_hooks import PluginHooks
from muster.runtime.plugin_quality.subject import Subject
from muster.runtime.settings_sources import Field, fields_of
from muster.runtime.settings_tree import SettingsInvalid, core_sections, load_settings

__all__ = ["OWN", "compose_faults", "loaded", "provided_ports", "setting_faults"]

OWN = "muster"
"""The distribution of Muster's own plugins."""

_ADAPTERS = "memory"


def loaded(subject: Subject) -> LoadedPlugin:
    """Import a plugin and check its passport.

    Raises:
        CompositionError: It cannot be imported, or its manifest is wrong.
    """
    try:
        factory = subject.entry.load()
    except (Exception, SystemExit) as error:
        raise CompositionError(
            f"Plugin {subject.entry.name!r} cannot be imported: {type(error).__name__}: {error}. "
            "Install what it needs."
        ) from error
    return vouched(factory, subject.distribution, subject.version, subject.entry.name)


def provided_ports(plugin: LoadedPlugin) -> list[PortProvider[Any]]:
    """Return what a plugin offers behind ports, with all settings at their defaults.

    Raises:
        CompositionError: Its hooks are wrong, or fail.
        SettingsInvalid: It does not start with its settings at their defaults.
    """
    sections = core_sections()
    if plugin.manifest.settings is not None:
        sections[plugin.manifest.name] = plugin.manifest.settings
    found = PluginHooks([plugin]).collect("provide_ports", load_settings({}, sections))
    return [one.value for one in found]


def compose_faults(plugin: LoadedPlugin) -> Iterator[str]:
    """Compose an app on the memory adapters with the plugin, and say what is wrong."""
    needs = {_ADAPTERS, *plugin.manifest.requires} - {"system", plugin.manifest.name}
    try:
        offered = provided_ports(plugin)
        classes = [type(one.instance) for one in enabled_plugins(needs)]
        choices = ",".join(f"{one.port.name}={one.name}" for one in offered)
        application = bootstrap(
            {"MUSTER_PLUGINS__PORTS": choices}, [*classes, type(plugin.instance)]
        )
    except (CompositionError, SettingsInvalid) as error:
        yield str(error)
        return
    wrapped = application.hooks.collect("wrap_ports", application.settings)
    for contribution in (*offered, *(one.value for one in wrapped)):
        try:
            application.ports.get(contribution.port)
        except CompositionError as error:
            # Its own refusal, because of a setting that only a deployment knows, is no fault.
            if str(error).startswith(f"Plugin {plugin.manifest.name!r} "):
                yield str(error)


def setting_faults(plugin: LoadedPlugin) -> Iterator[str]:
    """Say which settings lack a hint or a default, or have names that are not the plugin's own.

    Muster grants its own plugins names that everybody knows, such as ``DATABASE_URL``.
    """
    name, kind = plugin.manifest.name, plugin.manifest.settings
    if kind is None:
        return
    required = {info.name for info in msgspec.structs.fields(kind) if info.required}
    prefix = "" if plugin.distribution == OWN else f"MUSTER_{name}__".upper()
    for field in fields_of({name: kind}).values():
        yield from _faults_of_setting(field, prefix, required=field.name in required)


def _faults_of_setting(field: Field, prefix: str, *, required: bool) -> Iterator[str]:
    if not field.hint:
        yield f"{field.path} has no hint: annotate it with setting('what it does, and its unit')."
    if required:
        yield f"{field.path} has no default: Muster must start without any settings."
    if not field.variable.startswith(prefix):
        yield f"{field.path} is set by {field.variable}, which does not begin with {prefix}."
