"""By what a session knows its client again: a device's own id and the family of its agent."""

from __future__ import annotations

import re
from hashlib import sha256

__all__ = ["agent_family", "fingerprint"]

_FAMILIES = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("firefox", "Firefox"),
    ("chrome", "Chrome"),
    ("crios", "Chrome"),
    ("safari", "Safari"),
)
"""In this order, for later ones name earlier ones too."""

_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def agent_family(user_agent: str) -> str:
    """Return what a client is, without its version: an update is no other client.

    Args:
        user_agent: The header; empty where none was sent.
    """
    lowered = user_agent.lower()
    for sign, family in _FAMILIES:
        if sign in lowered:
            return family
    product = _PRODUCT.match(user_agent)
    return product[0] if product else "unknown"


def fingerprint(device_id: str, user_agent: str) -> bytes:
    """Return the fingerprint of a client.

    Args:
        device_id: As the client says; empty where it says none.
        user_agent: The header.
    """
    told = f"{agent_family(user_agent)}\0{device_id}".encode("utf-8", "replace")
    return sha256(b"muster.auth.fingerprint\0" + told).digest()
