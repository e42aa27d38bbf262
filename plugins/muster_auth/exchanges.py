"""What the routes share: who asks with what client, ids in paths, answers nobody may keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from litestar import Request, Response

from muster.domain.errors import DomainError
from muster.plugin_api import Unauthenticated, caller_of
from muster_auth.authentication import Authentication
from muster_auth.authenticator import bearer_token
from muster_auth.sessions import Client
from muster_auth.shapes import TokenAnswer
from muster_auth.token_holders import TokenHolder, Tokens

__all__ = ["HttpRequest", "Running", "client_of", "holder_of", "id_of", "private", "token_answer"]

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


def id_of(text: str, unknown: DomainError) -> UUID:
    """Return the id that a path names.

    Args:
        text: Of the path.
        unknown: Raised where it is no id, and so nobody's.
    """
    try:
        return UUID(text)
    except ValueError:
        raise unknown from None


def private(answer: T, status: int | None = None) -> Response[T]:
    """Return an answer that is stored nowhere on its way.

    Args:
        answer: The body.
        status: Of HTTP; ``None`` is that of the route.
    """
    return Response(answer, status_code=status, headers={"cache-control": "no-store"})


def token_answer(tokens: Tokens, seconds: int) -> TokenAnswer:
    """Return tokens as a client is handed them.

    Args:
        tokens: Of a session.
        seconds: How long an access token lives.
    """
    return TokenAnswer(
        tokens.access_token, "Bearer", seconds, tokens.refresh_token, tokens.session_id
    )
