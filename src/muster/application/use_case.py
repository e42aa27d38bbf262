"""What a use case is: a request, a permission, and what it does in one unit of work."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission, Principal
from muster.application.job_requests import Fence
from muster.domain.bookings import Booking
from muster.domain.events import Event
from muster.domain.receipts import Receipt
from muster.domain.scopes import Scope
from muster.ports.unit_of_work import UnitOfWork

__all__ = [
    "Caller",
    "CommandCase",
    "Deed",
    "DirectCommandCase",
    "PreparationStale",
    "QueryCase",
    "Request",
    "Work",
]

R = TypeVar("R")
P = TypeVar("P")
C = TypeVar("C", bound="Request[Any]")
T = TypeVar("T")


class Request(Struct, Generic[R], frozen=True):
    """A command or a query; the parameter is the type of its answer."""


class Caller(Struct, frozen=True):
    """On whose behalf, and in the course of what, a request is made.

    Attributes:
        principal: Who asks; ``None`` when nobody is known.
        correlation_id: Ties together all that one request causes.
        address: Of the client, as the server sees it; ``None`` where there is none, such as
            on the command line.
        fence: What each unit of a command must prove before it commits; ``None`` is nothing.
    """

    principal: Principal | None
    correlation_id: str
    address: str | None = None
    fence: Fence | None = None


class Deed(Struct, frozen=True):
    """What a use case did, as the audit trail keeps it.

    Attributes:
        subject_kind: What it was done to: ``booking``, ``zone``, ``franchise``.
        subject_id: The id of that.
        franchise_id: On whose ground; ``None`` is the company's.
        change: What changed, in plain JSON values, without secrets and personal data; see
            ``muster.application.deeds``.
    """

    subject_kind: str
    subject_id: UUID
    franchise_id: UUID | None
    change: dict[str, Any]


class Work:
    """One run of a use case inside its unit of work.

    Attributes:
        unit: The open transaction.
        now: UTC instant of this run.
        principal: Who asked, and may do what the case's permission says.
        events: What has happened, told to others after the commit.
        deeds: What was done, for the audit trail.
        changes: Bookings before and after, for those who only want to know what would be.
        receipts: Of the changes, for those who look on.
    """

    def __init__(self, unit: UnitOfWork, now: datetime, principal: Principal) -> None:
        """Begin with nothing done."""
        self.unit = unit
        self.now = now
        self.principal = principal
        self.events: list[Event] = []
        self.deeds: list[Deed] = []
        self.changes: list[tuple[Booking, Booking]] = []
        self.receipts: list[Receipt] = []

    async def keep(self, receipt: Receipt) -> None:
        """Store the receipt of a change."""
        await self.unit.receipts.add(receipt)
        self.receipts.append(receipt)

    def record(self, event: Event, deed: Deed) -> None:
        """Record a change: the event that tells of it and the deed that was done."""
        self.events.append(event)
        self.deeds.append(deed)


class PreparationStale(Exception):
    """What was prepared no longer holds inside the unit; it must be prepared anew."""


class CommandCase(ABC, Generic[C, P]):
    """A use case that changes something.

    Attributes:
        handles: The command that it carries out.
        permission: Who may ask for it.
    """

    handles: ClassVar[type[Request[Any]]]
    permission: ClassVar[Permission]

    @abstractmethod
    async def prepare(self, command: C, scope: Scope) -> P:
        """Read and ask what is needed, with no transaction open and no connection held.

        It runs once, however often the unit is retried, unless the unit finds it stale.

        Args:
            command: What is asked for.
            scope: Of whoever asks; what lies outside is not there.
        """

    @abstractmethod
    async def perform(self, command: C, prepared: P, work: Work) -> Any:
        """Carry the command out inside one unit of work, which may be retried as a whole.

        Raises:
            PreparationStale: What was prepared no longer holds.
        """


class DirectCommandCase(CommandCase[C, None]):
    """A use case that changes something and needs nothing prepared."""

    async def prepare(self, command: C, scope: Scope) -> None:
        """Prepare nothing."""


class QueryCase(ABC, Generic[C]):
    """A use case that changes nothing.

    Attributes:
        handles: The query that it answers.
        permission: Who may ask it.
    """

    handles: ClassVar[type[Request[Any]]]
    permission: ClassVar[Permission]

    @abstractmethod
    async def answer(self, query: C, scope: Scope) -> Any:
        """Answer the query.

        Args:
            query: What is asked.
            scope: Of whoever asks; what lies outside is not there.
        """
