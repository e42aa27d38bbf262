"""A notifier that keeps what it is given."""

from __future__ import annotations

from uuid import UUID

from muster.ports.notifier import Notice, Notifier, NotifierUnavailable, refuse_malformed

__all__ = ["MemoryNotifier"]


class MemoryNotifier(Notifier):
    """Keeps notices, for a test to read.

    Attributes:
        available: Whether it can be used.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.available = True
        self._kept: dict[UUID, Notice] = {}

    @property
    def kept(self) -> list[Notice]:
        """Every notice once, in the order in which they came."""
        return list(self._kept.values())

    async def send(self, notice: Notice) -> None:
        """Keep a notice."""
        refuse_malformed(notice)
        if not self.available:
            raise NotifierUnavailable("The notifier is away.")
        self._kept[notice.id] = notice
