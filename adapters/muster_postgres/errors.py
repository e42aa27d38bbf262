"""What the driver's errors mean to the core, in one table each.

Whatever is not listed here is a bug and stays what it is.
"""

from __future__ import annotations

import asyncpg

from muster.domain.errors import DomainError
from muster.ports.bookings import ReferenceConflict
from muster.ports.franchises import FranchiseNameTaken
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict
from muster.ports.zones import ZoneNameTaken

__all__ = ["DRIVER_ERRORS", "meaning_of"]

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
