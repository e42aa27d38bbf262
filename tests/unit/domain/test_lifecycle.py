"""The life of a booking: what cancelling does in each state of it and of its sessions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.domain.bookings import (
    Booking,
    BookingStatus,
    ClassType,
    DeliveryMode,
    Purchase,
    Student,
    ZoneOfBooking,
)
from muster.domain.errors import IllegalState
from muster.domain.geography import Point
from muster.domain.lifecycle import cancelled
from muster.domain.planning import plan_sessions
from muster.domain.sessions import Session, SessionStatus, has_live_slot

MADE = datetime(2026, 5, 1, tzinfo=UTC)
NOW = MADE + timedelta(days=1)
TRAINER = UUID(int=7)

PURCHASE = Purchase(
    UUID(int=1), ClassType.ONE_ON_ONE, 10, DeliveryMode.DAILY, date(2026, 6, 1), "10:00",
    Point(0.0, 0.0), (Student(UUID(int=2), "Ada"),),
)  # fmt: skip


def booking(status: BookingStatus, *sessions: SessionStatus) -> Booking:
    plan = plan_sessions(PURCHASE, "UTC")
    return Booking(
        id=UUID(int=3),
        status=status,
        purchase=PURCHASE,
        zone=ZoneOfBooking(UUID(int=4), "Munich", UUID(int=5), "UTC"),
        nearest_zone=None,
        trainer_id=TRAINER,
        trainer_name="Grace",
        sessions=tuple(
            Session(UUID(int=10 + place), plan[place], state, TRAINER)
            for place, state in enumerate(sessions)
        ),
        receipt_id=None,
        version=4,
        created_at=MADE,
        updated_at=MADE,
    )


CAN_BE_CANCELLED = {
    BookingStatus.ASSIGNED: True,
    BookingStatus.WAITLISTED: True,
    BookingStatus.SERVICE_NOT_AVAILABLE: True,
    BookingStatus.PENDING: True,
    BookingStatus.EXPIRED: False,
    BookingStatus.COMPLETED: False,
}


@pytest.mark.parametrize("status", [one for one, may in CAN_BE_CANCELLED.items() if may])
def test_an_open_booking_is_cancelled_in_whatever_state(status: BookingStatus) -> None:
    before = booking(status, SessionStatus.PLANNED)
    after = cancelled(before, NOW)
    assert after.status is BookingStatus.CANCELLED
    assert (after.version, after.updated_at) == (5, NOW)
    untouched = replace(after, status=status, sessions=before.sessions, version=4, updated_at=MADE)
    assert untouched == before


@pytest.mark.parametrize("status", [one for one, may in CAN_BE_CANCELLED.items() if not may])
def test_a_booking_that_is_over_cannot_be_cancelled(status: BookingStatus) -> None:
    with pytest.raises(IllegalState, match=status.value) as refused:
        cancelled(booking(status), NOW)
    assert refused.value.code == "ILLEGAL_STATE"


def test_cancelling_again_changes_nothing() -> None:
    """ "a command or a retry that changes nothing writes none"."""
    once = cancelled(booking(BookingStatus.ASSIGNED, SessionStatus.SCHEDULED), NOW)
    assert cancelled(once, NOW + timedelta(days=1)) is once


def test_every_state_of_a_booking_is_looked_at() -> None:
    assert {*CAN_BE_CANCELLED, BookingStatus.CANCELLED} == set(BookingStatus)


AFTER_CANCELLING = [
    # The table of the law: "booking cancelled → CANCELLED", "cancel → CANCELLED".
    (SessionStatus.PLANNED, SessionStatus.CANCELLED),
    (SessionStatus.SCHEDULED, SessionStatus.CANCELLED),
    (SessionStatus.STRANDED, SessionStatus.CANCELLED),
    # What was held or is over stays as it is.
    (SessionStatus.COMPLETED, SessionStatus.COMPLETED),
    (SessionStatus.VOIDED, SessionStatus.VOIDED),
    (SessionStatus.NO_SHOW, SessionStatus.NO_SHOW),
    (SessionStatus.CANCELLED, SessionStatus.CANCELLED),
    (SessionStatus.REPLACED, SessionStatus.REPLACED),
]


@pytest.mark.parametrize(("before", "after"), AFTER_CANCELLING)
def test_cancelling_a_booking_cancels_what_was_not_held(
    before: SessionStatus, after: SessionStatus
) -> None:
    whole = booking(BookingStatus.ASSIGNED, *(state for state, _ in AFTER_CANCELLING))
    place = [state for state, _ in AFTER_CANCELLING].index(before)
    session = cancelled(whole, NOW).sessions[place]
    assert session == replace(whole.sessions[place], status=after)


def test_every_state_of_a_session_is_looked_at() -> None:
    assert {before for before, _ in AFTER_CANCELLING} == set(SessionStatus)


@pytest.mark.parametrize(
    ("state", "live"),
    [
        (SessionStatus.PLANNED, False),
        (SessionStatus.SCHEDULED, True),
        (SessionStatus.STRANDED, False),
        (SessionStatus.COMPLETED, True),
        (SessionStatus.VOIDED, True),
        (SessionStatus.NO_SHOW, True),
        (SessionStatus.CANCELLED, False),
    ],
)
def test_which_states_hold_a_live_slot(state: SessionStatus, live: bool) -> None:
    """The column "it has a live slot" of the table."""
    assert has_live_slot(state) is live


def test_a_replaced_session_keeps_what_it_had() -> None:
    """ "`REPLACED` | as before": the state alone cannot tell."""
    with pytest.raises(ValueError, match="keeps what it had"):
        has_live_slot(SessionStatus.REPLACED)


def test_a_booking_knows_the_ground_it_is_on() -> None:
    served = booking(BookingStatus.ASSIGNED)
    assert (served.zone_id, served.franchise_id) == (UUID(int=4), UUID(int=5))
    unserved = replace(served, zone=None)
    assert (unserved.zone_id, unserved.franchise_id) == (None, None)
