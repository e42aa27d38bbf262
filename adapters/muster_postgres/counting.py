"""Counting statements, so that a test can hold a path to a fixed number of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery

__all__ = ["StatementCount"]


class StatementCount:
    """The statements that were sent, in order.

    Attributes:
        statements: The text of each; parameters are not kept.
    """

    def __init__(self) -> None:
        """Start at none."""
        self.statements: list[str] = []

    @property
    def total(self) -> int:
        """How many were sent."""
        return len(self.statements)

    def record(self, sent: LoggedQuery) -> None:
        """Take note of a statement; the driver calls this."""
        self.statements.append(sent.query)

    async def settle(self) -> None:
        """Let the driver hand over what it has sent: it does so one turn of the loop later."""
        await asyncio.sleep(0)
