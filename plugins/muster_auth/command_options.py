"""What several commands of ``muster auth`` take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeAlias
from uuid import UUID

import click

from muster.plugin_api import PortLookup, Role, Scope

__all__ = ["scoped"]

Command: TypeAlias = Callable[..., Awaitable[None]]

_OPTIONS = (
    click.option(
        "--role",
        required=True,
        type=click.Choice([role.value for role in Role]),
        help="What they may do.",
    ),
    click.option("--franchise", type=click.UUID, help="The franchise of a manager."),
    click.option("--trainer", type=click.UUID, help="Who a trainer is."),
    click.option("--client", type=click.UUID, help="Who a client is."),
)


def scoped(command: Command) -> Command:
    """Let a command take a role and its bounds, as ``role`` and ``scope``."""

    @wraps(command)
    async def with_scope(
        ports: PortLookup,
        *,
        role: str,
        franchise: UUID | None,
        trainer: UUID | None,
        client: UUID | None,
        **others: Any,
    ) -> None:
        await command(ports, role=Role(role), scope=Scope(franchise, trainer, client), **others)

    optioned: Command = with_scope
    for option in reversed(_OPTIONS):
        optioned = option(optioned)
    return optioned
