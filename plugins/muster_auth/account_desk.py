"""Everything that is done to accounts by others than their owners, of one running app."""

from __future__ import annotations

from msgspec import Struct

from muster.ports.notifier import Notifier
from muster_auth.administration import Administration
from muster_auth.invitations import Invitations
from muster_auth.outgoing_mail import OutgoingMail
from muster_auth.password_resets import PasswordResets
from muster_auth.workings import Workings

__all__ = ["AccountDesk", "account_desk"]


class AccountDesk(Struct, frozen=True):
    """Where accounts are administered.

    Attributes:
        administration: Shows and changes accounts.
        invitations: Makes them.
        resets: Lets who forgot their password in again.
        mail: What is on its way to people.
    """

    administration: Administration
    invitations: Invitations
    resets: PasswordResets
    mail: OutgoingMail


def account_desk(workings: Workings, notifier: Notifier) -> AccountDesk:
    """Return the desk of a running app.

    Args:
        workings: What the parts of the plugin share.
        notifier: Brings mail.
    """
    mail = OutgoingMail(notifier)
    return AccountDesk(
        administration=Administration(workings),
        invitations=Invitations(workings, mail),
        resets=PasswordResets(workings, mail),
        mail=mail,
    )
