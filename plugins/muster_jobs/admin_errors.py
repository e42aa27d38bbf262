"""What the administration of jobs refuses."""

from __future__ import annotations

from typing import ClassVar

from muster.domain.errors import DomainError

__all__ = ["JobUnknown", "QueueUnknown"]


class JobUnknown(DomainError):
    """There is no such job; those that are over are forgotten after a while."""

    code: ClassVar[str] = "NOT_FOUND"


class QueueUnknown(DomainError):
    """No job is in such a queue."""

    code: ClassVar[str] = "NOT_FOUND"
