"""The listing contract's JSON: a page of the list, one entry of it, and a trainer's details."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from muster.domain.geography import Point
from muster.domain.trainers import Trainer
from muster_trainer_http.bulk_wire import (
    PageNotTheContract,
    TrainerNotTheContract,
    refuse_duplicates,
)

__all__ = ["ListedTrainer", "ListingPage", "read_details", "read_listed", "read_listing"]

_Uuid = Annotated[str, Meta(pattern=r"\A[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")]


class ListingPage(Struct, frozen=True):
    """One page of the list.

    Attributes:
        data: Its entries, each as the service wrote it.
        total: How many entries all pages have; ``None`` when the service does not say.
    """

    data: list[msgspec.Raw]
    total: Annotated[int, Meta(ge=0)] | None = None


class ListedTrainer(Struct, frozen=True, rename="camel"):
    """One entry of the list; what else stands in it is not read."""

    trainer_id: _Uuid
    available: bool
    franchise_id: _Uuid | None = None


class _Envelope(Struct, frozen=True):
    data: msgspec.Raw
    success: Literal[True] | None = None


class _Profile(Struct, frozen=True):
    certifications: list[_Uuid]


class _Place(Struct, frozen=True):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class _Franchise(Struct, frozen=True):
    id: _Uuid


class _Details(Struct, frozen=True, rename="camel"):
    profile: _Profile
    location: _Place | None = None
    franchise_id: _Uuid | None = None
    franchise: _Franchise | None = None
    zone_id: _Uuid | None = None


_envelopes = msgspec.json.Decoder(_Envelope)
_pages = msgspec.json.Decoder(ListingPage)
_arrays = msgspec.json.Decoder(list[msgspec.Raw])
_entries = msgspec.json.Decoder(ListedTrainer)
_details = msgspec.json.Decoder(_Details)


def read_listing(body: bytes) -> ListingPage:
    """Read a page, in either shape: an object with its total, or a bare array.

    Raises:
        PageNotTheContract: It is neither.
    """
    try:
        data = _envelopes.decode(body).data
        if bytes(data).lstrip().startswith(b"["):
            return ListingPage(_arrays.decode(data))
        return _pages.decode(data)
    except (ValueError, RecursionError) as refused:
        raise PageNotTheContract(str(refused)) from None


def read_listed(raw: msgspec.Raw) -> ListedTrainer:
    """Read one entry.

    Raises:
        TrainerNotTheContract: Something in it is not as the contract says.
    """
    try:
        refuse_duplicates(raw)
        return _entries.decode(raw)
    except (ValueError, RecursionError) as refused:
        raise TrainerNotTheContract(str(refused)) from None


def read_details(listed: ListedTrainer, body: bytes) -> Trainer:
    """Read the details of an entry into a trainer, who is named by the id.

    Raises:
        TrainerNotTheContract: Something in them is not as the contract says, or they name
            another franchise than the list does.
    """
    try:
        refuse_duplicates(body)
        found = _details.decode(_envelopes.decode(body).data)
    except (ValueError, RecursionError) as refused:
        raise TrainerNotTheContract(str(refused)) from None
    nested = None if found.franchise is None else found.franchise.id
    named = (listed.franchise_id, found.franchise_id, nested)
    franchises = {UUID(one) for one in named if one is not None}
    if len(franchises) > 1:
        raise TrainerNotTheContract("Object names two franchises")
    place = found.location
    return Trainer(
        id=UUID(listed.trainer_id),
        name=listed.trainer_id.lower(),
        active=listed.available,
        franchise_id=next(iter(franchises), None),
        zone_ids=frozenset() if found.zone_id is None else frozenset({UUID(found.zone_id)}),
        certified_courses=frozenset(map(UUID, found.profile.certifications)),
        location=None if place is None else Point(place.latitude, place.longitude),
    )
