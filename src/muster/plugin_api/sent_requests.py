"""What an authenticator may read of a request beside its headers."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

__all__ = ["SentRequest"]


class SentRequest(Protocol):
    """A request as it arrived, read no further than somebody asks."""

    @property
    @abstractmethod
    def method(self) -> str:
        """In upper case; ``GET`` for a HEAD, which is answered as one."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Absolute; the path and the query are as they were sent.

        Scheme and host are those that the server sees, behind a proxy not always the client's.
        """

    @abstractmethod
    async def body(self) -> bytes:
        """Return the whole body; the route can read it still. A query.

        Raises:
            Exception: It is too large, or the client left; the answer then says so.
        """
