"""What a plugin's modules say: whom they import, and whose names they give to what is shared."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

__all__ = ["Module", "import_faults", "name_faults", "read_modules"]

_SURFACE = frozenset({"domain", "ports", "plugin_api", "testing"})
_TABLE = re.compile(
    r"\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?\"?([a-z_]\w*)", re.IGNORECASE
)
_METRICS = frozenset(
    {
        *("create_counter", "create_gauge", "create_histogram", "create_up_down_counter"),
        *("create_observable_counter", "create_observable_gauge"),
        *("create_observable_up_down_counter", "Counter", "Gauge", "Histogram", "Summary"),
    }
)
_KEYED = frozenset(
    {
        *("get", "set", "setex", "getdel", "getex", "delete", "exists", "expire", "incr", "decr"),
        *("hget", "hset", "hgetall", "lpush", "rpush", "lpop", "rpop", "sadd", "srem", "smembers"),
        *("zadd", "zrange", "xadd", "publish", "subscribe", "lock"),
    }
)


class Module(Struct, frozen=True):
    """One module of a plugin.

    Attributes:
        path: Where it stands.
        tree: What it says.
    """

    path: Path
    tree: ast.Module


def read_modules(paths: Iterable[Path]) -> list[Module]:
    """Read and parse modules."""
    return [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def import_faults(modules: Iterable[Module], strangers: Iterable[str]) -> Iterator[str]:
    """Say which imports reach beyond the stable surface.

    Args:
        modules: Of the plugin.
        strangers: The packages of other plugins and adapters.
    """
    foreign = frozenset(strangers)
    for module in modules:
        for line, name in _imported(module.tree):
            top, _, rest = name.partition(".")
            room = rest.partition(".")[0]
            if top in foreign:
                yield (
                    f"{module.path}:{line} imports {name}, which is another plugin's: ask for its "
                    "port, or put it into 'requires' and listen to events."
                )
            if top == "muster" and room not in _SURFACE and not room.startswith("__"):
                yield (
                    f"{module.path}:{line} imports {name}, which may change at any time: import "
                    "from muster.plugin_api, muster.ports or muster.domain."
                )


def name_faults(modules: Iterable[Module], plugin: str) -> Iterator[str]:
    """Say which tables, keys and metrics lack the plugin's name in front.

    Args:
        modules: Of the plugin.
        plugin: Its name.
    """
    for module in modules:
        for line, what, name in _shared_names(module.tree):
            if not re.match(rf"(muster[_.:])?{plugin}([_.:]|$)", name):
                yield (
                    f"{module.path}:{line} names the {what} {name!r}: let it begin with "
                    f"'{plugin}_', for others share the place."
                )


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            # `import muster` alone gives but the version.
            yield from ((node.lineno, one.name) for one in node.names if one.name != "muster")
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "muster":
                yield from ((node.lineno, f"muster.{one.name}") for one in node.names)
            else:
                yield node.lineno, node.module


def _shared_names(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for table in _TABLE.findall(node.value):
                yield node.lineno, "table", table
        elif isinstance(node, ast.Assign) and _is_table_name(node):
            yield node.lineno, "table", _text(node.value)
        elif isinstance(node, ast.Call) and node.args and (name := _text(node.args[0])):
            yield from ((node.lineno, what, name) for what in _kind_of_call(node))


def _is_table_name(node: ast.Assign) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "__tablename__" for one in node.targets)


def _kind_of_call(node: ast.Call) -> Iterator[str]:
    called = ast.unparse(node.func)
    owner, _, function = called.rpartition(".")
    if function in _METRICS and not owner.endswith("collections"):
        yield "metric"
    if function in {"create_table", "Table"}:
        yield "table"
    if function in _KEYED and "redis" in owner.lower():
        yield "key"


def _text(node: ast.expr) -> str:
    """Return the text with which a string begins, as far as it is written out."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return _text(node.values[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
