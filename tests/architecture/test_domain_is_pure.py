"""The domain only computes: no waiting, no clock, no chance, no reading or writing."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "src" / "muster" / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))

ALLOWED_PACKAGES = {"msgspec", "muster"}
IMPURE_MODULES = {
    *("asyncio", "contextvars", "ctypes", "fcntl", "glob", "http", "importlib", "io", "logging"),
    *("multiprocessing", "os", "pathlib", "platform", "random", "secrets", "select", "shutil"),
    *("signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time"),
    *("tomllib", "urllib"),
}
IMPURE_BUILTINS = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4"),
}
ASYNC = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)

IMPURE_SAMPLES = [
    "async def plan(): ...",
    "async def plan():\n    await other()",
    "import asyncio",
    "import time",
    "from time import monotonic",
    "import random",
    "from secrets import token_hex",
    "import os.path",
    "import sqlalchemy",
    "from asyncpg import connect",
    "from datetime import datetime\nnow = datetime.now()",
    "import datetime\ntoday = datetime.date.today()",
    "import datetime as dt\nnow = dt.datetime.now(dt.UTC)",
    "from datetime import datetime\nclock = datetime.now",
    "from uuid import uuid4\nkey = uuid4()",
    "text = open('file').read()",
    "def plan():\n    print('planned')",
]
PURE_SAMPLE = """
import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from muster.domain import slots

def plan(now: datetime) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)
"""


def impurities(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ASYNC):
            yield f"line {node.lineno}: waits"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (
                f"line {node.lineno}: imports {name}" for name in imported(node) if is_impure(name)
            )
        elif isinstance(node, ast.Attribute | ast.Name):
            called = ".".join(ast.unparse(node).split(".")[-2:])
            if called in IMPURE_CALLS | IMPURE_BUILTINS:
                yield f"line {node.lineno}: uses {called}"


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if node.level == 0 else []


def is_impure(module: str) -> bool:
    package = module.partition(".")[0]
    if package in ALLOWED_PACKAGES:
        return False
    return package in IMPURE_MODULES or package not in sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(DOMAIN)))
def test_module_is_pure(module: Path) -> None:
    assert not list(impurities(module.read_text()))


@pytest.mark.parametrize("sample", IMPURE_SAMPLES)
def test_an_impurity_is_noticed(sample: str) -> None:
    assert list(impurities(sample))


def test_a_pure_sample_passes() -> None:
    assert not list(impurities(PURE_SAMPLE))
