"""Nonces of signed requests: each is used once, on however many servers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from muster.ports.unit_of_work import UnitOfWorkFactory

__all__ = ["Nonces"]

_USE = """
    INSERT INTO auth_nonces (key_id, nonce, kept_until) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING RETURNING key_id
"""
"""Whoever comes second waits for the first, and then finds it there."""


class Nonces:
    """Says whether a nonce is used for the first time."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        """Keep them in the database, in units of these."""
        self._units = units

    async def use(self, key_id: UUID, nonce: str, kept_until: datetime) -> bool:
        """Use a nonce; return whether nobody had. A command.

        Args:
            key_id: Whose key signed with it.
            nonce: Without NUL.
            kept_until: From then on no server believes a signature that has it.
        """
        async with self._units() as unit:
            row = await unit.connection.fetchrow(_USE, key_id, nonce, kept_until)
            await unit.commit()
        return row is not None
