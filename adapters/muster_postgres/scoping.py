"""Scopes as conditions of statements; the rules are those of ``muster.domain.scopes``."""

from __future__ import annotations

from typing import Any

from muster.domain.scopes import EVERYTHING, Scope

__all__ = ["booking_bounds", "own_time_bounds", "trail_bounds", "zone_bounds"]

# Each bound has an index: bookings by franchise and by client, sessions by their booking.
_OF_TRAINER = """EXISTS (SELECT FROM booking_sessions AS taught
    WHERE taught.booking_id = {table}.id AND taught.trainer_id = {value})"""


def booking_bounds(scope: Scope, table: str, used: int) -> tuple[str, list[Any]]:
    """Return what follows a condition on bookings, and the values of its parameters.

    Args:
        scope: Without bounds it adds nothing, so that the company's statements stay as they are.
        table: The table ``bookings`` as the statement calls it.
        used: How many parameters the statement has already.
    """
    bounds = (
        ("{table}.zone_franchise_id = {value}", scope.franchise_id),
        ("{table}.client_id = {value}", scope.client_id),
        (_OF_TRAINER, scope.trainer_id),
    )
    given = [(condition, value) for condition, value in bounds if value is not None]
    text = "".join(
        " AND " + condition.format(table=table, value=f"${used + place}")
        for place, (condition, _) in enumerate(given, start=1)
    )
    return text, [value for _, value in given]


def zone_bounds(scope: Scope, column: str, used: int) -> tuple[str, list[Any]]:
    """Return the same of a condition on zones or franchises.

    Args:
        scope: Binds by the franchise alone.
        column: That holds the franchise.
        used: How many parameters the statement has already.
    """
    if scope.franchise_id is None:
        return "", []
    return f" AND {column} = ${used + 1}", [scope.franchise_id]


def own_time_bounds(scope: Scope, trainer: str, booking: str, used: int) -> tuple[str, list[Any]]:
    """Return the same of a condition on a trainer's slots.

    Args:
        scope: A trainer's holds all of their own time; others what is done for them.
        trainer: The column that holds the trainer.
        booking: The column that holds the booking.
        used: How many parameters the statement has already.
    """
    if scope == EVERYTHING:
        return "", []
    if scope.trainer_id is not None:
        return f" AND {trainer} = ${used + 1}", [scope.trainer_id]
    conditions, values = booking_bounds(scope, "served", used)
    return (
        f" AND EXISTS (SELECT FROM bookings AS served WHERE served.id = {booking}{conditions})",
        values,
    )


def trail_bounds(scope: Scope, column: str, used: int) -> tuple[str, list[Any]]:
    """Return the same of a condition on audit entries.

    Args:
        scope: A trainer's and a client's hold none.
        column: That holds the franchise.
        used: How many parameters the statement has already.
    """
    if scope.trainer_id is not None or scope.client_id is not None:
        return " AND false", []
    return zone_bounds(scope, column, used)
