"""An example for every operation, as the API pages show them; built from the shapes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from muster.domain.bookings import BookingStatus, ClassType, DeliveryMode
from muster.domain.certificates import CertificateStatus
from muster.domain.franchises import FranchiseStatus
from muster.domain.ranking import DistanceBand
from muster.domain.receipts import DirectorySource, ReceiptKind
from muster.domain.sessions import SessionMode, SessionStatus
from muster.domain.slots import SlotState
from muster.domain.zone_choice import ZoneRule
from muster.domain.zones import Operator, ZoneStatus
from muster.http.calendar_examples import BOOKING_CALENDAR, TRAINER_CALENDAR
from muster.http.envelope import ErrorBody, ErrorDetail, ErrorEnvelope
from muster.http.life_examples import life_examples
from muster.http.place_examples import place_examples
from muster.http.shapes.audit import AuditEntryShape
from muster.http.shapes.bookings import (
    BookingShape,
    BookingZoneShape,
    ScheduleShape,
    SessionShape,
    SlotShape,
    StudentShape,
)
from muster.http.shapes.certificates import (
    CertificateReason,
    CertificateShape,
    IssuerShape,
    VerifiedShape,
)
from muster.http.shapes.common import Listing, Location, LocationShape, Nothing, PageShape
from muster.http.shapes.event_replays import NewReplay, ReplayShape
from muster.http.shapes.franchises import FranchisePatch, FranchiseShape, NewFranchise
from muster.http.shapes.health import HealthShape, ReadyShape
from muster.http.shapes.purchases import Cancellation, DeliveryModeName, NewBooking, StudentInput
from muster.http.shapes.receipts import (
    CandidateShape,
    DirectoryShape,
    PartsShape,
    PolicyShape,
    PreviewShape,
    ReceiptShape,
    ReceiptZoneShape,
    RefusalShape,
)
from muster.http.shapes.zone_previews import ArchiveRequest
from muster.http.shapes.zones import CoveringZone, LookupShape, NewZone, ZonePatch, ZoneShape

__all__ = ["ERROR_EXAMPLE", "EXAMPLES", "OperationExample"]


class OperationExample(Struct, frozen=True):
    """What is sent and what is answered, in plain JSON values.

    Attributes:
        response: The answer.
        request: The body; ``None`` where none is sent.
    """

    response: Any
    request: Any = None


_NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
_FRANCHISE_ID = UUID("019aa4c1-7c00-7000-8000-00000000f001")
_ZONE_ID = UUID("019aa4c1-7c00-7000-8000-00000000a001")
_BOOKING_ID = UUID("019aa4c1-7c00-7000-8000-00000000b001")
_RECEIPT_ID = UUID("019aa4c1-7c00-7000-8000-00000000c001")
_SESSION_ID = UUID("019aa4c1-7c00-7000-8000-00000000d001")
_SLOT_ID = UUID("019aa4c1-7c00-7000-8000-00000000e001")
_CERTIFICATE_ID = UUID("019aa4c1-7c00-7000-8000-00000000ce01")
_NEW_CERTIFICATE_ID = UUID("019aa4c1-7c00-7000-8000-00000000ce02")
_REPLAY_ID = UUID("019aa4c1-7c00-7000-8000-00000000ee01")
_COURSE_ID = UUID("5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01")
_TRAINER_ID = UUID("7f9c2ba4-e88f-4275-9d6c-c9cbb4a10001")
_OTHER_TRAINER_ID = UUID("7f9c2ba4-e88f-4275-9d6c-c9cbb4a10002")
_STUDENT_ID = UUID("c3a1d1f4-2b8e-4d0f-8a77-1f0a5b9e0001")
_STARTS_AT = datetime(2026, 12, 1, 3, 30, tzinfo=UTC)

_PAGE = PageShape(next_cursor=None, limit=50)
_WHOLE = PageShape(next_cursor=None, limit=200)
_CENTRE = LocationShape(16.5062, 80.648)

_FRANCHISE = FranchiseShape(
    id=_FRANCHISE_ID,
    name="Krishna Learning",
    status=FranchiseStatus.ACTIVE,
    created_at=_NOW,
    updated_at=_NOW,
    time_zone="Asia/Kolkata",
)

_ZONE = ZoneShape(
    id=_ZONE_ID,
    name="Vijayawada",
    franchise_id=None,
    operator=Operator.COMPANY,
    centre=_CENTRE,
    radius_km=12.0,
    time_zone="Asia/Kolkata",
    priority=0,
    status=ZoneStatus.ACTIVE,
    version=1,
    created_at=_NOW,
    updated_at=_NOW,
)

_LOOKUP = LookupShape(
    zone=_ZONE,
    rule=ZoneRule.ONLY_ONE,
    covering=[CoveringZone(_ZONE_ID, "Vijayawada", Operator.COMPANY, 0, 12.0, 1843.2)],
    nearest=None,
)

_NEW_BOOKING = NewBooking(
    course_id=str(_COURSE_ID),
    class_type=ClassType.ONE_ON_ONE,
    total_sessions=10,
    delivery_mode=DeliveryModeName.DAILY,
    start_date=date(2026, 12, 1),
    preferred_time_slot="09:00",
    student_location=Location(16.51, 80.63),
    students=[StudentInput(str(_STUDENT_ID), "Asha Rao", "asha@example.org")],
    booking_reference="order-4711",
)

_SESSION = SessionShape(
    id=_SESSION_ID,
    number=1,
    mode=SessionMode.OFFLINE,
    status=SessionStatus.SCHEDULED,
    local_date=date(2026, 12, 1),
    local_time="09:00",
    time_zone="Asia/Kolkata",
    starts_at=_STARTS_AT,
    ends_at=_STARTS_AT + timedelta(minutes=40),
    time_adjusted=False,
    movable=False,
    trainer_id=_TRAINER_ID,
)

_BOOKING = BookingShape(
    id=_BOOKING_ID,
    booking_reference="order-4711",
    status=BookingStatus.ASSIGNED,
    course_id=_COURSE_ID,
    class_type=ClassType.ONE_ON_ONE,
    total_sessions=10,
    delivery_mode=DeliveryMode.DAILY,
    start_date=date(2026, 12, 1),
    preferred_time_slot="09:00",
    student_location=LocationShape(16.51, 80.63),
    students=[StudentShape(_STUDENT_ID, "Asha Rao", "asha@example.org")],
    zone=BookingZoneShape(_ZONE_ID, "Vijayawada", Operator.COMPANY, None, "Asia/Kolkata"),
    trainer_id=_TRAINER_ID,
    sessions=[_SESSION],
    receipt_id=_RECEIPT_ID,
    version=1,
    created_at=_NOW,
    updated_at=_NOW,
    trainer_name="Meera Nair",
)

_CANDIDATES = [
    CandidateShape(
        trainer_id=_TRAINER_ID,
        eligible=True,
        refusals=[],
        rank=1,
        parts=PartsShape(False, DistanceBand.WITHIN_3_KM, 1240.5, 400),
    ),
    CandidateShape(
        trainer_id=_OTHER_TRAINER_ID,
        eligible=False,
        refusals=[
            RefusalShape(
                "SLOT_CONFLICT", "The trainer's time is already claimed.", {"sessions": [3, 4]}
            )
        ],
        rank=None,
        parts=PartsShape(False, DistanceBand.WITHIN_5_KM, 3977.0, 1200),
    ),
]

_POLICY = PolicyShape("balanced", 1)
_DIRECTORY = DirectoryShape(DirectorySource.LIVE, _NOW, 0.0)

_RECEIPT = ReceiptShape(
    id=_RECEIPT_ID,
    booking_id=_BOOKING_ID,
    kind=ReceiptKind.PLACE,
    version=1,
    status=BookingStatus.ASSIGNED,
    created_at=_NOW,
    policy=_POLICY,
    rules=[PolicyShape("INACTIVE", 1), PolicyShape("SLOT_CONFLICT", 1)],
    directory=_DIRECTORY,
    zone=ReceiptZoneShape(_ZONE_ID, ZoneRule.ONLY_ONE, 1843.2),
    candidates=_CANDIDATES,
    chosen=_TRAINER_ID,
    lost_claims=[],
    sessions=[],
)

_PREVIEW = PreviewShape(
    status=BookingStatus.ASSIGNED,
    zone=_ZONE,
    rule=ZoneRule.ONLY_ONE,
    sessions=[
        msgspec.structs.replace(_SESSION, id=None, status=SessionStatus.PLANNED, trainer_id=None)
    ],
    candidates=_CANDIDATES,
    policy=_POLICY,
    directory=_DIRECTORY,
)

_SCHEDULE = ScheduleShape(
    trainer_id=_TRAINER_ID,
    from_=date(2026, 12, 1),
    to=date(2026, 12, 7),
    slots=[
        SlotShape(
            id=_SLOT_ID,
            state=SlotState.BOOKED,
            local_date=date(2026, 12, 1),
            timeslot="09:00",
            time_zone="Asia/Kolkata",
            starts_at=_STARTS_AT,
            ends_at=_STARTS_AT + timedelta(minutes=40),
            booking_id=_BOOKING_ID,
            session_id=_SESSION_ID,
            reason=None,
        )
    ],
)

_CERTIFICATE = CertificateShape(
    id=_CERTIFICATE_ID,
    number="CERT-20270101-V3RS-3DTR-98H6-BCFN-Z",
    status=CertificateStatus.VALID,
    booking_id=_BOOKING_ID,
    student_id=_STUDENT_ID,
    student_name="Asha Rao",
    course_id=_COURSE_ID,
    franchise_id=None,
    issued_on=date(2027, 1, 1),
    revocation_reason=None,
    supersedes=None,
    reissue_reason=None,
    superseded_by=None,
    version=1,
    created_at=_NOW,
    updated_at=_NOW,
)

_VERIFIED = VerifiedShape(
    number=_CERTIFICATE.number,
    status=CertificateStatus.VALID,
    course_id=_COURSE_ID,
    issued_on=_CERTIFICATE.issued_on,
    issuer=IssuerShape(Operator.COMPANY, None, "Muster"),
    student_name="A. R.",
)

_READY = ReadyShape(
    status="ready",
    checks={
        "postgres": {"status": "up", "critical": True, "latencyMs": 0.8},
        "trainerService": {"status": "up", "critical": False, "latencyMs": 3.1},
    },
    timestamp=_NOW,
    version="0.1.0",
)

_AUDIT_ENTRY = AuditEntryShape(
    id=UUID("019aa4c1-7c00-7000-8000-00000000ad01"),
    at=_NOW,
    actor="open-access",
    action="EditZone",
    subject_kind="zone",
    subject_id=_ZONE_ID,
    franchise_id=None,
    address="127.0.0.1",
    correlation_id="019aa4c1-7c00-7000-8000-000000000001",
    change={
        "before": {"radiusKm": 10.0, "version": 1},
        "after": {"radiusKm": 12.0, "version": 2},
    },
)

_SHOWN: dict[str, tuple[Struct | str, Struct | None]] = {
    "createFranchise": (_FRANCHISE, NewFranchise("Krishna Learning", "Asia/Kolkata")),
    "listFranchises": (Listing([_FRANCHISE], _PAGE), None),
    "getFranchise": (_FRANCHISE, None),
    "editFranchise": (_FRANCHISE, FranchisePatch(status=FranchiseStatus.ACTIVE)),
    "createZone": (
        _ZONE,
        NewZone("Vijayawada", Location(16.5062, 80.648), 12.0, "Asia/Kolkata"),
    ),
    "listZones": (Listing([_ZONE], _PAGE), None),
    "lookUpZone": (_LOOKUP, None),
    **place_examples(_ZONE, _COURSE_ID, _DIRECTORY, _PAGE),
    "getZone": (_ZONE, None),
    "editZone": (_ZONE, ZonePatch(version=1, radius_km=12.0)),
    "archiveZone": (
        msgspec.structs.replace(_ZONE, status=ZoneStatus.ARCHIVED, version=2),
        ArchiveRequest(),
    ),
    "placeBooking": (_BOOKING, _NEW_BOOKING),
    "previewBooking": (_PREVIEW, _NEW_BOOKING),
    "listBookings": (Listing([_BOOKING], _PAGE), None),
    "getBooking": (_BOOKING, None),
    "listSessions": (Listing([_SESSION], _WHOLE), None),
    "listReceipts": (Listing([_RECEIPT], _WHOLE), None),
    "cancelBooking": (
        msgspec.structs.replace(_BOOKING, status=BookingStatus.CANCELLED, version=2),
        Cancellation("The family moves away."),
    ),
    "getSchedule": (_SCHEDULE, None),
    "getTrainerCalendar": (TRAINER_CALENDAR, None),
    "getBookingCalendar": (BOOKING_CALENDAR, None),
    "verifyCertificate": (_VERIFIED, None),
    "issueCertificates": (Listing([_CERTIFICATE], _WHOLE), Nothing()),
    "listBookingCertificates": (Listing([_CERTIFICATE], _WHOLE), None),
    "listStudentCertificates": (Listing([_CERTIFICATE], _PAGE), None),
    "revokeCertificate": (
        msgspec.structs.replace(
            _CERTIFICATE,
            status=CertificateStatus.REVOKED,
            revocation_reason="It was obtained by deceit.",
            version=2,
        ),
        CertificateReason("It was obtained by deceit."),
    ),
    "reissueCertificate": (
        msgspec.structs.replace(
            _CERTIFICATE,
            id=_NEW_CERTIFICATE_ID,
            number="CERT-20270101-YAJD-SX5V-K7TB-XABK-Q",
            supersedes=_CERTIFICATE_ID,
            reissue_reason="The name was misspelt.",
        ),
        CertificateReason("The name was misspelt."),
    ),
    "listAuditEntries": (Listing([_AUDIT_ENTRY], _PAGE), None),
    "replayEvents": (
        Listing([ReplayShape(_REPLAY_ID, "mail/notices", 4_000, 4_711, 3_999, _NOW)], _WHOLE),
        NewReplay("mail/notices", from_=_NOW - timedelta(days=1), to=_NOW),
    ),
    **life_examples(_BOOKING, _ZONE, _WHOLE),
    "getHealth": (HealthShape("ok", 12.345, "0.1.0", _NOW), None),
    "getReadiness": (_READY, None),
}

EXAMPLES: dict[str, OperationExample] = {
    operation: OperationExample(
        msgspec.to_builtins(response), None if request is None else msgspec.to_builtins(request)
    )
    for operation, (response, request) in _SHOWN.items()
}
"""By operation id."""

ERROR_EXAMPLE: Any = msgspec.to_builtins(
    ErrorEnvelope(
        ErrorBody(
            code="INVALID_PURCHASE",
            message="The purchase breaks the rules named in details.",
            correlation_id="019aa4c1-7c00-7000-8000-000000000001",
            timestamp=_NOW,
            retryable=False,
            details=[
                ErrorDetail(
                    "totalSessions", "SESSION_COUNT_NOT_SOLD", "Sold are 10, 20 or 30 sessions."
                )
            ],
        )
    )
)
