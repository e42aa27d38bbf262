"""Which limit a request falls under: told by method and path, before anything is routed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

__all__ = ["RouteClass", "is_verification", "route_class"]

_ACCOUNTS = ("plugins", "auth")
_ADMINISTRATION = frozenset({"accounts", "keys"})
"""What administrators do there, who are known."""

_CERTIFICATES = ("v1", "certificates")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class RouteClass(Enum):
    """What a request is for."""

    LOGIN = "login"
    VERIFY = "verify"
    READ = "read"
    WRITE = "write"


def is_verification(method: str, path: Sequence[str]) -> bool:
    """Return whether anybody may ask this: what a certificate is worth.

    Args:
        method: Of the request.
        path: Its segments.
    """
    return method in _READING and tuple(path[:-1]) == _CERTIFICATES


def route_class(method: str, path: Sequence[str]) -> RouteClass:
    """Return the class of a request.

    Args:
        method: Of the request.
        path: Its segments.
    """
    if is_verification(method, path):
        return RouteClass.VERIFY
    if method in _READING:
        return RouteClass.READ
    if tuple(path[:2]) == _ACCOUNTS and not _ADMINISTRATION.intersection(path[2:3]):
        return RouteClass.LOGIN
    return RouteClass.WRITE
