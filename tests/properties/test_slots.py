"""Slots against brute force: the minutes that both fill, and the names that both bear."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from muster.domain.sessions import PlannedSession, SessionMode
from muster.domain.slots import Slot, SlotState, collides, conflicting_numbers, rivals_among

MINUTE = timedelta(minutes=1)
ZONES = ["UTC", "Europe/Berlin", "Europe/London", "Asia/Kathmandu", "America/New_York"]


@st.composite
def stretches(draw: st.DrawFn) -> tuple[datetime, date, str, str]:
    """Starts close together, seen on the walls of several zones, on a day of a clock change."""
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC) + draw(st.integers(0, 40)) * 10 * MINUTE
    key = draw(st.sampled_from(ZONES))
    wall = begins.astimezone(ZoneInfo(key))
    return begins, wall.date(), f"{wall:%H:%M}", key


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    begins, day, at, key = draw(stretches())
    length = draw(st.sampled_from([10, 40, 90])) * MINUTE
    state = draw(st.sampled_from(SlotState))
    return Slot(UUID(int=1), UUID(int=2), state, day, at, key, begins, begins + length)


@st.composite
def sessions(draw: st.DrawFn) -> PlannedSession:
    begins, day, at, key = draw(stretches())
    return PlannedSession(
        draw(st.integers(1, 30)), SessionMode.OFFLINE, day, at, key, begins, begins + 40 * MINUTE,
        time_adjusted=False, movable=False,
    )  # fmt: skip


def minutes(begins: datetime, ends: datetime) -> set[float]:
    return set(range(int(begins.timestamp()), int(ends.timestamp()), 60))


def meet(slot: Slot, planned: PlannedSession) -> bool:
    shared = minutes(slot.starts_at, slot.ends_at) & minutes(planned.starts_at, planned.ends_at)
    name_of_slot = f"{slot.local_date} {slot.timeslot}"
    return bool(shared) or name_of_slot == f"{planned.local_date} {planned.local_time}"


@given(slots(), sessions())
def test_collision_is_a_shared_minute_or_an_equal_date_and_timeslot(
    slot: Slot, planned: PlannedSession
) -> None:
    """ "overlap in absolute time, or an equal local date and timeslot, as the two guards say"."""
    assert collides(slot, planned) is meet(slot, planned)


@given(
    st.lists(slots(), max_size=5),
    st.lists(sessions(), max_size=8, unique_by=lambda planned: planned.number),
)
def test_conflicts_are_all_sessions_that_meet_any_slot(
    held: list[Slot], plan: list[PlannedSession]
) -> None:
    """Whatever the order of slots and sessions."""
    expected = [one.number for one in plan if any(meet(slot, one) for slot in held)]
    assert conflicting_numbers(iter(held), iter(plan)) == tuple(sorted(expected))
    assert conflicting_numbers(held[::-1], plan[::-1]) == tuple(sorted(expected))


@given(st.lists(sessions(), max_size=8, unique_by=lambda one: one.number))
def test_rivals_share_a_minute_or_a_date_and_time(planned: list[PlannedSession]) -> None:
    def rival(one: PlannedSession, other: PlannedSession) -> bool:
        shared = minutes(one.starts_at, one.ends_at) & minutes(other.starts_at, other.ends_at)
        return bool(shared) or (one.local_date, one.local_time) == (
            other.local_date,
            other.local_time,
        )

    brute = {
        one.number: {other.number for other in planned if other is not one and rival(one, other)}
        for one in planned
    }
    assert rivals_among(planned) == {number: found for number, found in brute.items() if found}
