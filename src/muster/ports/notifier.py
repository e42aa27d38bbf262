"""The port that tells somebody something outside the API: by mail, mostly."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

import re
from abc import abstractmethod
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import DomainError
from muster.ports.keys import PortKey

__all__ = [
    "NOTIFIER",
    "Notice",
    "NoticeRefused",
    "Notifier",
    "NotifierUnavailable",
    "is_address",
    "refuse_malformed",
]

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+@[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+")
_LONGEST_ADDRESS = 320
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Notice(Struct, frozen=True):
    """Something that one person is told.

    Attributes:
        id: Of this notice; the same one when it is sent again.
        recipient: An address of mail, ``name@host``.
        subject: One line.
        text: Plain text; lines end in a line feed.
    """

    id: UUID
    recipient: str
    subject: str
    text: str


class NotifierUnavailable(DomainError):
    """It cannot be sent at present; whether it was is not known. Sending it again may do."""

    code: ClassVar[str] = "DEPENDENCY_UNAVAILABLE"
    retryable: ClassVar[bool] = True


class NoticeRefused(DomainError):
    """It can never be sent as it is: nobody can be reached there, or it is no notice."""

    code: ClassVar[str] = "VALIDATION_FAILED"


def is_address(text: str) -> bool:
    """Return whether a text is one address of mail, bare: no name, no list, nothing quoted."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def refuse_malformed(notice: Notice) -> None:
    """Refuse what no notifier may send; each adapter begins with it.

    Raises:
        NoticeRefused: The recipient is no address, or the subject is not one line.
    """
    if not is_address(notice.recipient):
        raise NoticeRefused("The recipient is no address of mail.")
    if _CONTROLS.search(notice.subject):
        raise NoticeRefused("The subject is not one line.")


class Notifier(Protocol):
    """Tells people things. It knows nothing of why."""

    @abstractmethod
    async def send(self, notice: Notice) -> None:
        """Hand a notice over to whatever brings it to its recipient.

        A command, bounded in time by the adapter's settings. When it returns, the notice is
        taken, which does not say that it was read. To send the same notice again is harmless:
        it arrives once, or again with the same id, by which programs of mail know it.

        Messages of the errors name neither the recipient nor the text.

        Raises:
            NotifierUnavailable: Not at present.
            NoticeRefused: Never: the subject or the recipient is more than one line, the
                recipient is no address, or is refused.
        """


NOTIFIER = PortKey("notifier", Notifier)
"""Not wrappable: what is sent may open an account."""
