"""The correlation id: ties together all that one request causes."""

from __future__ import annotations

import re
from collections.abc import Callable

from litestar.types import Scope

from muster.plugin_api.callers import CORRELATION_KEY

__all__ = ["CORRELATION_HEADER", "choose_correlation_id", "correlation_id_of"]

CORRELATION_HEADER = b"x-correlation-id"

_VALID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


def choose_correlation_id(scope: Scope, new: Callable[[], str]) -> str:
    """Take the client's correlation id where it is valid and sent once, else a new one.

    It is kept in the scope.

    Args:
        scope: Of the request.
        new: Makes a new id.
    """
    sent = [value for name, value in scope["headers"] if name == CORRELATION_HEADER]
    valid = len(sent) == 1 and _VALID.fullmatch(sent[0])
    chosen = sent[0].decode("ascii") if valid else new()
    scope.setdefault("state", {})[CORRELATION_KEY] = chosen
    return chosen


def correlation_id_of(scope: Scope) -> str:
    """Return the correlation id that was chosen for this request."""
    chosen: str = scope["state"][CORRELATION_KEY]
    return chosen
