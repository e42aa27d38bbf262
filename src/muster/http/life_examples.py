"""Examples of what happens after a booking was placed, as the API pages show them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.domain.bookings import BookingStatus
from muster.domain.receipts import ReceiptKind
from muster.domain.sessions import SessionStatus
from muster.domain.zone_impact import LeftBehindReason
from muster.http.shapes.blocks import (
    BlockedShape,
    BlockPreviewShape,
    BlockShape,
    NewBlock,
    Period,
    StrandedShape,
)
from muster.http.shapes.bookings import BookingShape, SessionShape
from muster.http.shapes.changes import (
    HistoryEntryShape,
    ImpactShape,
    MoveShape,
    SessionChangeShape,
    SessionMarkShape,
)
from muster.http.shapes.commands import (
    HandOver,
    LineToPromote,
    MakeUp,
    Motive,
    NewTime,
    StatedReason,
    Swap,
)
from muster.http.shapes.common import Listing, Nothing, PageShape
from muster.http.shapes.zone_previews import (
    ArchiveRequest,
    LeftBehindShape,
    PromotedShape,
    ServingZoneShape,
    ZonePreviewShape,
)
from muster.http.shapes.zones import ZonePatch, ZoneShape

__all__ = ["life_examples"]

_AT = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
_OTHER_BOOKING_ID = UUID("019aa4c1-7c00-7000-8000-00000000b002")
_OTHER_ZONE_ID = UUID("019aa4c1-7c00-7000-8000-00000000a002")
_BLOCK_ID = UUID("019aa4c1-7c00-7000-8000-00000000bb01")
_OTHER_TRAINER_ID = UUID("7f9c2ba4-e88f-4275-9d6c-c9cbb4a10002")


def life_examples(
    booking: BookingShape, zone: ZoneShape, whole: PageShape
) -> dict[str, tuple[Struct, Struct | None]]:
    """Return answer and request of each operation, by operation id.

    Args:
        booking: An assigned booking of one shown session.
        zone: Its zone.
        whole: The page of a list that is short by its nature.
    """
    (session,) = booking.sessions
    return {
        **_sessions(booking, session),
        **_booking_changes(booking, session, whole),
        **_blocks(booking, session, whole),
        **_zones(booking, zone),
    }


def _sessions(
    booking: BookingShape, session: SessionShape
) -> dict[str, tuple[Struct, Struct | None]]:
    def with_status(status: SessionStatus, version: int = 2) -> BookingShape:
        return replace(booking, version=version, sessions=[replace(session, status=status)])

    later = replace(
        session,
        local_date=date(2026, 12, 12),
        local_time="11:00",
        starts_at=datetime(2026, 12, 12, 5, 30, tzinfo=UTC),
        ends_at=datetime(2026, 12, 12, 6, 10, tzinfo=UTC),
    )
    return {
        "completeSession": (with_status(SessionStatus.COMPLETED), Motive()),
        "markNoShow": (with_status(SessionStatus.NO_SHOW), Motive("Nobody opened the door.")),
        "cancelSession": (with_status(SessionStatus.CANCELLED), Motive("A family feast.")),
        "voidSession": (
            with_status(SessionStatus.VOIDED, 3),
            StatedReason("It was entered for the wrong child."),
        ),
        "restoreSession": (with_status(SessionStatus.COMPLETED, 4), Motive()),
        "rescheduleSession": (
            replace(booking, version=2, sessions=[later]),
            NewTime(later.local_date, later.local_time, "A doctor's appointment."),
        ),
        "makeUpSession": (
            replace(
                booking,
                version=3,
                sessions=[replace(session, status=SessionStatus.REPLACED), later],
            ),
            MakeUp(later.local_date, later.local_time),
        ),
    }


def _booking_changes(
    booking: BookingShape, session: SessionShape, whole: PageShape
) -> dict[str, tuple[Struct, Struct | None]]:
    other = replace(booking, id=_OTHER_BOOKING_ID, version=2)
    handed = _handed_over(booking, session)
    mark = _mark(session)
    cancelled = _move(booking, session, mark, replace(mark, status=SessionStatus.CANCELLED))
    passed_on = _move(booking, session, mark, replace(mark, trainer_id=_OTHER_TRAINER_ID))
    placed = HistoryEntryShape(
        version=1,
        at=booking.created_at,
        kind=ReceiptKind.PLACE,
        status=BookingStatus.ASSIGNED,
        chosen=booking.trainer_id,
        receipt_id=booking.receipt_id,
        sessions=[],
    )
    held = HistoryEntryShape(
        version=2,
        at=_AT,
        kind=ReceiptKind.COMPLETE,
        status=BookingStatus.ASSIGNED,
        chosen=None,
        receipt_id=UUID("019aa4c1-7c00-7000-8000-00000000c002"),
        sessions=[
            SessionChangeShape(
                session_id=passed_on.session_id,
                number=1,
                before=mark,
                after=replace(mark, status=SessionStatus.COMPLETED),
            )
        ],
    )
    return {
        "getHistory": (Listing([placed, held], whole), None),
        "reassignBooking": (handed, HandOver(reason="The trainer moves away.")),
        "previewReassign": (ImpactShape(1, 1, 1, [passed_on]), HandOver()),
        "previewCancel": (ImpactShape(1, 1, 1, [cancelled]), Motive()),
        "swapTrainers": (Listing([handed, other], whole), Swap(str(_OTHER_BOOKING_ID))),
        "offerStranded": (handed, Nothing()),
        "retryBooking": (replace(booking, version=2), Nothing()),
    }


def _blocks(
    booking: BookingShape, session: SessionShape, whole: PageShape
) -> dict[str, tuple[Struct, Struct | None]]:
    assert booking.trainer_id is not None, "the example is assigned"
    periods = [Period(date(2026, 12, 1), date(2026, 12, 5)), _AFTERNOONS]
    wanted = NewBlock("Asia/Kolkata", periods, "Training abroad")
    block = BlockShape(
        _BLOCK_ID, booking.trainer_id, wanted.time_zone, periods, wanted.reason, booking.created_at
    )
    stranded = replace(session, status=SessionStatus.STRANDED)
    mark = _mark(session)
    move = _move(booking, session, mark, replace(mark, trainer_id=_OTHER_TRAINER_ID))
    return {
        "blockTrainer": (BlockedShape(block, [StrandedShape(booking.id, stranded)]), wanted),
        "previewBlock": (BlockPreviewShape(1, 1, 1, [move], []), wanted),
        "listBlocks": (Listing([block], whole), None),
        "unblockTrainer": (block, None),
    }


def _zones(booking: BookingShape, zone: ZoneShape) -> dict[str, tuple[Struct, Struct | None]]:
    behind = LeftBehindShape(
        booking_id=booking.id,
        status=BookingStatus.ASSIGNED,
        sessions=10,
        reason=LeftBehindReason.NOT_COVERED,
        served_by=ServingZoneShape(_OTHER_ZONE_ID, "Guntur"),
    )
    smaller = replace(zone, radius_km=1.0, version=2)
    return {
        "previewEditZone": (
            ZonePreviewShape(smaller, 10, 1, 1, [behind]),
            ZonePatch(version=1, radius_km=1.0),
        ),
        "previewArchiveZone": (ZonePreviewShape(zone, 10, 1, 1, [behind]), ArchiveRequest()),
        "promoteWaitlist": (
            PromotedShape([replace(booking, version=2)], [_OTHER_BOOKING_ID]),
            LineToPromote(str(booking.course_id)),
        ),
    }


_AFTERNOONS = Period(date(2026, 12, 7), date(2026, 12, 18), "12:00", None)


def _handed_over(booking: BookingShape, session: SessionShape) -> BookingShape:
    return replace(
        booking,
        version=2,
        trainer_id=_OTHER_TRAINER_ID,
        trainer_name="Ravi Kumar",
        sessions=[replace(session, trainer_id=_OTHER_TRAINER_ID)],
        updated_at=booking.updated_at + timedelta(days=1),
    )


def _mark(session: SessionShape) -> SessionMarkShape:
    return SessionMarkShape(
        session.status,
        session.trainer_id,
        session.local_date,
        session.local_time,
        session.time_zone,
        session.starts_at,
    )


def _move(
    booking: BookingShape,
    session: SessionShape,
    before: SessionMarkShape,
    after: SessionMarkShape,
) -> MoveShape:
    assert session.id is not None, "a stored session has an id"
    return MoveShape(booking.id, session.id, session.number, before, after)
