"""Franchises: partners who operate zones of their own."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct

from muster.domain.certificate_names import NameDisplay

__all__ = ["Franchise", "FranchiseStatus"]


class FranchiseStatus(Enum):
    """Whether a franchise may open zones."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class Franchise(Struct, frozen=True):
    """A partner who operates zones.

    Attributes:
        id: UUIDv7.
        name: As shown; unique once folded.
        time_zone: IANA key of its office, if it gave one.
        status: ``SUSPENDED`` franchises open no zones.
        version: Grows by one with each change, from 1.
        created_at: UTC instant.
        updated_at: UTC instant.
        certificate_names: How much of a student's name its certificates show to everybody;
            ``None`` is as much as the company's.
    """

    id: UUID
    name: str
    time_zone: str | None
    status: FranchiseStatus
    version: int
    created_at: datetime
    updated_at: datetime
    certificate_names: NameDisplay | None = None
