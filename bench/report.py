"""Results: a table for people and JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bench.machine import this_machine

__all__ = ["say", "table", "write"]

_RESULTS = Path(__file__).parent / "results"
_console = Console(width=None, highlight=False)


def say(line: str) -> None:
    """Tell how far it is."""
    _console.print(line)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table."""
    shown = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        shown.add_column(column, justify="left" if place == 0 else "right")
    for row in rows:
        shown.add_row(*map(str, row))
    wide = Console(width=max(_console.width, 150), highlight=False)
    wide.print(shown)


def write(name: str, found: Any) -> Path:
    """Write a result with the machine that it is from, and say where."""
    _RESULTS.mkdir(exist_ok=True)
    path = _RESULTS / f"{name}.json"
    document = {"machine": this_machine(), "found": found}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    say(f"Written to {path}")
    return path
