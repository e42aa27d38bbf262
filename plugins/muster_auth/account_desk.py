"""Everything that is done to accounts by others than their owners, of one running app."""

from __future__ import annotations

from msgspec import Struct

from muster.plugin_api import PortLookup
from muster_auth.administration import Administration
from muster_auth.invitations import Invitations
from muster_auth.mail_orders import MailOrders
from muster_auth.mail_writer import MailWriter
from muster_auth.password_resets import PasswordResets
from muster_auth.workings import Workings

__all__ = ["AccountDesk", "account_desk"]


class AccountDesk(Struct, frozen=True):
    """Where accounts are administered.

    Attributes:
        administration: Shows and changes accounts.
        invitations: Makes them.
        resets: Lets who forgot their password in again.
        mail: Writes to people.
    """

    administration: Administration
    invitations: Invitations
    resets: PasswordResets
    mail: MailWriter


def account_desk(workings: Workings, ports: PortLookup) -> AccountDesk:
    """Return the desk of a running app.

    Args:
        workings: What the parts of the plugin share.
        ports: Of the app.

    Raises:
        CompositionError: There is no notifier, or no queue of jobs.
    """
    orders = MailOrders(ports)
    return AccountDesk(
        administration=Administration(workings),
        invitations=Invitations(workings, orders),
        resets=PasswordResets(workings, orders),
        mail=MailWriter(workings, ports),
    )
