"""A real mail server beside the servers of tests, which can let them wait or send them away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.e2e.processes import eventually
from tests.integration.mail.mail_server import MailServer


class MailCounter(MailServer):
    """Takes every mail.

    Attributes:
        begun: How many mails it was to take so far.
        faults: How many of those to come it takes and then says that it has not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.faults = 0
        self._open = asyncio.Event()
        self._open.set()

    async def hold(self) -> None:
        """Take no mail until ``let_in``; whoever brings one waits."""
        self._open.clear()

    async def let_in(self) -> None:
        self._open.set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd names it
        self.begun += 1
        await self._open.wait()
        answer = await super().handle_DATA(server, session, envelope)
        if self.faults:
            self.faults -= 1
            return "451 Later"
        return answer


class PostOffice:
    """A mail server as a test without a loop of its own sees it."""

    def __init__(self, portal: BlockingPortal, counter: MailCounter) -> None:
        self.counter = counter
        self._portal = portal

    @property
    def settings(self) -> dict[str, str]:
        return mailing_to(self.counter.port)

    def hold(self) -> None:
        self._portal.call(self.counter.hold)

    def let_in(self) -> None:
        self._portal.call(self.counter.let_in)

    def letters(self, number: int) -> list[str]:
        """The texts of the mails that arrived, once there are so many."""
        assert eventually(lambda: len(self.counter.messages) >= number)
        assert len(self.counter.messages) == number
        return [message.get_content() for message in self.counter.messages]


def mailing_to(port: int) -> dict[str, str]:
    return {
        "MUSTER_MAIL__HOST": "127.0.0.1",
        "MUSTER_MAIL__PORT": str(port),
        "MUSTER_MAIL__TLS": "none",
    }


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def post_office() -> Iterator[PostOffice]:
    with start_blocking_portal() as portal:
        counter = portal.call(_opened)
        try:
            yield PostOffice(portal, counter)
        finally:
            portal.call(counter.let_in)
            portal.call(counter.close)


async def _opened() -> MailCounter:
    counter = MailCounter()
    await counter.open(None, wrapped=False, login=False)
    return counter
