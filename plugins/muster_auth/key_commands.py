"""``muster auth``: API keys of services."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TextIO
from uuid import UUID

import click

from muster.plugin_api import Permission, PortLookup, command_line
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster_auth.key_orders import ApiKeyOrder
from muster_auth.services import Services

__all__ = ["key_commands"]


def key_commands(running: Callable[[], Services]) -> Sequence[click.Command]:
    """Return the commands ``create-key`` and ``revoke-key``.

    Args:
        running: Returns the services of the app that a command runs in.
    """

    @click.command("create-key")
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
        made = await running().keys.create(order, command_line(ports.get(ENTROPY)))
        click.echo(f"id: {made.key.id}\nkey: {made.shown}")

    @click.command("revoke-key")
    @click.argument("key_id", type=click.UUID)
    async def revoke_key(ports: PortLookup, key_id: UUID) -> None:
        """Let the API key of the id KEY_ID be dead, within a second on every server."""
        await running().keys.revoke(key_id, command_line(ports.get(ENTROPY)))
        click.echo(f"The API key {key_id} is dead.")

    return [create_key, revoke_key]
