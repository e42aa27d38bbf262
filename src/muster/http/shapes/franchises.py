"""Franchises as clients see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.application.franchises import CreateFranchise, EditFranchise
from muster.domain.certificate_names import NameDisplay
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.http.shapes.fields import Name, TimeZoneName

__all__ = ["FranchisePatch", "FranchiseShape", "NewFranchise", "franchise_shape"]


class NewFranchise(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A franchise to admit."""

    name: Name
    time_zone: TimeZoneName | None = None
    certificate_names: NameDisplay | None = None

    def command(self) -> CreateFranchise:
        """Return the command that this asks for."""
        return CreateFranchise(self.name, self.time_zone, self.certificate_names)


class FranchisePatch(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What to change of a franchise; what is left out stays."""

    name: Name | UnsetType = UNSET
    time_zone: TimeZoneName | UnsetType | None = UNSET
    status: FranchiseStatus | UnsetType = UNSET
    certificate_names: NameDisplay | UnsetType | None = UNSET

    def command(self, franchise_id: UUID) -> EditFranchise:
        """Return the command that this asks for."""
        return EditFranchise(
            franchise_id, self.name, self.time_zone, self.status, self.certificate_names
        )


class FranchiseShape(Struct, frozen=True, rename="camel"):
    """A franchise; without ``certificateNames`` its certificates show what the company's do."""

    id: UUID
    name: str
    status: FranchiseStatus
    created_at: datetime
    updated_at: datetime
    time_zone: str | UnsetType = UNSET
    certificate_names: NameDisplay | UnsetType = UNSET


def franchise_shape(franchise: Franchise) -> FranchiseShape:
    """Show a franchise."""
    return FranchiseShape(
        id=franchise.id,
        name=franchise.name,
        status=franchise.status,
        created_at=franchise.created_at,
        updated_at=franchise.updated_at,
        time_zone=franchise.time_zone or UNSET,
        certificate_names=franchise.certificate_names or UNSET,
    )
