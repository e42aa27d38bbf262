"""Making, rotating and revoking API keys, and the rule that nobody gives what they lack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.domain.errors import IllegalState
from muster.plugin_api import Caller, Forbidden, Permission, Principal, Scope, authorize
from muster.ports.unit_of_work import Connection, UnitOfWork
from muster_auth.accounts import new_id
from muster_auth.api_keys import (
    ApiKey,
    add_key,
    key_to_change,
    newest_keys,
    replace_key,
    revoke_key,
)
from muster_auth.errors import ApiKeyRefused, ApiKeyUnknown
from muster_auth.key_orders import ApiKeyOrder, ApiKeyRotation
from muster_auth.key_texts import new_key_text
from muster_auth.public_keys import accepted_public_key
from muster_auth.workings import Workings

__all__ = ["KeyRegister", "MadeKey"]

_SUBJECT = "api_key"
_LONGEST_NAME = 100


class MadeKey(Struct, frozen=True):
    """A new key.

    Attributes:
        key: As it is stored.
        shown: Its text, which is told once.
    """

    key: ApiKey
    shown: str


class KeyRegister:
    """Makes, rotates, revokes and lists API keys, for who may."""

    def __init__(self, workings: Workings, changed: Callable[[ApiKey], None]) -> None:
        """Keep them in the database.

        Args:
            workings: What the parts of the plugin share.
            changed: Is told of a key that lives shorter than before, after the commit.
        """
        self._units = workings.units
        self._clock = workings.clock
        self._entropy = workings.entropy
        self._longest = timedelta(days=workings.settings.api_key_days)
        self._overlap = timedelta(seconds=workings.settings.api_key_overlap_seconds)
        self._notes = workings.notes
        self._changed = changed

    async def create(self, order: ApiKeyOrder, caller: Caller) -> MadeKey:
        """Make a key. A command.

        Raises:
            Forbidden: It would allow what the caller may not do.
            ApiKeyRefused: Its name, its expiry or its public key cannot be so.
        """
        maker = _manager(caller)
        now = self._clock.now()
        text = new_key_text(self._entropy)
        key = ApiKey(
            id=new_id(self._entropy),
            name=_accepted_name(order.name),
            prefix=text.prefix,
            hash=text.hash,
            permissions=frozenset(order.permissions),
            scope=Scope(order.franchise_id),
            public_key=_accepted_or(order.public_key, None),
            created_by=maker.name,
            created_at=now,
            expires_at=self._accepted_expiry(order.expires_at, now),
        )
        _refuse_more_than_own(maker, key)
        async with self._units() as unit:
            await self._add(unit, key, caller)
            await unit.commit()
        return MadeKey(key, text.shown)

    async def rotate(self, key_id: UUID, rotation: ApiKeyRotation, caller: Caller) -> MadeKey:
        """Make a key's successor; the old one dies after the overlap, if not before. A command.

        Raises:
            ApiKeyUnknown: There is no such key that the caller manages.
            Forbidden: It allows what the caller may not do.
            IllegalState: It has expired, or has a successor.
            ApiKeyRefused: The expiry or the public key cannot be so.
        """
        maker = _manager(caller)
        text = new_key_text(self._entropy)
        async with self._units() as unit:
            old = await _key_to_change(unit.connection, key_id, maker)
            _refuse_more_than_own(maker, old)
            now = self._clock.now()
            if not old.lives(now) or old.rotated_at is not None:
                raise IllegalState("The API key has expired, or has a successor already.")
            successor = replace(
                old,
                id=new_id(self._entropy),
                prefix=text.prefix,
                hash=text.hash,
                public_key=_accepted_or(rotation.public_key, old.public_key),
                created_by=maker.name,
                created_at=now,
                expires_at=self._accepted_expiry(rotation.expires_at, now),
                last_used_at=None,
                predecessor_id=old.id,
            )
            await self._replace(unit, old, successor, self._overlap_of(rotation), caller)
            await self._add(unit, successor, caller)
            await unit.commit()
        self._changed(old)
        return MadeKey(successor, text.shown)

    async def revoke(self, key_id: UUID, caller: Caller) -> None:
        """Let a key be dead, here at once and on every server within a second. A command.

        Raises:
            ApiKeyUnknown: There is no such key that the caller manages, or it was revoked.
        """
        maker = _manager(caller)
        async with self._units() as unit:
            key = await _key_to_change(unit.connection, key_id, maker)
            now = self._clock.now()
            await revoke_key(unit.connection, key, now)
            before, after = {"revokedAt": None}, {"revokedAt": now.isoformat()}
            await self._note(unit, caller, "RevokeApiKey", key, before=before, after=after)
            await unit.commit()
        self._changed(key)

    async def listed(self, caller: Caller) -> list[ApiKey]:
        """Return the keys that the caller manages: the living first, then the newest. A query."""
        franchise_id = _manager(caller).scope.franchise_id
        async with self._units() as unit:
            return await newest_keys(unit.connection, self._clock.now(), franchise_id)

    async def _add(self, unit: UnitOfWork, key: ApiKey, caller: Caller) -> None:
        await add_key(unit.connection, key)
        after = {
            "name": key.name,
            "prefix": key.prefix,
            "permissions": sorted(one.value for one in key.permissions),
            "franchiseId": key.scope.franchise_id and str(key.scope.franchise_id),
            "signs": key.public_key is not None,
            "expiresAt": key.expires_at.isoformat(),
            "predecessorId": key.predecessor_id and str(key.predecessor_id),
        }
        await self._note(unit, caller, "CreateApiKey", key, before=None, after=after)

    async def _replace(
        self, unit: UnitOfWork, old: ApiKey, successor: ApiKey, overlap: timedelta, caller: Caller
    ) -> None:
        now = successor.created_at
        dies_at = min(old.expires_at, now + overlap)
        await replace_key(unit.connection, old, now, dies_at)
        before = {"expiresAt": old.expires_at.isoformat(), "successorId": None}
        after = {"expiresAt": dies_at.isoformat(), "successorId": str(successor.id)}
        await self._note(unit, caller, "RotateApiKey", old, before=before, after=after)

    def _overlap_of(self, rotation: ApiKeyRotation) -> timedelta:
        seconds = rotation.overlap_seconds
        return self._overlap if seconds is None else timedelta(seconds=seconds)

    async def _note(
        self, unit: UnitOfWork, caller: Caller, action: str, key: ApiKey, **change: Any
    ) -> None:
        await self._notes.note(
            unit,
            caller,
            action,
            key.id,
            subject_kind=_SUBJECT,
            franchise_id=key.scope.franchise_id,
            **change,
        )

    def _accepted_expiry(self, expires_at: datetime, now: datetime) -> datetime:
        if not now < expires_at <= now + self._longest:
            raise ApiKeyRefused(
                "expiresAt", f"It lies in the next {self._longest.days} days, not later or before."
            )
        return expires_at


def _manager(caller: Caller) -> Principal:
    """Return who manages keys; of their bounds a key can have the franchise's alone."""
    maker = authorize(caller.principal, Permission.KEYS_MANAGE)
    if maker.scope.trainer_id is not None or maker.scope.client_id is not None:
        raise Forbidden("Keys are managed for a franchise or for everything.")
    return maker


def _refuse_more_than_own(maker: Principal, key: ApiKey) -> None:
    lacking = key.permissions - maker.permissions
    if lacking:
        names = ", ".join(sorted(one.value for one in lacking))
        raise Forbidden(f"The API key would allow what you may not do: {names}.")
    if maker.scope.franchise_id not in (None, key.scope.franchise_id):
        raise Forbidden("The API key would reach beyond your franchise.")


async def _key_to_change(connection: Connection, key_id: UUID, maker: Principal) -> ApiKey:
    key = await key_to_change(connection, key_id, maker.scope.franchise_id)
    if key is None:
        raise ApiKeyUnknown("There is no such API key, or it was revoked.")
    return key


def _accepted_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or "\0" in name:
        raise ApiKeyRefused("name", f"A name has 1 to {_LONGEST_NAME} characters.")
    return name


def _accepted_or(pem: str | None, present: str | None) -> str | None:
    return present if pem is None else accepted_public_key(pem)
