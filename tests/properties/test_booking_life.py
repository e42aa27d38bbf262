"""What changes of sessions make of their booking, against the law's own sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations_with_replacement
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.errors import IllegalState
from muster.domain.lifecycle import (
    altered,
    cancelled,
    expired,
    remaining,
    replaced_by_make_up,
    session_of,
    taken_over,
)
from muster.domain.session_changes import (
    SessionChange,
    SessionMark,
    changes_between,
    sessions_let_go,
)
from muster.domain.session_life import LIFE, after_command
from muster.domain.sessions import Session, SessionStatus, has_live_slot
from muster.testing.examples import AN_INSTANT, a_booking, a_purchase, a_zone, new_id

NOW = AN_INSTANT + timedelta(days=10)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
PURCHASE = a_purchase(total_sessions=30)
BOOKING = a_booking(a_zone(), purchase=PURCHASE, trainer_id=new_id(), trainer_name="Grace")
TRAINERS = [new_id() for _ in range(3)]
ENDS = [session.plan.ends_at for session in BOOKING.sessions]

states = st.lists(st.sampled_from(SessionStatus), min_size=1, max_size=6)
at_instants = st.builds(
    lambda place, apart: BOOKING.sessions[place].plan.starts_at + apart,
    st.integers(0, 7),
    st.sampled_from([-MOMENT, timedelta(), MOMENT, timedelta(hours=5), timedelta(days=-30)]),
)


def booking(status: BookingStatus, *of_sessions: SessionStatus) -> Booking:
    """Return a booking whose trainers differ from session to session."""
    sessions = tuple(
        replace(session, status=state, trainer_id=TRAINERS[place % 3])
        for place, (session, state) in enumerate(zip(BOOKING.sessions, of_sessions, strict=False))
    )
    return replace(BOOKING, status=status, sessions=sessions)


def by_law(before: BookingStatus, after: Sequence[SessionStatus]) -> BookingStatus:
    """Return a booking's state by the sentences of the law.

    "A booking is COMPLETED when no session is PLANNED, SCHEDULED or STRANDED and one at
    least is COMPLETED"; "CANCELLED: cancelled by somebody". Only one in its course changes.
    """
    if before.value not in ("ASSIGNED", "COMPLETED"):
        return before
    names = [one.value for one in after]
    if not any(name in ("PLANNED", "SCHEDULED", "STRANDED") for name in names):
        if names.count("COMPLETED") >= 1:
            return BookingStatus.COMPLETED
        if set(names) - {"REPLACED"} == {"CANCELLED"}:
            return BookingStatus.CANCELLED
    return BookingStatus.ASSIGNED


@given(st.sampled_from(BookingStatus), states, st.data())
def test_a_bookings_state_follows_from_its_sessions(
    status: BookingStatus, before: list[SessionStatus], data: st.DataObject
) -> None:
    whole = booking(status, *before)
    chosen = data.draw(st.lists(st.sampled_from(whole.sessions), unique=True))
    changed = [replace(one, status=data.draw(st.sampled_from(SessionStatus))) for one in chosen]
    after = altered(whole, changed, NOW)
    by_id = {one.id: one for one in (*whole.sessions, *changed)}
    assert after.sessions == tuple(by_id[one.id] for one in whole.sessions)
    if after.sessions == whole.sessions:
        assert after is whole
        return
    assert after.status is by_law(status, [one.status for one in after.sessions])
    assert (after.version, after.updated_at) == (whole.version + 1, NOW)
    untouched = {"status": status, "version": whole.version, "updated_at": whole.updated_at}
    assert replace(after, sessions=whole.sessions, **untouched) == whole


@pytest.mark.parametrize("status", BookingStatus)
def test_every_mixture_of_states_makes_the_state_of_the_law(status: BookingStatus) -> None:
    for states_after in combinations_with_replacement(SessionStatus, 3):
        whole = booking(status, *[SessionStatus.SCHEDULED] * 3)
        changed = [
            replace(one, status=state)
            for one, state in zip(whole.sessions, states_after, strict=True)
        ]
        after = altered(whole, changed, NOW)
        expected = status if after is whole else by_law(status, states_after)
        assert after.status is expected, states_after


@given(st.integers(0, 5), st.sampled_from([SessionStatus.NO_SHOW, SessionStatus.CANCELLED]))
def test_a_make_up_stands_beside_what_it_replaces(place: int, missed: SessionStatus) -> None:
    """In order of numbers, then of ids; "a new SCHEDULED one takes its number"."""
    of_sessions = [SessionStatus.COMPLETED] * 6
    of_sessions[place] = missed
    whole = booking(BookingStatus.COMPLETED, *of_sessions)
    over = whole.sessions[place]
    made = Session(new_id(), over.plan, SessionStatus.SCHEDULED, over.trainer_id)
    after = altered(whole, [made, replaced_by_make_up(whole, over, NOW)], NOW)
    assert after.status is BookingStatus.ASSIGNED
    assert [one.id for one in after.sessions[place : place + 2]] == [over.id, made.id]
    assert session_of(after, over.id).status is SessionStatus.REPLACED
    numbers = [
        one.plan.number for one in after.sessions if one.status is not SessionStatus.REPLACED
    ]
    assert numbers == [1, 2, 3, 4, 5, 6]
    held = replace(made, status=SessionStatus.COMPLETED)
    assert altered(after, [held], NOW).status is BookingStatus.COMPLETED


@pytest.mark.parametrize("status", BookingStatus)
@pytest.mark.parametrize("state", SessionStatus)
def test_only_what_was_missed_or_called_off_in_a_course_is_made_up(
    status: BookingStatus, state: SessionStatus
) -> None:
    whole = booking(status, state, SessionStatus.COMPLETED)
    may = status.value in ("ASSIGNED", "COMPLETED") and state.value in ("NO_SHOW", "CANCELLED")
    if may:
        given_away = replaced_by_make_up(whole, whole.sessions[0], NOW)
        assert given_away == replace(whole.sessions[0], status=SessionStatus.REPLACED)
    else:
        with pytest.raises(IllegalState):
            replaced_by_make_up(whole, whole.sessions[0], NOW)


@given(states, st.data())
def test_who_teaches_all_that_is_open_is_the_bookings_trainer(
    before: list[SessionStatus], data: st.DataObject
) -> None:
    whole = booking(BookingStatus.ASSIGNED, *before)
    chosen = data.draw(st.lists(st.sampled_from(whole.sessions), unique=True, min_size=1))
    taker = data.draw(st.sampled_from([*TRAINERS, new_id()]))
    can = ("PLANNED", "SCHEDULED", "STRANDED")
    if any(one.status.value not in can for one in chosen):
        with pytest.raises(IllegalState):
            taken_over(whole, chosen, taker, "Ada", NOW)
        return
    after = taken_over(whole, chosen, taker, "Ada", NOW)
    for one, was in zip(after.sessions, whole.sessions, strict=True):
        taken = replace(was, status=SessionStatus.SCHEDULED, trainer_id=taker)
        assert one == (taken if was in chosen else was)
    if after.sessions == whole.sessions:
        assert after is whole
        return
    everything = all(one.trainer_id == taker for one in after.sessions if one.status.value in can)
    told = (after.trainer_id, after.trainer_name)
    assert told == ((taker, "Ada") if everything else (whole.trainer_id, "Grace"))
    assert after.status is BookingStatus.ASSIGNED
    assert (after.version, after.updated_at) == (whole.version + 1, NOW)


@pytest.mark.parametrize("status", BookingStatus)
@pytest.mark.parametrize("apart", [-30 * DAY, -MOMENT, MOMENT * 0, MOMENT, 30 * DAY])
def test_who_waits_expires_when_the_first_session_would_begin(
    status: BookingStatus, apart: timedelta
) -> None:
    """ "a waiting booking whose first session could no longer begin in time"."""
    whole = booking(status, *[SessionStatus.PLANNED] * 3)
    now = whole.sessions[0].plan.starts_at + apart
    after = expired(whole, now)
    if status.value in ("WAITLISTED", "PENDING") and apart > timedelta():
        assert after.status is BookingStatus.EXPIRED
        assert {one.status for one in after.sessions} == {SessionStatus.CANCELLED}
        assert (after.version, after.updated_at) == (whole.version + 1, now)
    else:
        assert after is whole


@given(states, at_instants)
def test_what_remains_is_with_a_trainer_or_stranded_and_has_not_begun(
    before: list[SessionStatus], now: datetime
) -> None:
    whole = booking(BookingStatus.ASSIGNED, *before)
    assert remaining(whole, now) == tuple(
        one
        for one in whole.sessions
        if one.status.value in ("SCHEDULED", "STRANDED") and not one.plan.starts_at <= now
    )


def test_a_session_is_found_by_its_id_or_not_at_all() -> None:
    whole = booking(BookingStatus.ASSIGNED, *[SessionStatus.SCHEDULED] * 3)
    assert [session_of(whole, one.id) for one in whole.sessions] == list(whole.sessions)
    with pytest.raises(LookupError):
        session_of(whole, whole.id)


def mark(session: Session) -> SessionMark:
    plan = session.plan
    return SessionMark(
        session.status,
        session.trainer_id,
        plan.local_date,
        plan.local_time,
        plan.time_zone,
        plan.starts_at,
    )


@given(states, st.data())
def test_changes_are_the_sessions_that_differ(
    before: list[SessionStatus], data: st.DataObject
) -> None:
    whole = booking(BookingStatus.ASSIGNED, *before)
    after = []
    for session in whole.sessions:
        match data.draw(st.sampled_from(["same", "state", "trainer", "time", "adjusted", "new"])):
            case "state":
                changed = replace(session, status=data.draw(st.sampled_from(SessionStatus)))
            case "trainer":
                changed = replace(session, trainer_id=data.draw(st.sampled_from(TRAINERS)))
            case "time":
                plan = BOOKING.sessions[data.draw(st.integers(0, 29))].plan
                changed = replace(session, plan=replace(plan, number=session.plan.number))
            case "adjusted":
                changed = replace(session, plan=replace(session.plan, time_adjusted=True))
            case "new":
                after.append(session)
                changed = replace(session, id=new_id())
            case _:
                changed = session
        after.append(changed)
    known = {one.id: one for one in whole.sessions}
    assert changes_between(whole, replace(whole, sessions=tuple(after))) == tuple(
        SessionChange(
            one.id, one.plan.number, mark(known[one.id]) if one.id in known else None, mark(one)
        )
        for one in after
        if one not in whole.sessions
    )


@given(st.lists(st.sampled_from(SessionStatus), min_size=1, max_size=6), st.data())
def test_what_is_let_go_is_what_held_a_slot_and_holds_none(
    before: list[SessionStatus], data: st.DataObject
) -> None:
    """Step by step along the law's table; "REPLACED | as before"."""
    whole = booking(BookingStatus.ASSIGNED, *before)
    holding: set[UUID] = {
        one.id
        for one in whole.sessions
        if one.status is not SessionStatus.REPLACED and has_live_slot(one.status)
    }
    for _ in range(4):
        place = data.draw(st.integers(0, len(whole.sessions) - 1))
        session = whole.sessions[place]
        if not LIFE[session.status]:
            continue
        command = data.draw(st.sampled_from(list(LIFE[session.status])))
        changed = after_command(session, command, max(ENDS))
        after = altered(whole, [changed], NOW)
        keeps = session.id in holding
        if changed.status is not SessionStatus.REPLACED:
            keeps = has_live_slot(changed.status)
        let_go = () if keeps or session.id not in holding else (session.id,)
        assert sessions_let_go(whole, after) == let_go
        holding = (holding | {session.id}) if keeps else (holding - {session.id})
        whole = after


@given(states)
def test_a_cancelled_booking_lets_go_of_every_slot_of_what_is_open(
    before: list[SessionStatus],
) -> None:
    whole = booking(BookingStatus.ASSIGNED, *before)
    scheduled = tuple(one.id for one in whole.sessions if one.status is SessionStatus.SCHEDULED)
    assert sessions_let_go(whole, cancelled(whole, NOW)) == scheduled
