"""A notifier that hands mails to a mail server."""

from __future__ import annotations

import asyncio

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
)

from muster.ports.clock import Clock
from muster.ports.notifier import (
    Notice,
    NoticeRefused,
    Notifier,
    NotifierUnavailable,
    refuse_malformed,
)
from muster_mail.letters import ON_THE_WIRE, letter
from muster_mail.settings import MailSettings, Tls

__all__ = ["SmtpNotifier"]

_PERMANENT = 500
"""Answers from here on say that it will be no other next time (RFC 5321, section 4.2.1)."""


class SmtpNotifier(Notifier):
    """Sends each notice over a connection of its own."""

    def __init__(self, host: str, settings: MailSettings, clock: Clock) -> None:
        """Connect to nothing yet.

        Args:
            host: The mail server.
            settings: How to reach it.
            clock: What mails are dated with.
        """
        self._host = host
        self._settings = settings
        self._clock = clock

    async def send(self, notice: Notice) -> None:
        """Hand a notice to the server; again with the same ``Message-ID``."""
        refuse_malformed(notice)
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._deliver(notice)
        except SMTPRecipientsRefused as error:
            raise _refused_by(error.recipients[0]) from None
        except (SMTPRecipientRefused, SMTPDataError) as error:
            raise _refused_by(error) from None
        except SMTPNotSupported:
            # Without the cause: what servers say, they say of the recipient.
            raise NoticeRefused("The mail server cannot write to such an address.") from None
        except (SMTPException, OSError) as error:
            raise NotifierUnavailable(
                f"The mail server cannot be used: {type(error).__name__}."
            ) from None

    async def _deliver(self, notice: Notice) -> None:
        settings = self._settings
        await aiosmtplib.send(
            letter(notice, settings.sender, self._clock.now(), ON_THE_WIRE),
            sender=settings.sender,
            recipients=[notice.recipient],
            hostname=self._host,
            port=settings.port,
            username=settings.user,
            password=settings.password,
            timeout=settings.timeout_seconds,
            use_tls=settings.tls is Tls.TLS,
            start_tls=settings.tls is Tls.STARTTLS,
        )


def _refused_by(error: SMTPRecipientRefused | SMTPDataError) -> NoticeRefused | NotifierUnavailable:
    if error.code >= _PERMANENT:
        return NoticeRefused(f"The mail server refuses the mail: {error.code}.")
    return NotifierUnavailable(f"The mail server does not take the mail now: {error.code}.")
