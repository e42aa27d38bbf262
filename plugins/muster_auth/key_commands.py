"""``muster auth``: API keys of services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TextIO
from uuid import UUID

import click
from msgspec.structs import replace

from muster.plugin_api import Caller, Permission, PortLookup, Principal
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster_auth.audit_notes import command_line
from muster_auth.key_orders import ApiKeyOrder
from muster_auth.services import Services

__all__ = ["with_key_commands"]

_OWNER = Principal("command-line", frozenset(Permission))
"""Who has the database may do everything."""


def with_key_commands(auth: click.Group, running: Callable[[], Services]) -> click.Group:
    """Return the group ``auth`` with the commands of API keys.

    Args:
        auth: The group.
        running: Returns the services of the app that a command runs in.
    """

    @auth.command("create-key")
    @click.argument("name")
    @click.option(
        "--permission",
        "permissions",
        required=True,
        multiple=True,
        type=click.Choice([one.value for one in Permission]),
        help="What the service may do; may be given several times.",
    )
    @click.option("--days", required=True, type=click.IntRange(min=1), help="How long it lives.")
    @click.option("--franchise", type=click.UUID, help="On whose ground; else everything.")
    @click.option(
        "--public-key", type=click.File(), help="A file with an Ed25519 public key in PEM."
    )
    async def create_key(
        ports: PortLookup,
        name: str,
        permissions: tuple[str, ...],
        days: int,
        franchise: UUID | None,
        public_key: TextIO | None,
    ) -> None:
        """Make an API key for the service NAME, and print its id and the key, once."""
        order = ApiKeyOrder(
            name,
            [Permission(one) for one in permissions],
            ports.get(CLOCK).now() + timedelta(days=days),
            franchise,
            public_key.read() if public_key else None,
        )
        made = await running().keys.create(order, _caller(ports))
        click.echo(f"id: {made.key.id}\nkey: {made.shown}")

    @auth.command("revoke-key")
    @click.argument("key_id", type=click.UUID)
    async def revoke_key(ports: PortLookup, key_id: UUID) -> None:
        """Let the API key of the id KEY_ID be dead, within a second on every server."""
        await running().keys.revoke(key_id, _caller(ports))
        click.echo(f"The API key {key_id} is dead.")

    return auth


def _caller(ports: PortLookup) -> Caller:
    return replace(command_line(ports.get(ENTROPY)), principal=_OWNER)
