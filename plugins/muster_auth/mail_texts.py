"""What is written to people about their accounts; nothing of it was typed by somebody else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from muster.ports.notifier import Notice

__all__ = ["invitation_notice", "password_reset_notice"]


def invitation_notice(
    notice_id: UUID, recipient: str, link: str | None, token: str, until: datetime
) -> Notice:
    """Return an invitation.

    Args:
        notice_id: Of the notice.
        recipient: An address.
        link: The page that accepts it, with ``{token}`` where the token goes; without one, the
            token itself is told.
        token: Opens it.
        until: UTC instant from which on it does not.
    """
    way = _way(link, token, "POST /plugins/auth/invitations/accept")
    text = (
        "You are invited to Muster. To accept, choose a password here:\n\n"
        f"{way}\n\n"
        f"This works once, until {_told(until)}. If you do not know what this is about, do "
        "nothing.\n"
    )
    return Notice(notice_id, recipient, "Your invitation to Muster", text)


def password_reset_notice(
    notice_id: UUID, recipient: str, link: str | None, token: str, until: datetime
) -> Notice:
    """Return the way to a new password; the arguments are as of an invitation."""
    way = _way(link, token, "POST /plugins/auth/password-reset/confirm")
    text = (
        "Somebody, perhaps you, asked for a new password of your account at Muster. To choose "
        "one:\n\n"
        f"{way}\n\n"
        f"This works once, until {_told(until)}. If it was not you, do nothing: your password "
        "stays as it is.\n"
    )
    return Notice(notice_id, recipient, "A new password for Muster", text)


def _way(link: str | None, token: str, route: str) -> str:
    if link is None:
        return f"{token}\n\n(the token for {route})"
    return link.replace("{token}", token)


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
