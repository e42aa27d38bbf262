"""Every use case of the core, made from the ports."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from muster.application.booking_changes import BookingLedger
from muster.application.cancel_booking import CancelsBooking
from muster.application.certificates import (
    CertificateIssuance,
    IssuesCertificates,
    ReissuesCertificate,
    RevokesCertificate,
)
from muster.application.claims import ClaimDesk
from muster.application.franchises import (
    CreatesFranchise,
    EditsFranchise,
    GetsFranchise,
    ListsFranchises,
)
from muster.application.get_certificate import GetsCertificate
from muster.application.identifiers import Identifiers
from muster.application.later_placement import LaterPlacements
from muster.application.make_up_session import MakesUpSession
from muster.application.move_session import ReschedulesSession
from muster.application.offers import OffersStranded
from muster.application.place_booking import PlacesBooking
from muster.application.placement import AssignmentRules, PlacementDesk
from muster.application.preview_block import PreviewsBlock
from muster.application.preview_booking import PreviewsBooking
from muster.application.preview_zone import PreviewsZoneChange
from muster.application.read_audit import ListsAuditEntries
from muster.application.read_bookings import (
    GetsBooking,
    GetsHistory,
    GetsReceipts,
    GetsSchedule,
    ListsBookings,
)
from muster.application.read_calendars import GetsTrainerCalendar
from muster.application.read_certificates import (
    Issuer,
    ListsBookingCertificates,
    ListsStudentCertificates,
    VerifiesCertificate,
)
from muster.application.reassign_booking import ReassignsBooking
from muster.application.replay_events import ReplaysEvents
from muster.application.retry_booking import RetriesBooking, ShowsLines, ShowsWaitlist
from muster.application.service_demand import ListsDemand
from muster.application.session_outcomes import (
    CancelsSession,
    CompletesSession,
    MarksNoShow,
    RestoresSession,
    VoidsSession,
)
from muster.application.swap_trainers import SwapsTrainers
from muster.application.trainer_blocks import BlocksTrainer, ListsBlocks, UnblocksTrainer
from muster.application.use_case import CommandCase, QueryCase
from muster.application.zone_availability import FindsFreeStarts
from muster.application.zones import (
    ArchivesZone,
    CreatesZone,
    EditsZone,
    GetsZone,
    ListsZones,
    LooksUpZone,
)
from muster.ports.audit import AuditReader
from muster.ports.blocks import BlockReader
from muster.ports.bookings import BookingReader
from muster.ports.calendars import CalendarReader
from muster.ports.certificates import CertificateReader
from muster.ports.clock import Clock
from muster.ports.demand import DemandReader
from muster.ports.entropy import Entropy
from muster.ports.event_replays import EventReplays
from muster.ports.franchises import FranchiseReader
from muster.ports.schedule import ScheduleReader
from muster.ports.trainer_directory import TrainerDirectory
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster.ports.zones import ZoneLocator, ZoneReader

__all__ = ["CorePorts", "core_cases"]


class CorePorts(Struct, frozen=True):
    """The ports that the core's use cases stand on."""

    clock: Clock
    entropy: Entropy
    units: UnitOfWorkFactory
    franchises: FranchiseReader
    zones: ZoneReader
    locator: ZoneLocator
    bookings: BookingReader
    blocks: BlockReader
    schedule: ScheduleReader
    calendars: CalendarReader
    certificates: CertificateReader
    demand: DemandReader
    audit: AuditReader
    directory: TrainerDirectory
    replays: EventReplays


def core_cases(
    ports: CorePorts,
    rules: AssignmentRules,
    company: Issuer,
    subscribers: Collection[str] = (),
) -> tuple[CommandCase[Any, Any] | QueryCase[Any], ...]:
    """Return the use cases of the core.

    Args:
        ports: What they stand on.
        rules: By which trainers are assigned.
        company: What its certificates show.
        subscribers: Who is told of events, as ``plugin/subscriber``.
    """
    identifiers = Identifiers(ports.clock, ports.entropy)
    ledger = BookingLedger(identifiers)
    desk = PlacementDesk(ports.clock, ports.locator, ports.directory, rules)
    claims = ClaimDesk(identifiers)
    blocks = BlocksTrainer(ledger, identifiers)
    placements = LaterPlacements(desk, ports.locator, claims)
    issuance = CertificateIssuance(identifiers, ports.entropy)
    return (
        CreatesFranchise(identifiers),
        EditsFranchise(),
        GetsFranchise(ports.franchises),
        ListsFranchises(ports.franchises),
        CreatesZone(identifiers),
        EditsZone(),
        ArchivesZone(),
        PreviewsZoneChange(ports.units, ports.locator, ports.clock),
        GetsZone(ports.zones),
        ListsZones(ports.zones),
        LooksUpZone(ports.locator),
        FindsFreeStarts(ports.clock, ports.zones, ports.schedule, ports.directory),
        ListsDemand(ports.demand),
        ReplaysEvents(ports.replays, identifiers, subscribers),
        PlacesBooking(desk, ports.bookings, identifiers),
        PreviewsBooking(desk, ports.units),
        CancelsBooking(ledger),
        RetriesBooking(desk, claims, ports.bookings, ledger),
        ShowsWaitlist(ports.bookings),
        ShowsLines(ports.bookings),
        ReassignsBooking(placements, ports.bookings, ledger),
        SwapsTrainers(placements, ports.bookings, ledger),
        OffersStranded(placements, ports.bookings, ledger),
        CompletesSession(ledger),
        MarksNoShow(ledger),
        CancelsSession(ledger),
        VoidsSession(ledger),
        RestoresSession(ledger),
        ReschedulesSession(placements, ports.bookings, ledger),
        MakesUpSession(placements, ports.bookings, ledger, identifiers),
        blocks,
        PreviewsBlock(blocks, ports.units, ports.clock, placements, ports.schedule),
        UnblocksTrainer(),
        ListsBlocks(ports.blocks),
        GetsBooking(ports.bookings),
        ListsBookings(ports.bookings),
        GetsReceipts(ports.bookings),
        GetsHistory(ports.bookings),
        GetsSchedule(ports.schedule),
        GetsTrainerCalendar(ports.calendars, ports.clock),
        IssuesCertificates(issuance),
        RevokesCertificate(),
        ReissuesCertificate(issuance),
        VerifiesCertificate(ports.certificates, ports.franchises, company),
        GetsCertificate(ports.certificates, ports.bookings, ports.franchises, company),
        ListsBookingCertificates(ports.certificates, ports.bookings),
        ListsStudentCertificates(ports.certificates),
        ListsAuditEntries(ports.audit),
    )
