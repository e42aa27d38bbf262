"""The memory store: what is committed, for one app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from uuid import UUID

from msgspec import Struct

from muster.domain.audit_chain import Seal
from muster.domain.blocks import TrainerBlock
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.certificates import Certificate
from muster.domain.franchises import Franchise
from muster.domain.names import fold_name
from muster.domain.receipts import Receipt
from muster.domain.slots import Slot
from muster.domain.zones import Zone
from muster.ports.certificate_documents import CertificateDocument
from muster.ports.event_replays import EventRange, Replay
from muster.ports.jobs import LIVE_STATES, JobRecord
from muster.ports.journal import AuditEntry, RecordedEvent
from muster.ports.snapshot_store import Snapshot
from muster.ports.trainer_directory import TrainerQuestion
from muster_memory.locks import LockTable
from muster_memory.table import Table

__all__ = [
    "MemoryStore",
    "StoredBlock",
    "StoredBooking",
    "StoredDelivery",
    "StoredJob",
    "StoredReplay",
    "StoredSlot",
    "booking_of_slot",
    "in_force_key",
    "line_of",
    "live_job_key",
    "running_replay_key",
]


class StoredBooking(Struct, frozen=True):
    """A booking and the fingerprint of the request that made it."""

    booking: Booking
    fingerprint: bytes


class StoredSlot(Struct, frozen=True):
    """A slot and whether it still claims its time."""

    slot: Slot
    live: bool


class StoredBlock(Struct, frozen=True):
    """A block and whether it was removed."""

    block: TrainerBlock
    removed: bool = False


class StoredDelivery(Struct, frozen=True):
    """An event that a subscriber has not heard yet.

    Attributes:
        recorded: The event.
        attempts: How often somebody has claimed it.
        due_at: From when on it may be claimed; ``None`` is at once.
        error: Why the last attempt failed.
        parked: Whether it is not tried again.
    """

    recorded: RecordedEvent
    attempts: int = 0
    due_at: datetime | None = None
    error: str | None = None
    parked: bool = False


class StoredReplay(Struct, frozen=True):
    """A range of events that a subscriber is told of once more, until it is told.

    Attributes:
        replay: As it is shown.
        due_at: From when on it may be claimed; ``None`` is at once.
    """

    replay: Replay
    due_at: datetime | None = None


class StoredJob(Struct, frozen=True):
    """A job, and who has it.

    Attributes:
        record: As it is shown.
        lease: How often it was taken.
        leased_until: UTC instant up to which it is its worker's; ``None`` unless it runs.
        asked_again_by: Correlation id of whoever asked for it while it ran.
        asked_patiently: Whether all of those let it go on to its end.
        trace_context: Of whoever asked first, or last while it ran.
    """

    record: JobRecord
    lease: int = 0
    leased_until: datetime | None = None
    asked_again_by: str | None = None
    asked_patiently: bool = False
    trace_context: str | None = None


class MemoryStore:
    """Everything that is committed, and the locks of those who are changing it.

    Attributes:
        sessions: The booking of each session, by the session's id.
        positions: Of each event, by its id; from 1 in the order of their commits.
        deliveries: What each subscriber has not heard yet, by its name and the event's id.
        tried: When a question was asked anew in vain, of those that have a snapshot.
        ticks: The last instant of each schedule that was claimed.
        seals: Of audit entries, by the entry's id, in the order in which they were sealed.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.franchises: Table[Franchise] = Table(name=_franchise_name)
        self.zones: Table[Zone] = Table(name=_zone_name)
        self.bookings: Table[StoredBooking] = Table(
            reference=_reference_of,
            line=lambda row: line_of(row.booking),
            zone=lambda row: row.booking.zone_id,
        )
        self.sessions: Table[UUID] = Table()
        self.slots: Table[StoredSlot] = Table(
            trainer=lambda row: row.slot.trainer_id if row.live else None,
            session=lambda row: row.slot.session_id if row.live else None,
            block=lambda row: row.slot.block_id if row.live else None,
        )
        self.blocks: Table[StoredBlock] = Table(trainer=lambda row: row.block.trainer_id)
        self.receipts: Table[Receipt] = Table(booking=lambda receipt: receipt.booking_id)
        self.certificates: Table[Certificate] = Table(
            number=lambda row: row.number,
            booking=lambda row: row.booking_id,
            student=lambda row: row.student_id,
            in_force=in_force_key,
        )
        self.documents: dict[UUID, CertificateDocument] = {}
        self.events: Table[RecordedEvent] = Table()
        self.positions: dict[UUID, int] = {}
        self._next_positions = count(1)
        self.deliveries: dict[tuple[str, UUID], StoredDelivery] = {}
        self.replays: Table[StoredReplay] = Table(running=running_replay_key)
        self.jobs: Table[StoredJob] = Table(
            live=live_job_key, type=lambda row: row.record.type, state=lambda row: row.record.state
        )
        self.ticks: dict[str, datetime] = {}
        self.audit: Table[AuditEntry] = Table()
        self.seals: dict[UUID, Seal] = {}
        self.snapshots: dict[TrainerQuestion, Snapshot] = {}
        self.tried: dict[TrainerQuestion, datetime] = {}
        self.keys: dict[str, bytes] = {}
        self.locks = LockTable()

    def number(self, event_ids: Iterable[UUID]) -> None:
        """Give events that are committed their positions, in this order."""
        self.positions.update((one, next(self._next_positions)) for one in event_ids)


def live_job_key(stored: StoredJob) -> tuple[str, str] | None:
    """Return the type and key that a live job keeps others from having, if it does."""
    record = stored.record
    if record.unique_key is None or record.state not in LIVE_STATES:
        return None
    return record.type, record.unique_key


def running_replay_key(stored: StoredReplay) -> tuple[str, EventRange]:
    """Return whom and what a replay tells, which no other may meanwhile."""
    order = stored.replay.order
    return order.subscriber, order.wanted


def line_of(booking: Booking) -> tuple[UUID, UUID] | None:
    """Return the zone and course in whose line a booking waits, if it does."""
    if booking.status is not BookingStatus.WAITLISTED or booking.zone is None:
        return None
    return booking.zone.id, booking.purchase.course_id


def in_force_key(certificate: Certificate) -> tuple[UUID, UUID] | None:
    """Return the booking and student for whom a certificate is in force, if it is."""
    return (certificate.booking_id, certificate.student_id) if certificate.in_force else None


def _franchise_name(franchise: Franchise) -> str:
    return fold_name(franchise.name)


def _zone_name(zone: Zone) -> tuple[UUID | None, str]:
    return zone.franchise_id, fold_name(zone.name)


def _reference_of(row: StoredBooking) -> tuple[str, UUID | None] | None:
    reference = row.booking.purchase.booking_reference
    return None if reference is None else (reference, row.booking.client_id)


def booking_of_slot(slot: Slot, store: MemoryStore) -> Booking | None:
    """Return the committed booking whose session a slot serves; ``None`` where it is blocked."""
    stored = None if slot.booking_id is None else store.bookings.get(slot.booking_id)
    return None if stored is None else stored.booking
