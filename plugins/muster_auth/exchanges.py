"""What the routes of accounts share: who asks with what client, and answers nobody may keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from litestar import Request, Response

from muster.plugin_api import Unauthenticated, caller_of
from muster_auth.authentication import Authentication
from muster_auth.authenticator import bearer_token
from muster_auth.sessions import Client
from muster_auth.shapes import TokenAnswer
from muster_auth.token_holders import TokenHolder, Tokens

__all__ = ["HttpRequest", "Running", "client_of", "holder_of", "private", "token_answer"]

T = TypeVar("T")

HttpRequest: TypeAlias = Request[Any, Any, Any]
Running: TypeAlias = Callable[[], Authentication]


def client_of(request: HttpRequest, device_id: str) -> Client:
    """Return by what a client is known again."""
    return Client(device_id, request.headers.get("user-agent", ""), caller_of(request))


async def holder_of(running: Running, request: HttpRequest) -> TokenHolder:
    """Return who asks, by their access token.

    Raises:
        Unauthenticated: They show none that is valid.
    """
    # Another plugin may know them by something else, which has no session here.
    token = bearer_token(request.headers.get("authorization"))
    if token is None:
        raise Unauthenticated("This needs an access token.")
    return await running().holder(token)


def private(answer: T) -> Response[T]:
    """Return an answer that is stored nowhere on its way."""
    return Response(answer, headers={"cache-control": "no-store"})


def token_answer(tokens: Tokens, seconds: int) -> TokenAnswer:
    """Return tokens as a client is handed them.

    Args:
        tokens: Of a session.
        seconds: How long an access token lives.
    """
    return TokenAnswer(
        tokens.access_token, "Bearer", seconds, tokens.refresh_token, tokens.session_id
    )
