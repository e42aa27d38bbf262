"""Every check of a plugin, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from muster.plugin_api.errors import CompositionError
from muster.runtime.plugin_discovery import LoadedPlugin, installed_plugins
from muster.runtime.plugin_quality.composition_checks import (
    OWN,
    compose_faults,
    loaded,
    provided_ports,
    setting_faults,
)
from muster.runtime.plugin_quality.findings import Outcome, PluginVerdict, State, outcome
from muster.runtime.plugin_quality.own_tests import OwnTests, run_tests
from muster.runtime.plugin_quality.source_checks import import_faults, name_faults, read_modules
from muster.runtime.plugin_quality.subject import Subject, subjects_at, subjects_named

__all__ = ["check_plugins"]

_NO_PACKAGE = "Only what is installed is at hand; check the directory of its package."


def check_plugins(target: str, *, tests: bool = True) -> list[PluginVerdict]:
    """Check the plugins of a package's directory, or an installed one.

    Args:
        target: A directory, or the name of an installed plugin.
        tests: Whether to run the package's own tests, and with them the conformance suites.

    Raises:
        NothingToCheck: There is no such directory or plugin.
    """
    path = Path(target)
    subjects = subjects_at(path) if path.is_dir() else subjects_named(target)
    return [_verdict(subject, tests=tests) for subject in subjects]


def _verdict(subject: Subject, *, tests: bool) -> PluginVerdict:
    try:
        plugin = loaded(subject)
    except CompositionError as error:
        outcomes: tuple[Outcome, ...] = (outcome("manifest", [str(error)]),)
    else:
        outcomes = (outcome("manifest", []), *_outcomes(subject, plugin, tests=tests))
    return PluginVerdict(subject.entry.name, subject.distribution, subject.version, outcomes)


def _outcomes(subject: Subject, plugin: LoadedPlugin, *, tests: bool) -> Iterator[Outcome]:
    fits = outcome("hooks", compose_faults(plugin))
    yield fits
    yield outcome("settings", setting_faults(plugin))
    modules = read_modules(subject.sources())
    if subject.distribution == OWN:
        yield Outcome("names", State.SKIPPED, ("Muster's own plugins keep the core's tables.",))
    else:
        yield outcome("names", name_faults(modules, plugin.manifest.name))
    yield outcome("imports", import_faults(modules, _strangers(subject)))
    if subject.root is None:
        yield from (Outcome(one, State.SKIPPED, (_NO_PACKAGE,)) for one in ("package", "tests"))
        return
    yield outcome("package", _package_faults(subject.root, subject))
    if not tests:
        yield Outcome("tests", State.SKIPPED, ("Left out, as asked.",))
        return
    run = run_tests(subject.root)
    yield outcome("tests", _test_faults(run))
    if fits.state is State.PASSED:
        yield outcome("ports", _port_faults(plugin, run))


def _strangers(subject: Subject) -> set[str]:
    packages = {entry.value.partition(":")[0].partition(".")[0] for entry in installed_plugins()}
    return packages - {subject.package}


def _package_faults(root: Path, subject: Subject) -> Iterator[str]:
    readme = root / "README.md"
    if not readme.exists():
        yield f"{readme} is missing: say what the plugin does, its settings and how to enable it."
    elif subject.entry.name not in readme.read_text(encoding="utf-8"):
        yield f"{readme} does not name the plugin {subject.entry.name!r}."
    if not list((root / "tests").rglob("test_*.py")):
        yield f"{root / 'tests'} holds no tests."
    needed = (subject.metadata or {}).get("dependencies", [])
    if not any(str(one).startswith("muster") for one in needed):
        yield f"{root / 'pyproject.toml'} does not depend on muster."


def _test_faults(run: OwnTests) -> Iterator[str]:
    if run.code:
        yield f"The package's own tests do not pass (exit code {run.code}):\n{run.output.rstrip()}"
    elif not run.passed:
        yield "Not one test ran."


def _port_faults(plugin: LoadedPlugin, run: OwnTests) -> Iterator[str]:
    for provider in provided_ports(plugin):
        if suites := run.unproven.get(provider.port.name, ()):
            yield (
                f"The provider {provider.name!r} of the port {provider.port.name!r} is not shown "
                f"to conform: let tests inherit from {', '.join(suites)} of "
                "muster.testing.suites, and pass."
            )
