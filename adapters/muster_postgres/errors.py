"""What the driver's errors mean to the core, in one table each.

Whatever is not listed here is a bug. It is told without the words of PostgreSQL or the
driver, which quote rows and parameters, and so the names of students.
"""

from __future__ import annotations

import asyncpg

from muster.domain.errors import DomainError
from muster.ports.bookings import ReferenceConflict
from muster.ports.certificates import AlreadyCertified
from muster.ports.franchises import FranchiseNameTaken
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict
from muster.ports.zones import ZoneNameTaken

__all__ = ["DRIVER_ERRORS", "StatementRefused", "in_our_words", "meaning_of"]

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What a call to the driver may raise; ``TimeoutError`` is an ``OSError``."""

_TAKEN: dict[str, tuple[type[DomainError], str]] = {
    "franchises_folded_name_key": (FranchiseNameTaken, "Another franchise has this name."),
    "zones_company_name_key": (ZoneNameTaken, "The company has another zone of this name."),
    "zones_franchise_name_key": (ZoneNameTaken, "The franchise has another zone of this name."),
    "bookings_reference_key": (
        ReferenceConflict,
        "This bookingReference was used for another request.",
    ),
    "certificates_in_force_key": (
        AlreadyCertified,
        "The student has a certificate in force for this booking.",
    ),
}
"""By the constraint that refused."""

_CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)

_UNAVAILABLE = (
    OSError,
    # The server has said farewell, and the driver is asked before it has understood.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""Away, full, shutting down, a statement or a lock over its time, a standby after a failover."""


class StatementRefused(Exception):
    """A statement failed, for a reason that the core does not know.

    Attributes:
        kind: The name of the driver's error.
        sqlstate: PostgreSQL's code; ``None`` when the driver refused to send it.
        constraint: The constraint that refused, if one did.
        table: Whose row was refused, if one was.
    """

    def __init__(
        self, kind: str, sqlstate: str | None, constraint: str | None, table: str | None
    ) -> None:
        """Say what failed, and nothing of what was in it."""
        self.kind = kind
        self.sqlstate = sqlstate
        self.constraint = constraint
        self.table = table
        super().__init__(
            kind
            + (f" (SQLSTATE {sqlstate})" if sqlstate else "")
            + (f" at the constraint {constraint}" if constraint else "")
            + (f" of the table {table}" if table else "")
        )


def in_our_words(error: BaseException, *, connection_lost: bool = False) -> BaseException:
    """Return what is to be raised, outside of the handler, instead of a driver's error.

    Args:
        error: What the driver raised.
        connection_lost: As for ``meaning_of``.
    """
    discreet = _discreet(error)
    meaning = meaning_of(error, connection_lost=connection_lost)
    if meaning is None:
        return discreet
    meaning.__cause__ = discreet
    return meaning


def meaning_of(error: BaseException, *, connection_lost: bool = False) -> DomainError | None:
    """Return what an error means to the core, or ``None`` when it is a bug.

    Args:
        error: What the driver raised.
        connection_lost: Whether the connection was closed under the call: the driver then
            complains of misuse, which it is not.
    """
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        taken = _TAKEN.get(error.constraint_name or "")
        return taken and taken[0](taken[1])
    if isinstance(error, _CONFLICTS):
        return TransactionConflict("Another change came first; try again.")
    if isinstance(error, TimeoutError | asyncpg.QueryCanceledError | asyncpg.LockNotAvailableError):
        return DatabaseUnavailable("The database did not answer in time.")
    if connection_lost or isinstance(error, _UNAVAILABLE):
        return DatabaseUnavailable("The database cannot be reached or takes no more work.")
    return None


def _discreet(error: BaseException) -> BaseException:
    kind = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        return StatementRefused(kind, error.sqlstate, error.constraint_name, error.table_name)
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        # The driver cannot send a parameter, and quotes it.
        return StatementRefused(kind, None, None, None)
    return error
