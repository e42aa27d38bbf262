"""The mails that a server wrote into its directory."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.auth.stage import run

_TOKEN = re.compile(r"m[ip]_[A-Za-z0-9_-]{43}")
_PATIENCE_SECONDS = 10
_UNDER_WAY = """
    SELECT FROM jobs WHERE type LIKE 'auth/mail-%' AND state IN ('WAITING', 'RUNNING')
"""


class Mailbox:
    """Mails in a directory that came after this was made, and the jobs that send them."""

    def __init__(self, directory: Path, database_url: str) -> None:
        self.directory = directory
        self._database_url = database_url
        self._read = set(self._finished())

    def next_to(self, address: str) -> str:
        """The text of the one unread mail to an address, once every mail was sent."""
        self.settle()
        found = [(file, one) for file, one in self._unread() if one["To"] == address]
        assert len(found) == 1, f"{len(found)} mails to {address}"
        ((file, letter),) = found
        self._read.add(file)
        text: str = letter.get_content()
        return text

    def token_to(self, address: str) -> str:
        return token_in(self.next_to(address))

    def count(self) -> int:
        """How many unread mails there are, to whomever, once every mail was sent."""
        self.settle()
        return len(list(self._unread()))

    def settle(self) -> None:
        """Wait until no mail is to be sent any more."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while run(self._database_url, _UNDER_WAY):
            assert time.monotonic() < deadline, "mails are still under way"
            time.sleep(0.02)

    def _unread(self) -> Iterator[tuple[Path, EmailMessage]]:
        for file in set(self._finished()) - self._read:
            yield file, message_from_bytes(file.read_bytes(), policy=policy.default)

    def _finished(self) -> Iterator[Path]:
        # Of a mail that is being written there is a hidden file, which goes.
        return (file for file in self.directory.glob("*.eml") if not file.name.startswith("."))


def token_in(text: str) -> str:
    """The one token of a mail."""
    (token,) = _TOKEN.findall(text)
    return str(token)
