"""Commands of ``muster auth`` by which accounts are administered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from muster.plugin_api import PortLookup, Role, Scope, command_line
from muster.ports.entropy import ENTROPY
from muster_auth.account_desk import AccountDesk
from muster_auth.command_options import scoped
from muster_auth.invitations import Invitee

__all__ = ["account_commands"]


def account_commands(desk: Callable[[], AccountDesk]) -> Sequence[click.Command]:
    """Return the commands, for the group ``auth``.

    Args:
        desk: Returns that of the app that the command runs in.
    """

    @click.command()
    @click.argument("identifier")
    async def disable(ports: PortLookup, identifier: str) -> None:
        """Let the account called IDENTIFIER in no more, and end its sessions."""
        caller, administration = command_line(ports.get(ENTROPY)), desk().administration
        account = await administration.named(identifier, caller)
        await administration.disable(account.id, caller)
        click.echo(f"Disabled the account {account.id}.")

    @click.command()
    @click.argument("identifier")
    async def enable(ports: PortLookup, identifier: str) -> None:
        """Let the account called IDENTIFIER in again."""
        caller, administration = command_line(ports.get(ENTROPY)), desk().administration
        account = await administration.named(identifier, caller)
        await administration.enable(account.id, caller)
        click.echo(f"Enabled the account {account.id}.")

    @click.command("set-role")
    @click.argument("identifier")
    @scoped
    async def set_role(ports: PortLookup, identifier: str, role: Role, scope: Scope) -> None:
        """Change what the account called IDENTIFIER may do, and end its sessions."""
        caller, administration = command_line(ports.get(ENTROPY)), desk().administration
        account = await administration.named(identifier, caller)
        await administration.set_role(account.id, account.version, role, scope, caller)
        click.echo(f"The account {account.id} is that of a {role.value}.")

    @click.command()
    @click.argument("identifier")
    @click.option("--name", help="As people are shown it; the identifier by default.")
    @scoped
    async def invite(
        ports: PortLookup, identifier: str, name: str | None, role: Role, scope: Scope
    ) -> None:
        """Mail an invitation to IDENTIFIER, an address."""
        invitee = Invitee(identifier, name or identifier, role, scope)
        caller = command_line(ports.get(ENTROPY))
        invited = await desk().invitations.invite(invitee, caller)
        click.echo(
            f"Invited; the account is {invited.account.id}. A server or 'muster worker' sends the "
            "mail."
        )

    return [disable, enable, set_role, invite]
