"""A notifier that writes mails into a directory: for one machine, and for trying things out."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from muster.ports.clock import Clock
from muster.ports.notifier import Notice, Notifier, NotifierUnavailable, refuse_malformed
from muster_mail.letters import ON_PAPER, letter

__all__ = ["FileNotifier"]

_OURS_ALONE = 0o600
_DIRECTORY_OF_OURS = 0o700


class FileNotifier(Notifier):
    """Writes each notice into a file of its own, named by its id, for the owner's eyes alone."""

    def __init__(self, directory: Path, sender: str, clock: Clock) -> None:
        """Write nothing yet.

        Args:
            directory: Made with the first mail.
            sender: An address.
            clock: What mails are dated with.
        """
        self._directory = directory
        self._sender = sender
        self._clock = clock

    async def send(self, notice: Notice) -> None:
        """Write a notice; the same one again into the same file."""
        refuse_malformed(notice)
        message = letter(notice, self._sender, self._clock.now(), ON_PAPER)
        try:
            await asyncio.to_thread(self._write, f"{notice.id}.eml", message.as_bytes())
        except OSError as error:
            raise NotifierUnavailable(
                f"The directory of mails cannot be written to: {error.strerror}."
            ) from error

    def _write(self, name: str, content: bytes) -> None:
        self._directory.mkdir(_DIRECTORY_OF_OURS, parents=True, exist_ok=True)
        unfinished = self._directory / f".{name}"
        unfinished.unlink(missing_ok=True)
        # Nobody else may read it at any time, so the mode is given as the file is made.
        made = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OURS_ALONE)
        with os.fdopen(made, "wb") as file:
            file.write(content)
        unfinished.replace(self._directory / name)
