"""The one form in which an identifier is stored, looked up and counted."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

from muster.ports.notifier import is_address

__all__ = [
    "LONGEST_IDENTIFIER",
    "canonical",
    "counted_as",
    "is_another_mailbox",
    "looked_up",
]

LONGEST_IDENTIFIER = 320
"""Characters; as long as an address of mail can be."""


def canonical(identifier: str) -> str:
    """Return an identifier in NFKC, case-folded and trimmed.

    Folding may leave a form that is not normal, so it is normalized again; the result is its
    own canonical form.
    """
    folded = unicodedata.normalize("NFKC", identifier).casefold()
    return unicodedata.normalize("NFKC", folded).casefold().strip()


def is_another_mailbox(identifier: str) -> bool:
    """Return whether the canonical form of an identifier is another address than was typed.

    Of ``groß@`` folding makes ``gross@``, which may be somebody else's. Capitals and the way in
    which an accent is written make no other; and what is no address is no mailbox.
    """
    address = canonical(identifier)
    typed = unicodedata.normalize("NFC", identifier).strip().lower()
    return is_address(address) and address != typed


def counted_as(identifier: str) -> bytes:
    """Return what failures of a canonical identifier are counted under: a hash of it.

    What was typed may belong to nobody, or be a password in the wrong field.
    """
    return sha256(b"muster.auth.identifier\0" + identifier.encode("utf-8", "replace")).digest()


def looked_up(identifier: str) -> str:
    """Return what the database can be asked for; where it cannot, what nobody is called.

    Args:
        identifier: Canonical.
    """
    return "" if "\0" in identifier else identifier
