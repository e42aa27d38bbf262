"""A real mail server, and what arrived there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from muster.ports.notifier import Notice
from muster.testing.suites.notifier import PostOffice

USER, PASSWORD = "muster", "four yellow kites rise"


class MailServer(PostOffice):
    """Takes every mail, but those to recipients for whom it is told another answer.

    Attributes:
        answers: What is said to a recipient instead of yes.
        sessions: One for each mail that was taken: whether it came encrypted, and as whom.
    """

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.sessions: list[tuple[bool, bool]] = []
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self, tls: ssl.SSLContext | None, *, wrapped: bool, login: bool) -> None:
        starts_tls = tls is not None and not wrapped
        protocol = partial(
            SMTP,
            self,
            tls_context=tls if starts_tls else None,
            require_starttls=starts_tls,
            authenticator=self._authenticated,
            auth_required=login,
            auth_require_tls=False,
        )
        self._server = await asyncio.get_running_loop().create_server(
            protocol, "127.0.0.1", 0, ssl=tls if wrapped else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()

    async def arrived(self) -> Sequence[Notice]:
        found = {one["Message-ID"]: notice_of(one) for one in self.messages}
        return list(found.values())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(read(envelope.content))
        self.recipients += envelope.rcpt_tos
        assert isinstance(server.transport, asyncio.Transport)
        encrypted = session.ssl is not None or server.transport.get_extra_info("sslcontext")
        self.sessions.append((bool(encrypted), bool(session.authenticated)))
        return "250 OK"

    def _authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, *, wrapped: bool = False, login: bool = False
) -> AsyncIterator[MailServer]:
    """Run a mail server; with TLS from the beginning where it is wrapped, else by STARTTLS."""
    server = MailServer()
    await server.open(tls, wrapped=wrapped, login=login)
    try:
        yield server
    finally:
        await server.close()


def read(content: bytes) -> EmailMessage:
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def notice_of(message: EmailMessage) -> Notice:
    """The notice that a mail is."""
    id_ = UUID(message["Message-ID"].removeprefix("<").partition("@")[0])
    (recipient,) = message["To"].addresses
    text: str = message.get_content().replace("\r\n", "\n").removesuffix("\n")
    return Notice(id_, recipient.addr_spec, str(message["Subject"]), text)
