"""Valid examples of what is recorded: receipts, events and audit entries."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.eligibility import Refusal
from muster.domain.events import Event, FranchiseCreated
from muster.domain.ranking import DistanceBand, RankingParts
from muster.domain.receipts import (
    CandidateVerdict,
    DirectorySource,
    NamedVersion,
    Receipt,
    ReceiptKind,
    ReceiptZone,
    Sighting,
)
from muster.domain.session_changes import SessionChange, SessionMark
from muster.domain.sessions import SessionStatus
from muster.domain.zone_choice import ZoneRule
from muster.ports.journal import AuditEntry, RecordedEvent
from muster.testing.examples import A_MONDAY, AN_INSTANT, new_id

__all__ = ["a_bare_receipt", "a_full_receipt", "a_recorded_event", "an_audit_entry"]


def a_bare_receipt(booking: Booking, **changes: Any) -> Receipt:
    """Return a receipt of a change for which nobody was asked."""
    receipt = Receipt(
        id=new_id(),
        booking_id=booking.id,
        kind=ReceiptKind.CANCEL,
        version=booking.version,
        outcome=booking.status,
        created_at=AN_INSTANT,
        policy=None,
        rules=(),
        directory=None,
        zone=None,
        candidates=(),
        chosen=None,
        lost_claims=(),
        ignored_preference=None,
    )
    return replace(receipt, **changes)


def a_full_receipt(booking: Booking, **changes: Any) -> Receipt:
    """Return a receipt with every field filled, nested details and awkward floats."""
    chosen, refused, unknown = new_id(), new_id(), new_id()
    near = RankingParts(True, DistanceBand.WITHIN_3_KM, 0.1 + 0.2, 400)
    nowhere = RankingParts(False, DistanceBand.UNKNOWN, None, 0)
    far = RankingParts(False, DistanceBand.FURTHER, 12345.678901234567, 1120)
    refusals = (
        Refusal("INACTIVE", "The trainer is not active."),
        Refusal(
            "TOO_FAR",
            "Weiter weg als der Radius: größer – “zu weit”.",
            {"distanceMetres": 1e-07, "limits": [1, 2.5, None, {"deep": [True, "✓"]}]},
        ),
    )
    receipt = Receipt(
        id=new_id(),
        booking_id=booking.id,
        kind=ReceiptKind.PLACE,
        version=booking.version,
        outcome=booking.status,
        created_at=AN_INSTANT,
        policy=NamedVersion("balanced", 1),
        rules=(NamedVersion("INACTIVE", 1), NamedVersion("TOO_FAR", 3)),
        directory=Sighting(DirectorySource.SNAPSHOT, AN_INSTANT, 29.999999999999996),
        zone=ReceiptZone(new_id(), ZoneRule.NEAREST_CENTRE, 1234.5678901234567),
        candidates=(
            CandidateVerdict(chosen, True, (), 1, near),
            CandidateVerdict(unknown, True, (), 2, nowhere),
            CandidateVerdict(refused, False, refusals, None, far),
        ),
        chosen=chosen,
        lost_claims=(unknown, refused),
        ignored_preference=new_id(),
        reason='Weil – “darum”\nund: {"so": true}',
        sessions=_changes(booking),
    )
    return replace(receipt, **changes)


def _changes(booking: Booking) -> tuple[SessionChange, ...]:
    """Return what a change could have made of a booking's first session, and a new one."""
    mark = SessionMark(
        status=SessionStatus.SCHEDULED,
        trainer_id=new_id(),
        local_date=A_MONDAY,
        local_time="17:00",
        time_zone="America/Argentina/Buenos_Aires",
        starts_at=AN_INSTANT,
    )
    planned = replace(mark, status=SessionStatus.PLANNED, trainer_id=None, local_time="02:30")
    touched = booking.sessions[0].id if booking.sessions else new_id()
    return (
        SessionChange(touched, 1, before=planned, after=mark),
        SessionChange(new_id(), 30, before=None, after=mark),
    )


def a_recorded_event(event: Event | None = None) -> RecordedEvent:
    """Return an event on its way out; that a franchise was admitted, unless given."""
    told = FranchiseCreated(new_id()) if event is None else event
    return RecordedEvent(new_id(), AN_INSTANT, "example-correlation", told)


def an_audit_entry(**changes: Any) -> AuditEntry:
    """Return an audit entry with a nested change."""
    entry = AuditEntry(
        id=new_id(),
        at=AN_INSTANT,
        actor="account:example",
        action="zones.change",
        subject_kind="zone",
        subject_id=new_id(),
        franchise_id=None,
        correlation_id="example-correlation",
        change={"radiusKm": {"from": 5.0, "to": 7.25}, "names": ["Süd", None, True], "count": 3},
    )
    return replace(entry, **changes)
