"""The core knows no plugin: with the adapters alone the whole domain and API suite passes.

The suites named here are those of the domain, the use cases and the API; that they pass is
seen when they run. Here stands that no plugin has a hand in them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.http.server_under_test import ADAPTERS_ALONE

ROOT = Path(__file__).parents[2]
ADAPTERS = {path.parent.name for path in (ROOT / "adapters").glob("*/__init__.py")}
PLUGINS = {path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")}
SUITES = ["unit/domain", "unit/application", "unit/http", "properties", "http", "concurrency"]

COMPOSE = """
import sys
from muster.runtime.asgi import create_asgi
from muster.runtime.bootstrap import bootstrap

application = bootstrap({
    "MUSTER_PLUGINS__ENABLED": sys.argv[1],
    "DATABASE_URL": "postgresql://localhost/nothing",
    "TRAINER_SERVICE_URL": "http://localhost:1",
})
create_asgi(application)
print(*sorted({type(one.instance).__module__.split(".")[0] for one in application.hooks.plugins}))
print(*sorted({name.split(".")[0] for name in sys.modules if name.startswith("muster_")}))
"""


def packages_of(names: str) -> set[str]:
    places = {entry.name: entry.value for entry in entry_points(group="muster.plugins")}
    return {places[name].split(".")[0] for name in names.split(",")}


def test_the_api_suite_is_composed_of_adapters_alone() -> None:
    (names,) = ADAPTERS_ALONE.values()
    assert packages_of(names) <= ADAPTERS
    done = subprocess.run(
        [sys.executable, "-c", COMPOSE, names], capture_output=True, text=True, check=True
    )
    composed, imported = (set(line.split()) for line in done.stdout.splitlines())
    assert composed == packages_of(names) | {"muster"}
    assert imported - {"muster_migrations"} == packages_of(names)


@pytest.mark.parametrize("suite", SUITES)
def test_no_suite_of_the_core_imports_a_plugin(suite: str) -> None:
    files = list((ROOT / "tests" / suite).rglob("*.py"))
    assert files
    for file in files:
        assert not imports_of(file.read_text()) & PLUGINS, file


def test_an_import_of_a_plugin_is_noticed() -> None:
    planted = "def late():\n    from muster_tide.plugin import TidePlugin\n    import muster_ebb.a"
    assert imports_of(planted) == {"muster_tide", "muster_ebb"}


def imports_of(source: str) -> set[str]:
    """The top-level packages that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found
