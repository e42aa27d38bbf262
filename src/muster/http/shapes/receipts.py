"""Receipts and previews as clients see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.application.preview_booking import Preview
from muster.domain.bookings import BookingStatus
from muster.domain.eligibility import Refusal
from muster.domain.ranking import DistanceBand, RankingParts
from muster.domain.receipts import (
    CandidateVerdict,
    DirectorySource,
    NamedVersion,
    Receipt,
    ReceiptKind,
    Sighting,
)
from muster.domain.zone_choice import ZoneRule
from muster.http.shapes.bookings import SessionShape, planned_session_shape
from muster.http.shapes.changes import SessionChangeShape, session_change_shape
from muster.http.shapes.zones import ZoneShape, zone_shape

__all__ = [
    "CandidateShape",
    "DirectoryShape",
    "PartsShape",
    "PolicyShape",
    "PreviewShape",
    "ReceiptShape",
    "ReceiptZoneShape",
    "RefusalShape",
    "directory_shape",
    "preview_shape",
    "receipt_shape",
]


class PolicyShape(Struct, frozen=True):
    """A rule or policy as it was when it judged."""

    name: str
    version: int


class DirectoryShape(Struct, frozen=True, rename="camel"):
    """Where the trainer data came from, and its age in seconds when it was used."""

    source: DirectorySource
    as_of: datetime
    age_seconds: float


class ReceiptZoneShape(Struct, frozen=True, rename="camel"):
    """The zone and the rule that chose it; metres to its centre."""

    id: UUID
    rule: ZoneRule
    distance_metres: float


class RefusalShape(Struct, frozen=True):
    """Why a rule turned a candidate down."""

    rule: str
    message: str
    details: dict[str, Any] | UnsetType = UNSET


class PartsShape(Struct, frozen=True, rename="camel"):
    """What the ranking policy looked at; minutes booked in the 28 days from the start."""

    preferred: bool
    distance_band: DistanceBand
    distance_metres: float | None
    booked_minutes: int


class CandidateShape(Struct, frozen=True, rename="camel"):
    """What was found about one candidate."""

    trainer_id: UUID
    eligible: bool
    refusals: list[RefusalShape]
    rank: int | None
    parts: PartsShape


class ReceiptShape(Struct, frozen=True, rename="camel"):
    """Why a booking became what it is."""

    id: UUID
    booking_id: UUID
    kind: ReceiptKind
    version: int
    status: BookingStatus
    created_at: datetime
    policy: PolicyShape | None
    rules: list[PolicyShape]
    directory: DirectoryShape | None
    zone: ReceiptZoneShape | None
    candidates: list[CandidateShape]
    chosen: UUID | None
    lost_claims: list[UUID]
    sessions: list[SessionChangeShape]
    ignored_preference: UUID | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class PreviewShape(Struct, frozen=True, rename="camel"):
    """What a booking would become now; nothing was written."""

    status: BookingStatus
    zone: ZoneShape | None
    rule: ZoneRule
    sessions: list[SessionShape]
    candidates: list[CandidateShape]
    policy: PolicyShape
    directory: DirectoryShape | None


def receipt_shape(receipt: Receipt) -> ReceiptShape:
    """Show a receipt."""
    zone = receipt.zone
    return ReceiptShape(
        id=receipt.id,
        booking_id=receipt.booking_id,
        kind=receipt.kind,
        version=receipt.version,
        status=receipt.outcome,
        created_at=receipt.created_at,
        policy=_named(receipt.policy) if receipt.policy else None,
        rules=[_named(rule) for rule in receipt.rules],
        directory=directory_shape(receipt.directory) if receipt.directory else None,
        zone=ReceiptZoneShape(zone.id, zone.rule, zone.distance_metres) if zone else None,
        candidates=[_candidate(verdict) for verdict in receipt.candidates],
        chosen=receipt.chosen,
        lost_claims=list(receipt.lost_claims),
        sessions=[session_change_shape(change) for change in receipt.sessions],
        ignored_preference=receipt.ignored_preference or UNSET,
        reason=receipt.reason or UNSET,
    )


def preview_shape(preview: Preview) -> PreviewShape:
    """Show a preview."""
    placement, judgement = preview.placement, preview.judgement
    chosen = placement.choice.chosen
    return PreviewShape(
        status=preview.status,
        zone=zone_shape(chosen.zone) if chosen else None,
        rule=placement.choice.rule,
        sessions=[planned_session_shape(plan) for plan in placement.sessions],
        candidates=[_candidate(one) for one in judgement.candidates] if judgement else [],
        policy=PolicyShape(placement.policy.name, placement.policy.version),
        directory=directory_shape(placement.known.sighting) if placement.known else None,
    )


def directory_shape(sighting: Sighting) -> DirectoryShape:
    """Show where trainer data came from."""
    return DirectoryShape(sighting.source, sighting.as_of, sighting.age_seconds)


def _named(named: NamedVersion) -> PolicyShape:
    return PolicyShape(named.name, named.version)


def _candidate(verdict: CandidateVerdict) -> CandidateShape:
    return CandidateShape(
        trainer_id=verdict.trainer_id,
        eligible=verdict.eligible,
        refusals=[_refusal(refusal) for refusal in verdict.refusals],
        rank=verdict.rank,
        parts=_parts(verdict.parts),
    )


def _refusal(refusal: Refusal) -> RefusalShape:
    return RefusalShape(refusal.rule, refusal.message, refusal.details or UNSET)


def _parts(parts: RankingParts) -> PartsShape:
    return PartsShape(
        parts.preferred, parts.distance_band, parts.distance_metres, parts.booked_minutes
    )
