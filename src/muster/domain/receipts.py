"""Receipts: the stored record of why this trainer, and how to replay it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus
from muster.domain.eligibility import Refusal
from muster.domain.ranking import RankingParts, RankingPolicy
from muster.domain.session_changes import SessionChange
from muster.domain.zone_choice import ZoneRule

__all__ = [
    "CandidateVerdict",
    "DirectorySource",
    "NamedVersion",
    "Receipt",
    "ReceiptKind",
    "ReceiptZone",
    "Sighting",
    "replay",
]


class ReceiptKind(Enum):
    """Which change a receipt records."""

    PLACE = "PLACE"
    PROMOTE = "PROMOTE"
    REASSIGN = "REASSIGN"
    SWAP = "SWAP"
    RESCHEDULE = "RESCHEDULE"
    MAKE_UP = "MAKE_UP"
    STRAND = "STRAND"
    COMPLETE = "COMPLETE"
    NO_SHOW = "NO_SHOW"
    VOID = "VOID"
    RESTORE = "RESTORE"
    CANCEL_SESSION = "CANCEL_SESSION"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"


class DirectorySource(Enum):
    """Whether the trainers were asked for just now or remembered."""

    LIVE = "live"
    SNAPSHOT = "snapshot"


class Sighting(Struct, frozen=True):
    """Where the trainer data came from and how old it was.

    Attributes:
        source: Live or a snapshot.
        as_of: UTC instant at which the trainer service said so.
        age_seconds: How old the answer was when it was used.
    """

    source: DirectorySource
    as_of: datetime
    age_seconds: float


class NamedVersion(Struct, frozen=True):
    """A rule or a policy as it was when it judged."""

    name: str
    version: int


class ReceiptZone(Struct, frozen=True):
    """The zone that served and why; the distance to its centre is in metres."""

    id: UUID
    rule: ZoneRule
    distance_metres: float


class CandidateVerdict(Struct, frozen=True, gc=False):
    """What was found about one candidate.

    Attributes:
        trainer_id: Whom it is about.
        eligible: Whether no rule refused.
        refusals: Every rule's refusal.
        rank: Place in the order, from 1; ``None`` unless eligible.
        parts: By which they were ranked.
    """

    trainer_id: UUID
    eligible: bool
    refusals: tuple[Refusal, ...]
    rank: int | None
    parts: RankingParts


class Receipt(Struct, frozen=True):
    """What a change made of a booking, and why it got the trainer it got, or none.

    Attributes:
        id: UUIDv7.
        booking_id: The booking.
        kind: The change that it records.
        version: The version of the booking that the change made; each has one receipt.
        outcome: The state that the booking had from then on.
        created_at: UTC instant.
        policy: The ranking policy; ``None`` where nobody was ranked.
        rules: The eligibility rules that judged, in order.
        directory: The age of the trainer data; ``None`` where nobody was asked.
        zone: The zone and the rule that chose it.
        candidates: Every candidate: the eligible by rank, then the others by id.
        chosen: Who was assigned.
        lost_claims: Those whose time was taken while it was being claimed, in order.
        ignored_preference: A preferred trainer who was not among the candidates.
        reason: Why somebody asked for the change, in their words.
        sessions: The sessions that the change touched; none at the first placement, which
            made them all.
    """

    id: UUID
    booking_id: UUID
    kind: ReceiptKind
    version: int
    outcome: BookingStatus
    created_at: datetime
    policy: NamedVersion | None
    rules: tuple[NamedVersion, ...]
    directory: Sighting | None
    zone: ReceiptZone | None
    candidates: tuple[CandidateVerdict, ...]
    chosen: UUID | None
    lost_claims: tuple[UUID, ...]
    ignored_preference: UUID | None
    reason: str | None = None
    sessions: tuple[SessionChange, ...] = ()


def replay(receipt: Receipt, policy: RankingPolicy) -> UUID | None:
    """Choose again from what a receipt kept.

    Args:
        receipt: The record, its candidates in any order.
        policy: The policy that the receipt names.

    Returns:
        The best eligible trainer whose claim was not lost; the receipt's own choice.
    """
    open_to = [
        verdict
        for verdict in receipt.candidates
        if verdict.eligible and verdict.trainer_id not in receipt.lost_claims
    ]
    best = min(open_to, key=lambda one: policy.place(one.trainer_id, one.parts), default=None)
    return None if best is None else best.trainer_id
