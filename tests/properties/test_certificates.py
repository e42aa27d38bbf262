"""Who has earned a certificate, and what may become of one."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.certificate_names import NameDisplay, displayed_name, initials_of
from muster.domain.certificates import (
    Certificate,
    CertificateStatus,
    day_of_issue,
    has_earned,
    issued,
    restored,
    revoked,
    students_to_certify,
    successor_of,
    superseded,
    suspended,
)
from muster.domain.errors import IllegalState
from muster.domain.sessions import Session, SessionStatus
from muster.testing.example_certificates import a_certificate, a_completed_booking
from muster.testing.examples import AN_INSTANT, a_booking, a_purchase, a_zone, new_id, sessions_for

ZONE = a_zone()
VALID, SUSPENDED = CertificateStatus.VALID, CertificateStatus.SUSPENDED
REVOKED, SUPERSEDED = CertificateStatus.REVOKED, CertificateStatus.SUPERSEDED


@st.composite
def courses(draw: st.DrawFn) -> Booking:
    """Bookings of any length: few sessions not completed, some of them replaced."""
    total = draw(st.sampled_from([10, 20, 30, 30, 30]))
    purchase = a_purchase(total_sessions=total)
    sessions: list[Session] = []
    for session in sessions_for(purchase, ZONE.time_zone, SessionStatus.COMPLETED, new_id()):
        fate = draw(st.integers(0, 60))
        if fate == 0:
            others = [one for one in SessionStatus if one is not SessionStatus.REPLACED]
            sessions.append(replace(session, status=draw(st.sampled_from(others))))
        elif fate < 4:
            sessions.append(replace(session, status=SessionStatus.REPLACED))
            sessions.append(replace(session, id=new_id()))
        else:
            sessions.append(session)
    return a_booking(ZONE, purchase=purchase, trainer_id=new_id(), sessions=tuple(sessions))


@given(courses())
def test_a_certificate_is_earned_by_30_completions(booking: Booking) -> None:
    """Each number from 1 to 30, "not counting `REPLACED` ones", is completed."""
    standing = Counter(
        (one.plan.number, one.status)
        for one in booking.sessions
        if one.status is not SessionStatus.REPLACED
    )
    every = {(number, SessionStatus.COMPLETED): 1 for number in range(1, 31)}
    assert has_earned(booking) == (standing == Counter(every))


@pytest.mark.parametrize("count", [10, 20])
def test_shorter_courses_earn_none(count: int) -> None:
    """ "Bookings of 10 or 20 sessions earn none"."""
    purchase = a_purchase(total_sessions=count)
    sessions = sessions_for(purchase, ZONE.time_zone, SessionStatus.COMPLETED, new_id())
    assert not has_earned(a_booking(ZONE, purchase=purchase, sessions=sessions))


@pytest.mark.parametrize("certified", [(), (0,), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("status", CertificateStatus)
def test_each_student_is_certified_once(
    certified: tuple[int, ...], status: CertificateStatus
) -> None:
    """Whatever has become of it: "revoking is final", and a re-issue is asked for."""
    booking = a_completed_booking(ZONE, "Asha", "Bela", "Chitra")
    students = booking.purchase.students
    known = [a_certificate(booking, students[place], status=status) for place in certified]
    expected = tuple(one for place, one in enumerate(students) if place not in certified)
    assert students_to_certify(booking, known) == expected


@pytest.mark.parametrize(
    ("time_zone", "instant", "day"),
    [
        ("Asia/Kolkata", datetime(2027, 2, 28, 18, 29, tzinfo=UTC), date(2027, 2, 28)),
        ("Asia/Kolkata", datetime(2027, 2, 28, 18, 30, tzinfo=UTC), date(2027, 3, 1)),
        ("Pacific/Kiritimati", datetime(2027, 12, 31, 10, 0, tzinfo=UTC), date(2028, 1, 1)),
        ("America/Los_Angeles", datetime(2027, 1, 1, 7, 59, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_it_is_issued_on_the_day_of_the_place(time_zone: str, instant: datetime, day: date) -> None:
    booking = a_completed_booking(a_zone(time_zone=time_zone))
    assert day_of_issue(booking, instant) == day
    student = booking.purchase.students[0]
    assert issued(booking, student, new_id(), instant, "CERT").issued_on == day


def test_without_a_zone_there_is_no_day_of_issue() -> None:
    with pytest.raises(IllegalState):
        day_of_issue(a_booking(None), AN_INSTANT)


def test_it_says_what_the_booking_says() -> None:
    franchise = new_id()
    booking = a_completed_booking(a_zone(franchise_id=franchise), "Asha", "Bela")
    asha, bela = (a_certificate(booking, one) for one in booking.purchase.students)
    assert (asha.course_id, asha.franchise_id) == (booking.purchase.course_id, franchise)
    assert (asha.booking_id, asha.status, asha.version) == (booking.id, VALID, 1)
    assert asha.number != bela.number


STEPS = st.lists(
    st.one_of(
        st.sampled_from([("void", 0), ("restore", 0)]),
        st.tuples(st.sampled_from(["revoke", "reissue"]), st.integers(0, 4)),
    ),
    max_size=12,
)


@given(STEPS)
def test_a_life_of_certificates(steps: list[tuple[str, int]]) -> None:
    """Any commands in any order, against what the law says of each state in words."""
    whole = a_completed_booking(ZONE, "Asha", "Bela")
    voided = replace(
        whole,
        sessions=(replace(whole.sessions[0], status=SessionStatus.VOIDED), *whole.sessions[1:]),
    )
    booking, now = whole, AN_INSTANT
    all_: list[Certificate] = [a_certificate(whole, one) for one in whole.purchase.students]
    model = ["VALID", "VALID"]
    followed: dict[int, int] = {}
    for step, place in steps:
        now += timedelta(minutes=1)
        if step == "void":
            booking = voided
            put(all_, suspended(all_, now))
            model = ["SUSPENDED" if one == "VALID" else one for one in model]
        elif step == "restore":
            booking = whole
            put(all_, restored(booking, all_, now))
            model = ["VALID" if one == "SUSPENDED" else one for one in model]
        elif place < len(all_) and step == "revoke":
            if model[place] == "SUPERSEDED":
                with pytest.raises(IllegalState):
                    revoked(all_[place], "again", now)
                continue
            after = revoked(all_[place], f"at {now}", now)
            assert (after is all_[place]) == (model[place] == "REVOKED")
            all_[place] = after
            model[place] = "REVOKED"
        elif place < len(all_):
            if place in followed:
                with pytest.raises(IllegalState):
                    superseded(all_[place], new_id(), now)
                continue
            followed[place] = len(all_)
            id_, number = new_id(), a_certificate(whole).number
            successor = successor_of(all_[place], booking, id_, "Torn.", now, number)
            all_[place] = superseded(all_[place], id_, now)
            all_.append(successor)
            if model[place] != "REVOKED":
                model[place] = "SUPERSEDED"
            model.append("VALID" if booking is whole else "SUSPENDED")
        assert [one.status.value for one in all_] == model
        assert_consistent(all_, followed)


def put(certificates: list[Certificate], changed: tuple[Certificate, ...]) -> None:
    by_id = {one.id: one for one in changed}
    for place, before in enumerate(certificates):
        after = by_id.pop(before.id, before)
        assert after is before or after.version == before.version + 1
        certificates[place] = after
    assert not by_id


def assert_consistent(certificates: list[Certificate], followed: dict[int, int]) -> None:
    """ "At most one certificate in force for each (booking, student)", and true links."""
    in_force = Counter(one.student_id for one in certificates if one.in_force)
    assert set(in_force.values()) <= {1}
    assert len({one.number for one in certificates}) == len(certificates)
    assert {place: certificates[after].id for place, after in followed.items()} == {
        place: one.superseded_by for place, one in enumerate(certificates) if one.superseded_by
    }
    for place, after in followed.items():
        assert certificates[after].supersedes == certificates[place].id
        assert certificates[after].student_id == certificates[place].student_id
        assert certificates[after].student_name == certificates[place].student_name
    for one in certificates:
        assert (one.revocation_reason is not None) == (one.status is REVOKED)
        assert (one.reissue_reason is not None) == (one.supersedes is not None)


def test_a_completion_that_is_missing_restores_nothing() -> None:
    booking = a_completed_booking(ZONE)
    voided = replace(
        booking,
        sessions=(*booking.sessions[1:], replace(booking.sessions[0], status=SessionStatus.VOIDED)),
    )
    waiting = a_certificate(booking, status=SUSPENDED)
    assert restored(voided, [waiting], AN_INSTANT) == ()
    (again,) = restored(booking, [waiting], AN_INSTANT)
    assert (again.status, again.version) == (VALID, 2)


ASCII_NAMES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="_"), max_size=40
)


@given(ASCII_NAMES)
def test_initials_are_the_first_letter_of_each_word(name: str) -> None:
    letters = re.findall(r"(?:^|(?<=\s))[^\w\s]*(\w)", name, re.ASCII)
    assert initials_of(name) == (". ".join(letters) + "." if letters else None)


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Asha Rao", "A. R."),
        ("  asha\u00a0 rao ", "a. r."),
        ("“Asha” O'Neill-Brown", "A. O."),
        ("Élodie", "É."),
        ("E\u0301lodie", "É."),
        ("नारायणी देवी", "ना. दे."),
        ("王小明", "王."),
        ("-- ?", None),
        ("", None),
    ],
)
def test_initials_of_real_names(name: str, initials: str | None) -> None:
    assert initials_of(name) == initials


@given(st.text(max_size=60))
def test_initials_hide_the_rest_of_every_word(name: str) -> None:
    shown = initials_of(name)
    assert shown is None or len(shown.split()) <= max(1, len(name))
    assert displayed_name(name, NameDisplay.INITIALS) == shown
    assert displayed_name(name, NameDisplay.HIDDEN) is None
    assert displayed_name(name, NameDisplay.FULL) == name


def test_no_state_is_forgotten() -> None:
    """Each state is in force, or is not; the database's unique index says the same."""
    booking = a_completed_booking(ZONE)
    in_force = {one for one in CertificateStatus if a_certificate(booking, status=one).in_force}
    assert in_force == {VALID, SUSPENDED}
    assert set(CertificateStatus) - in_force == {REVOKED, SUPERSEDED}
