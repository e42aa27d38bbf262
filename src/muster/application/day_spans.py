"""Spans of local days that one question may ask about."""

from __future__ import annotations

from datetime import date

from muster.application.errors import InvalidRequest
from muster.domain.errors import Fault

__all__ = ["hold_to_span"]


def hold_to_span(from_day: date, to_day: date, longest: int) -> None:
    """Refuse days that are out of order or too many.

    Args:
        from_day: The first local day.
        to_day: The last local day, included.
        longest: How many days there may be, both ends included.

    Raises:
        InvalidRequest: With the fault of the field ``to``.
    """
    days = (to_day - from_day).days
    if days < 0:
        raise InvalidRequest(Fault("to", "BEFORE_FROM", "'to' lies before 'from'."))
    if days >= longest:
        raise InvalidRequest(Fault("to", "TOO_LONG", f"At most {longest} days at once."))
