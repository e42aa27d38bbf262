"""Use cases for franchises: admit, edit, show, list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from muster.application.access import Forbidden, Permission
from muster.application.deeds import change_between
from muster.application.errors import NotFound
from muster.application.identifiers import Identifiers
from muster.application.use_case import Deed, DirectCommandCase, QueryCase, Request, Work
from muster.domain.certificate_names import NameDisplay
from muster.domain.events import FranchiseChanged, FranchiseCreated
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.domain.names import tidy_name
from muster.domain.scopes import Scope
from muster.ports.franchises import FranchiseFilter, FranchiseOrder, FranchiseReader
from muster.ports.paging import Page, PageRequest

__all__ = [
    "CreateFranchise",
    "CreatesFranchise",
    "EditFranchise",
    "EditsFranchise",
    "GetFranchise",
    "GetsFranchise",
    "ListFranchises",
    "ListsFranchises",
]


class CreateFranchise(Request[Franchise], frozen=True):
    """Admit a franchise."""

    name: str
    time_zone: str | None = None
    certificate_names: NameDisplay | None = None


class EditFranchise(Request[Franchise], frozen=True):
    """Change a franchise; what is unset stays as it is."""

    franchise_id: UUID
    name: str | UnsetType = UNSET
    time_zone: str | UnsetType | None = UNSET
    status: FranchiseStatus | UnsetType = UNSET
    certificate_names: NameDisplay | UnsetType | None = UNSET


class GetFranchise(Request[Franchise], frozen=True):
    """Show a franchise."""

    franchise_id: UUID


class ListFranchises(Request[Page[Franchise]], frozen=True):
    """List franchises."""

    wanted: FranchiseFilter
    page: PageRequest[FranchiseOrder]


class CreatesFranchise(DirectCommandCase[CreateFranchise]):
    """Admits a franchise under a name that no other has."""

    handles = CreateFranchise
    permission = Permission.FRANCHISES_WRITE

    def __init__(self, identifiers: Identifiers) -> None:
        """Make identifiers from this source."""
        self._identifiers = identifiers

    async def perform(self, command: CreateFranchise, prepared: None, work: Work) -> Franchise:
        """Store the franchise."""
        if work.principal.scope.franchise_id is not None:
            raise Forbidden("Franchises are the company's to open.")
        franchise = Franchise(
            id=self._identifiers.new(),
            name=tidy_name(command.name),
            time_zone=command.time_zone,
            status=FranchiseStatus.ACTIVE,
            version=1,
            created_at=work.now,
            updated_at=work.now,
            certificate_names=command.certificate_names,
        )
        await work.unit.franchises.add(franchise)
        work.record(FranchiseCreated(franchise.id), _deed(None, franchise))
        return franchise


class EditsFranchise(DirectCommandCase[EditFranchise]):
    """Changes what is named of a franchise."""

    handles = EditFranchise
    permission = Permission.FRANCHISES_WRITE

    async def perform(self, command: EditFranchise, prepared: None, work: Work) -> Franchise:
        """Store the change, if it is one."""
        franchise = await work.unit.franchises.get(command.franchise_id)
        if franchise is None:
            raise NotFound("franchise", command.franchise_id)
        edited = _edited(franchise, command)
        if edited == franchise:
            return franchise
        edited = replace(edited, version=franchise.version + 1, updated_at=work.now)
        await work.unit.franchises.replace(edited)
        work.record(FranchiseChanged(edited.id), _deed(franchise, edited))
        return edited


class GetsFranchise(QueryCase[GetFranchise]):
    """Shows a franchise."""

    handles = GetFranchise
    permission = Permission.FRANCHISES_READ

    def __init__(self, franchises: FranchiseReader) -> None:
        """Read from this reader."""
        self._franchises = franchises

    async def answer(self, query: GetFranchise, scope: Scope) -> Franchise:
        """Return the franchise."""
        franchise = await self._franchises.get(query.franchise_id, scope)
        if franchise is None:
            raise NotFound("franchise", query.franchise_id)
        return franchise


class ListsFranchises(QueryCase[ListFranchises]):
    """Lists franchises."""

    handles = ListFranchises
    permission = Permission.FRANCHISES_READ

    def __init__(self, franchises: FranchiseReader) -> None:
        """Read from this reader."""
        self._franchises = franchises

    async def answer(self, query: ListFranchises, scope: Scope) -> Page[Franchise]:
        """Return the page."""
        return await self._franchises.page(query.wanted, query.page, scope)


def _edited(franchise: Franchise, command: EditFranchise) -> Franchise:
    name = franchise.name if command.name is UNSET else tidy_name(command.name)
    time_zone = franchise.time_zone if command.time_zone is UNSET else command.time_zone
    status = franchise.status if command.status is UNSET else command.status
    names = command.certificate_names
    return replace(
        franchise,
        name=name,
        time_zone=time_zone,
        status=status,
        certificate_names=franchise.certificate_names if names is UNSET else names,
    )


def _deed(before: Franchise | None, after: Franchise) -> Deed:
    return Deed(
        subject_kind="franchise",
        subject_id=after.id,
        franchise_id=after.id,
        change=change_between(None if before is None else _audited(before), _audited(after)),
    )


def _audited(franchise: Franchise) -> dict[str, Any]:
    return {
        "name": franchise.name,
        "timeZone": franchise.time_zone,
        "status": franchise.status.value,
        "certificateNames": franchise.certificate_names and franchise.certificate_names.value,
        "version": franchise.version,
    }
