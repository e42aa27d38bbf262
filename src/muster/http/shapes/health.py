"""How this server is, as clients see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

__all__ = ["HealthShape", "ReadyShape"]


class HealthShape(Struct, frozen=True, rename="camel"):
    """That this server answers at all."""

    status: str
    uptime_seconds: float
    version: str
    timestamp: datetime


class ReadyShape(Struct, frozen=True):
    """Whether this server can do its work, and how each dependency is."""

    status: str
    checks: dict[str, dict[str, Any]]
    timestamp: datetime
    version: str
