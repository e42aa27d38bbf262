"""Who runs use cases, as those see it who only ask."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol, TypeVar

from muster.application.use_case import Caller, Request

__all__ = ["Dispatches"]

R = TypeVar("R")


class Dispatches(Protocol):
    """Runs the use case of a request; ``Dispatcher`` does."""

    @abstractmethod
    async def dispatch(self, request: Request[R], caller: Caller) -> R:
        """Run the use case of a request.

        Args:
            request: A command or a query.
            caller: On whose behalf.

        Returns:
            The answer, once everything is committed.

        Raises:
            DomainError: The request was refused; nothing of it is stored.
        """
