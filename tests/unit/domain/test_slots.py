"""Slots: the two guards, "overlap in absolute time, or an equal local date and timeslot"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from muster.domain.sessions import PlannedSession, SessionMode
from muster.domain.slots import Slot, SlotState, collides, conflicting_numbers

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def session(number: int, begins: datetime, on: date, at: str) -> PlannedSession:
    return PlannedSession(
        number, SessionMode.OFFLINE, on, at, "UTC", begins, begins + timedelta(minutes=40),
        time_adjusted=False, movable=False,
    )  # fmt: skip


def slot(begins: datetime, on: date, at: str) -> Slot:
    return Slot(
        UUID(int=1), UUID(int=2), SlotState.BOOKED, on, at, "UTC", begins,
        begins + timedelta(minutes=40),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "overlap"), [(-41, False), (-40, False), (-39, True), (0, True), (39, True),
                             (40, False), (41, False)]
)  # fmt: skip
def test_the_end_of_a_slot_is_exclusive(minutes: int, overlap: bool) -> None:
    planned = session(1, NOON + timedelta(minutes=minutes), NOON.date(), "another")
    assert collides(slot(NOON, NOON.date(), "12:00"), planned) is overlap


def test_an_equal_local_date_and_timeslot_collides_though_the_instants_do_not_meet() -> None:
    tokyo = session(1, NOON - timedelta(hours=9), NOON.date(), "12:00")
    assert collides(slot(NOON, NOON.date(), "12:00"), tokyo)


@pytest.mark.parametrize(("day", "at"), [(2, "12:00"), (1, "12:01")])
def test_the_local_guard_needs_both_date_and_timeslot(day: int, at: str) -> None:
    elsewhere = session(1, NOON - timedelta(hours=9), date(2026, 6, day), at)
    assert not collides(slot(NOON, NOON.date(), "12:00"), elsewhere)


def test_conflicting_numbers_are_told_once_and_ascending() -> None:
    days = [NOON + timedelta(days=day) for day in (3, 1, 2)]
    sessions = [
        session(number, begins, begins.date(), "12:00")
        for number, begins in zip((3, 1, 2), days, strict=True)
    ]
    held = [slot(days[0], days[0].date(), "12:00"), slot(days[1], days[1].date(), "12:00")]
    assert conflicting_numbers((one for one in held * 2), sessions) == (1, 3)


def test_no_slot_no_conflict() -> None:
    assert conflicting_numbers([], [session(1, NOON, NOON.date(), "12:00")]) == ()
