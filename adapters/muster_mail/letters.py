"""Notices as messages of mail (RFC 5322)."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from muster.ports.notifier import Notice

__all__ = ["ON_PAPER", "ON_THE_WIRE", "letter"]

ON_THE_WIRE: EmailPolicy[Any] = EmailPolicy(linesep="\r\n", cte_type="7bit")
"""What every mail server takes."""

ON_PAPER: EmailPolicy[Any] = EmailPolicy(utf8=True, cte_type="8bit", max_line_length=None)
"""What a person reads in a file: no line is broken, no letter is replaced."""


def letter(notice: Notice, sender: str, now: datetime, policy: EmailPolicy[Any]) -> EmailMessage:
    """Return the message of a notice.

    Args:
        notice: What to say; not malformed.
        sender: An address.
        now: UTC instant that it is dated with.
        policy: ``ON_THE_WIRE`` or ``ON_PAPER``.
    """
    message = EmailMessage(policy)
    message["From"] = _address(sender)
    message["To"] = _address(notice.recipient)
    message["Subject"] = notice.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    # Else vacations would answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    encoding = "quoted-printable" if policy.cte_type == "7bit" else "8bit"
    message.set_content(notice.text, cte=encoding)
    return message


def _address(text: str) -> Address:
    name, _, host = text.rpartition("@")
    return Address(username=name, domain=host)
