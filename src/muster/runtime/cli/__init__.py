"""The command line: ``muster``."""

from __future__ import annotations

from muster.runtime.cli.root import main, muster

__all__ = ["main", "muster"]
