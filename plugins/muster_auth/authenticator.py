"""Who asks, by the access token that they show."""

from __future__ import annotations

from collections.abc import Callable

from muster.plugin_api import Authenticator, Credentials, PortLookup, Principal
from muster_auth.access_tokens import is_jwt
from muster_auth.authentication import Authentication

__all__ = ["bearer", "bearer_token", "token_authenticator"]

_SCHEME = "bearer "


def bearer(authorization: str | None) -> str | None:
    """Return what an ``Authorization`` header of the scheme ``Bearer`` shows."""
    if authorization is None or authorization[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return authorization[len(_SCHEME) :].strip()


def bearer_token(authorization: str | None) -> str | None:
    """Return the access token of an ``Authorization`` header, where it may be one of ours."""
    token = bearer(authorization)
    return token if token is not None and is_jwt(token) else None


def token_authenticator(authentication: Callable[[], Authentication]) -> Authenticator:
    """Return the authenticator.

    Args:
        authentication: Returns that of the running app.
    """

    async def authenticate(credentials: Credentials, _: PortLookup) -> Principal | None:
        token = bearer_token(credentials.header("authorization"))
        if token is None:
            return None
        return (await authentication().holder(token)).principal

    return Authenticator("access_token", authenticate)
