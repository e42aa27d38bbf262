"""The port for one transaction: repositories that commit together or not at all."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Protocol

from muster.domain.errors import DomainError
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.blocks import BlockRepository
from muster.ports.bookings import BookingRepository, ReceiptRepository
from muster.ports.certificates import CertificateRepository
from muster.ports.franchises import FranchiseRepository
from muster.ports.journal import AuditTrail, Outbox
from muster.ports.keys import PortKey
from muster.ports.schedule import ScheduleRepository
from muster.ports.zones import ZoneRepository

__all__ = [
    "UNIT_OF_WORK",
    "Connection",
    "DatabaseUnavailable",
    "TransactionConflict",
    "UnitOfWork",
    "UnitOfWorkFactory",
]


class DatabaseUnavailable(DomainError):
    """The store cannot be reached, has no free connection, or took too long."""

    code: ClassVar[str] = "DEPENDENCY_UNAVAILABLE"
    retryable: ClassVar[bool] = True


class TransactionConflict(DomainError):
    """The unit lost against another one (SQLSTATE 40001, 40P01); running it again may do."""

    code: ClassVar[str] = "DEPENDENCY_UNAVAILABLE"
    retryable: ClassVar[bool] = True


class Connection(Protocol):
    """The unit's own connection, for plugins that keep tables of their own.

    Parameters are positional (``$1``). What it writes commits with the unit.
    """

    @abstractmethod
    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement; return its command tag. A command."""

    @abstractmethod
    async def fetch(self, query: str, *args: Any) -> Sequence[Any]:
        """Run a statement; return its rows. A query or command."""

    @abstractmethod
    async def fetchrow(self, query: str, *args: Any) -> Any | None:
        """Run a statement; return its first row. A query or command."""


class UnitOfWork(Protocol):
    """One open transaction."""

    @property
    @abstractmethod
    def franchises(self) -> FranchiseRepository:
        """Franchises."""

    @property
    @abstractmethod
    def zones(self) -> ZoneRepository:
        """Zones."""

    @property
    @abstractmethod
    def bookings(self) -> BookingRepository:
        """Bookings and their sessions."""

    @property
    @abstractmethod
    def schedule(self) -> ScheduleRepository:
        """Trainers' time."""

    @property
    @abstractmethod
    def blocks(self) -> BlockRepository:
        """Blocks of trainers' time."""

    @property
    @abstractmethod
    def receipts(self) -> ReceiptRepository:
        """Receipts."""

    @property
    @abstractmethod
    def certificates(self) -> CertificateRepository:
        """Certificates."""

    @property
    @abstractmethod
    def outbox(self) -> Outbox:
        """Events to be told after the commit."""

    @property
    @abstractmethod
    def audit(self) -> AuditTrail:
        """The audit trail."""

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """The connection itself, for plugins' own tables.

        Raises:
            NotImplementedError: The store has no connection (memory).
        """

    @abstractmethod
    async def commit(self) -> None:
        """Make everything of this unit last. A command; at most once.

        Raises:
            TransactionConflict: The unit lost against another; nothing of it lasts.
            DatabaseUnavailable: The store went away; nothing of it lasts, unless it went
                away while it was answering the commit.
        """


class UnitOfWorkFactory(Protocol):
    """Opens units of work."""

    @abstractmethod
    def __call__(self, scope: Scope = EVERYTHING) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one within a scope. Whatever was not committed when the context is left is undone.

        Inside the context every method of every repository may raise
        ``TransactionConflict`` or ``DatabaseUnavailable``. A unit in which a method has
        raised is over: nothing of it lasts, and to commit it is a fault of the caller.
        What only adds (receipts, events, audit entries) may be sent with the commit.

        Args:
            scope: Of the bookings, zones, franchises and blocks that are read by id or by a
                session, what lies outside is not there. Trainers' time has no bounds: it is
                taken whoever took it.
        """


UNIT_OF_WORK = PortKey("unit_of_work", UnitOfWorkFactory, wrappable=True)
