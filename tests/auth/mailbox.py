"""The mails that a server wrote into its directory."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_TOKEN = re.compile(r"m[ip]_[A-Za-z0-9_-]{43}")
_PATIENCE_SECONDS = 10


class Mailbox:
    """Mails in a directory, from the moment at which this is made."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._before = set(directory.glob("*.eml"))

    def letters(self) -> list[EmailMessage]:
        new = set(self.directory.glob("*.eml")) - self._before
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in new]

    def next_to(self, address: str) -> str:
        """The text of the one new mail to an address, which is then old."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            letters = [one for one in self.letters() if one["To"] == address]
            if letters:
                (letter,) = letters
                self._before = set(self.directory.glob("*.eml"))
                text: str = letter.get_content()
                return text
            time.sleep(0.01)
        raise AssertionError(f"no mail to {address}")

    def token_to(self, address: str) -> str:
        return token_in(self.next_to(address))


def token_in(text: str) -> str:
    """The one token of a mail."""
    (token,) = _TOKEN.findall(text)
    return str(token)
