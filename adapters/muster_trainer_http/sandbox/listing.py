"""The listing contract as the sample service speaks it: the roster alone, nobody made up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from multidict import MultiMapping

from muster.domain.trainers import Trainer
from muster_trainer_http.sandbox.queries import QueryRefused
from muster_trainer_http.sandbox.roster import Roster

__all__ = ["details_of", "listing_page", "read_listing_query"]

_MAX_LIMIT = 100


def read_listing_query(parameters: MultiMapping[str]) -> tuple[int, int]:
    """Return the page's number, from 1, and its limit, at most 100.

    Raises:
        QueryRefused: One of them is no whole number from 1.
    """
    numbers = []
    for name, default in (("page", "1"), ("limit", str(_MAX_LIMIT))):
        text = parameters.get(name, default)
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
            raise QueryRefused(f"{name} has a value that cannot be read")
        numbers.append(int(text))
    return numbers[0], min(numbers[1], _MAX_LIMIT)


def listing_page(roster: Roster, number: int, limit: int) -> dict[str, Any]:
    """Return a page of the list."""
    everyone = list(roster)
    begin = (number - 1) * limit
    data = [_entry(trainer) for trainer in everyone[begin : begin + limit]]
    page = {"data": data, "page": number, "limit": limit, "total": len(everyone)}
    return {"success": True, "data": page}


def details_of(roster: Roster, trainer_id: str) -> dict[str, Any] | None:
    """Return the details of a trainer; ``None`` when nobody has the id."""
    try:
        trainer = roster.get(UUID(trainer_id))
    except ValueError:
        return None
    return None if trainer is None else {"data": _details(trainer)}


def _entry(trainer: Trainer) -> dict[str, Any]:
    return {
        "trainerId": trainer.id,
        "available": trainer.active,
        "franchiseId": trainer.franchise_id,
    }


def _details(trainer: Trainer) -> dict[str, Any]:
    place = trainer.location
    return {
        "profile": {"certifications": sorted(trainer.certified_courses)},
        "location": place and {"latitude": place.latitude, "longitude": place.longitude},
        "franchiseId": trainer.franchise_id,
        # This contract has room for one zone.
        "zoneId": min(trainer.zone_ids, default=None),
    }
