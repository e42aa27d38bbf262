"""Exit codes with a meaning of their own."""

from __future__ import annotations

__all__ = ["REFUSED"]

REFUSED = 2
"""Of a start that settings, plugins, the database or the address do not allow."""
