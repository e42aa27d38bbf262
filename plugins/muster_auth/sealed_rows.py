"""Everything in the database that is sealed, looked at together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from muster.plugin_api import CompositionError
from muster.ports.unit_of_work import Connection, UnitOfWorkFactory
from muster_auth.sealed_secrets import KEY_ID_BYTES, SealedSecrets
from muster_auth.second_factors import owner_of_secret
from muster_auth.signing_keys import owner_of_key

__all__ = ["SealedRows"]

_SEALED_BY = f"""
    SELECT DISTINCT substr(sealed, 1, {KEY_ID_BYTES}) AS key_id FROM (
        SELECT sealed_secret AS sealed FROM auth_second_factors
        UNION ALL SELECT sealed_private_key FROM auth_signing_keys
    ) AS everything
"""  # noqa: S608 - a constant


class _Kind(Struct, frozen=True):
    """What is sealed in one table, and for what."""

    read: str
    write: str
    owner: Callable[[Any], str]


_KINDS = (
    _Kind(
        "SELECT account_id AS id, sealed_secret AS sealed FROM auth_second_factors FOR UPDATE",
        "UPDATE auth_second_factors AS r SET sealed_secret = n.sealed"
        " FROM unnest($1::uuid[], $2::bytea[]) AS n (id, sealed) WHERE r.account_id = n.id",
        owner_of_secret,
    ),
    _Kind(
        "SELECT kid AS id, sealed_private_key AS sealed FROM auth_signing_keys FOR UPDATE",
        "UPDATE auth_signing_keys AS r SET sealed_private_key = n.sealed"
        " FROM unnest($1::text[], $2::bytea[]) AS n (id, sealed) WHERE r.kid = n.id",
        owner_of_key,
    ),
)


class SealedRows:
    """Holds what is sealed to the keys that are here."""

    def __init__(self, units: UnitOfWorkFactory, seal: SealedSecrets) -> None:
        """Look at nothing yet.

        Args:
            units: Open units of work.
            seal: Has the keys.
        """
        self._units = units
        self._seal = seal

    async def refuse_strange(self) -> None:
        """See that everything was sealed by keys that are here.

        Raises:
            CompositionError: Something was not.
        """
        async with self._units() as unit:
            rows = await unit.connection.fetch(_SEALED_BY)
        strange = sorted({row["key_id"] for row in rows} - set(self._seal.ids))
        if strange:
            raise CompositionError(self._seal.refusal(strange))

    async def reseal(self) -> int:
        """Seal by the newest key what older ones have sealed.

        Returns:
            How much that was.

        Raises:
            SealNotOpened: Something was sealed by a key that is not here.
        """
        async with self._units() as unit:
            done = sum([await self._resealed(unit.connection, kind) for kind in _KINDS])
            await unit.commit()
        return done

    async def _resealed(self, connection: Connection, kind: _Kind) -> int:
        ids, anew = [], []
        for row in await connection.fetch(kind.read):
            if not self._seal.is_newest(row["sealed"]):
                owner = kind.owner(row["id"])
                ids.append(row["id"])
                anew.append(self._seal.sealed(self._seal.opened(row["sealed"], owner), owner))
        await connection.execute(kind.write, ids, anew)
        return len(ids)
