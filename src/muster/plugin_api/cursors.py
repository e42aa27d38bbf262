"""Cursors: opaque and signed places in a list."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from muster.domain.errors import DomainError
from muster.ports.paging import Position

__all__ = ["Cursors", "InvalidCursor"]

_SIGNATURE_BYTES = 16


class InvalidCursor(DomainError):
    """The cursor was not made by this list with these filters."""

    code: ClassVar[str] = "INVALID_CURSOR"


class Cursors:
    """Writes and reads cursors; one is good only for the list that it was made for."""

    def __init__(self, key: bytes) -> None:
        """Sign with a key that all servers of the deployment share."""
        self._key = key

    def write(self, listing: str, position: Position) -> str:
        """Return the cursor for what comes after a place.

        Args:
            listing: The list with its sort and filters.
            position: The last row shown.
        """
        place = msgspec.json.encode([position.value, position.id])
        return urlsafe_b64encode(self._signature(listing, place) + place).decode().rstrip("=")

    def read(self, listing: str, cursor: str, kind: Any) -> Position:
        """Return the place that a cursor stands for.

        Args:
            listing: The list with its sort and filters.
            cursor: As the client sent it.
            kind: The type of the sort column's values.

        Raises:
            InvalidCursor: It was not made here for this list.
        """
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (NotBase64, ValueError):
            raise _refusal() from None
        signature, place = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(listing, place)):
            raise _refusal()
        value, id_ = msgspec.json.decode(place, type=tuple[kind, UUID])
        return Position(value, id_)

    def _signature(self, listing: str, place: bytes) -> bytes:
        message = listing.encode() + b"\0" + place
        return hmac.digest(self._key, message, "sha256")[:_SIGNATURE_BYTES]


def _refusal() -> InvalidCursor:
    return InvalidCursor("This cursor does not belong to this list; begin without one.")
