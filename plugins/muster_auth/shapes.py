"""What the routes read and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

__all__ = [
    "Credentials",
    "DeviceId",
    "Identifier",
    "Me",
    "OpaqueToken",
    "Password",
    "PasswordChange",
    "RefreshRequest",
    "SessionList",
    "SessionShape",
    "TokenAnswer",
]

DeviceId = Annotated[str, Meta(max_length=200)]
Identifier = Annotated[str, Meta(min_length=1, max_length=320)]
OpaqueToken = Annotated[str, Meta(min_length=1, max_length=200)]
Password = Annotated[str, Meta(min_length=1, max_length=4096)]


class Credentials(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A login.

    Attributes:
        identifier: Of the account.
        password: Its password.
        device_id: By which the client wants to be known again.
    """

    identifier: Identifier
    password: Password
    device_id: DeviceId = ""


class RefreshRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A refresh.

    Attributes:
        refresh_token: The newest one of the session.
        device_id: As at the login.
    """

    refresh_token: OpaqueToken
    device_id: DeviceId = ""


class PasswordChange(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A change of one's password.

    Attributes:
        current_password: That it is still them.
        new_password: What it is to be.
    """

    current_password: Password
    new_password: Password


class TokenAnswer(Struct, frozen=True, rename="camel"):
    """Tokens of a session.

    Attributes:
        access_token: For ``Authorization: Bearer …``.
        token_type: Always ``Bearer``.
        expires_in: Seconds that the access token lives.
        refresh_token: For the next refresh.
        session_id: The session.
    """

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    session_id: UUID


class SessionShape(Struct, frozen=True, rename="camel"):
    """One of one's own sessions.

    Attributes:
        id: By which it can be ended.
        user_agent: The family of the client.
        created_at: UTC instant of the login.
        last_used_at: UTC instant of the last refresh.
        current: Whether it is the one that asks.
    """

    id: UUID
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    current: bool


class SessionList(Struct, frozen=True, rename="camel"):
    """One's own live sessions, newest first."""

    data: list[SessionShape]


class Me(Struct, frozen=True, rename="camel"):
    """Who one is.

    Attributes:
        account_id: Of the account; ``null`` is a script.
        identifier: By which one logs in.
        display_name: As people are shown it.
        role: What one may do.
        permissions: In detail.
        franchise_id: On whose ground, where one is bound to it.
        trainer_id: On whose time, where one is bound to it.
        client_id: On whose bookings, where one is bound to them.
        second_factor: Whether one logs in with a second factor.
    """

    account_id: UUID | None
    identifier: str | None
    display_name: str | None
    role: str
    permissions: list[str]
    franchise_id: UUID | None
    trainer_id: UUID | None
    client_id: UUID | None
    second_factor: bool
