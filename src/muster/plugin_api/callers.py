"""On whose behalf a request is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from muster.application.access import Permission, Principal
from muster.application.use_case import Caller
from muster.ports.entropy import Entropy

if TYPE_CHECKING:
    # A plugin without routes need not wait until the framework is loaded.
    from litestar.connection import ASGIConnection

__all__ = ["CORRELATION_KEY", "PRINCIPAL_KEY", "caller_of", "command_line"]

_CORRELATION_BITS = 64

CORRELATION_KEY = "muster_correlation_id"
"""Where a scope's state keeps the correlation id; the edge puts it there."""

PRINCIPAL_KEY = "muster_principal"
"""Where a scope's state keeps who asks; not there on public routes."""


def caller_of(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Return on whose behalf a request is made.

    Args:
        request: That a route of the app answers.
    """
    state = request.scope["state"]
    client = request.scope.get("client")
    return Caller(
        cast("Principal | None", state.get(PRINCIPAL_KEY)),
        state[CORRELATION_KEY],
        address=client[0] if client else None,
    )


def command_line(entropy: Entropy) -> Caller:
    """Return on whose behalf a command of the command line runs: whoever has the database.

    Args:
        entropy: Makes the correlation id.
    """
    principal = Principal("command_line", frozenset(Permission))
    return Caller(principal, f"cli-{entropy.bits(_CORRELATION_BITS):016x}")
