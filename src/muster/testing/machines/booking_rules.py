"""Rules about bookings and sessions, each with the preview that goes before it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from msgspec.structs import replace

from muster.application.cancel_booking import CancelBooking
from muster.application.certificates import IssueCertificates
from muster.application.place_booking import PlaceBooking
from muster.application.preview_booking import PreviewBooking
from muster.application.session_outcomes import (
    CancelSession,
    CompleteSession,
    RestoreSession,
    VoidSession,
)
from muster.domain.bookings import Booking, BookingStatus, Purchase
from muster.domain.lifecycle import OPEN_SESSIONS, WAITING
from muster.domain.sessions import SessionStatus
from muster.testing.machines.houses import Outcome
from muster.testing.machines.life import NUMBER, LifeMachine
from muster.testing.machines.places import BARRING, COURSES, Order, orders
from muster.testing.machines.requests import OUTCOMES, among

__all__ = ["MOST_BOOKINGS", "BookingRules"]

MOST_BOOKINGS = 8
"""How many bookings an example places: enough for conflicts, few enough to be quick."""

_CALL_OFF, _TAKE_BACK, _GIVE_BACK = (
    [command for command, _ in OUTCOMES].index(meant)
    for meant in (CancelSession, VoidSession, RestoreSession)
)
_KIND = st.integers(0, len(OUTCOMES) - 1)
_FITTING = st.sampled_from((True, True, True, False))
_DAYS = st.integers(-1, 12)
_BY_DAY = 4
"""How many of the first times are by day; the others cross clock changes and midnight."""


def _has_room(machine: LifeMachine) -> bool:
    return len(machine.state.bookings) < MOST_BOOKINGS


def _has_bookings(machine: LifeMachine) -> bool:
    return bool(machine.state.bookings)


def _in_course(machine: LifeMachine) -> bool:
    return any(one.status is BookingStatus.ASSIGNED for one in machine.state.bookings)


def _missed(machine: LifeMachine) -> bool:
    missed = (SessionStatus.NO_SHOW, SessionStatus.CANCELLED)
    return any(
        session.status in missed for one in machine.state.bookings for session in one.sessions
    )


def _held(machine: LifeMachine) -> bool:
    held = (SessionStatus.COMPLETED, SessionStatus.VOIDED)
    return any(session.status in held for one in machine.state.bookings for session in one.sessions)


def _waiting(machine: LifeMachine) -> bool:
    return any(one.status in WAITING for one in machine.state.bookings)


class BookingRules(LifeMachine):
    """What clients and managers do with bookings."""

    finished = 0

    @precondition(_has_room)
    @rule(order=orders())
    def buy(self, order: Order) -> None:
        """Preview a purchase, then place it: it becomes what the preview said."""
        self._place(self.purchase(order))

    @precondition(_has_room)
    @rule(order=orders(), time=st.integers(0, 1))
    def buy_another(self, order: Order, time: int) -> None:
        """Buy what most others buy, so that trainers' time grows short."""
        self._place(self.purchase(replace(order, terms=0, start=1, time=time, place=0, course=0)))

    @precondition(_has_room)
    @rule(
        order=orders(),
        trainer=NUMBER,
        change=st.sampled_from(BARRING),
        careful=st.sampled_from((False, False, True)),
    )
    def wish_for_barred(self, order: Order, trainer: int, change: int, careful: bool) -> None:
        """Wish for somebody whom the trainer service has just come to say something else of."""
        wished = self.change_trainer_by(trainer, change)
        self.world.roster.available, self.world.roster.careful = True, careful
        purchase = self.purchase(replace(order, terms=order.terms % 5, start=0, place=0))
        self._place(replace(purchase, preferred_trainer_id=wished, excluded_trainer_ids=()))

    @precondition(_has_bookings)
    @rule(booking=NUMBER, changed=st.booleans())
    def buy_again(self, booking: int, changed: bool) -> None:
        """Send a purchase once more, the same or another under the same reference."""
        bought = among(self.state.bookings, booking).purchase
        if bought.booking_reference is None and not _has_room(self):
            return
        other = {"preferred_time_slot": "10:10"} if changed else {}
        outcome = self.send(PlaceBooking(replace(bought, **other)))
        if bought.booking_reference is None:
            return
        if changed and bought.preferred_time_slot != "10:10":
            assert outcome.refusal == ("REFERENCE_CONFLICT",)
        else:
            assert not outcome.answer.created

    @precondition(_has_bookings)
    @rule(booking=NUMBER, certain=st.booleans())
    def cancel(self, booking: int, certain: bool) -> None:
        """Cancel a booking, or only see what that would do."""
        command = self.requests.cancel(booking)
        if certain:
            self.rehearse_and_send(command)
        elif command is not None:
            self.step(self.play.rehearse(command))

    @precondition(_in_course)
    @rule(kind=_KIND, session=NUMBER, fitting=_FITTING)
    def say_what_became(self, kind: int, session: int, fitting: bool) -> None:
        """Complete, miss, cancel, void or restore a session."""
        requests = self.requests
        self.send(
            requests.allowed_outcome(kind, session)
            if fitting
            else requests.outcome(kind, session, fitting)
        )

    @precondition(_in_course)
    @rule(kind=_KIND, session=NUMBER)
    def say_it_twice(self, kind: int, session: int) -> None:
        """Say twice what became of a session: the second time changes nothing."""
        request = self.requests.allowed_outcome(kind, session)
        if request is None:
            return
        first = self.send(request)
        second = self.send(request)
        if first.refusal is None:
            assert second.answer == first.answer, "a second time changed something"

    @precondition(_in_course)
    @rule(session=NUMBER, days=_DAYS, clock=NUMBER, fitting=_FITTING)
    def reschedule(self, session: int, days: int, clock: int, fitting: bool) -> None:
        """Move a session; if it fits, then the next one to a time of the day."""
        self.rehearse_and_send(self.requests.reschedule(session, days, clock, fitting))
        if fitting:
            by_day = clock % _BY_DAY + 1
            later = self.requests.reschedule(session + 1, max(days, 1), by_day, fitting)
            self.rehearse_and_send(later)

    @precondition(_missed)
    @rule(session=NUMBER, days=_DAYS, clock=NUMBER, trainer=NUMBER, fitting=_FITTING)
    def make_up(self, session: int, days: int, clock: int, trainer: int, fitting: bool) -> None:
        """Make up for a session."""
        self.send(self.requests.make_up(session, days, clock, trainer, fitting))

    @precondition(_in_course)
    @rule(session=NUMBER, days=st.integers(1, 12), trainer=st.sampled_from((0, 0, 1, 2)))
    def call_off_and_make_up(self, session: int, days: int, trainer: int) -> None:
        """Call a session off, and hold it after all at its own time on a day to come."""
        self.send(self.requests.outcome(_CALL_OFF, session, fitting=True))
        self.rehearse_and_send(self.requests.make_up(session, days, 0, trainer, fitting=True))

    @precondition(_in_course)
    @rule(booking=NUMBER, session=NUMBER, trainer=NUMBER)
    def reassign_one(self, booking: int, session: int, trainer: int) -> None:
        """Hand one session over, or all."""
        self.rehearse_and_send(self.requests.reassign(booking, session, trainer))

    @precondition(_in_course)
    @rule(booking=NUMBER, trainer=NUMBER)
    def reassign_all(self, booking: int, trainer: int) -> None:
        """Hand over all that remains of a booking."""
        self.rehearse_and_send(self.requests.reassign(booking, 0, trainer))

    @precondition(_in_course)
    @rule(booking=NUMBER, other=NUMBER, fitting=_FITTING)
    def swap(self, booking: int, other: int, fitting: bool) -> None:
        """Swap the trainers of two bookings; if they fit, then those of two more."""
        self.rehearse_and_send(self.requests.swap(booking, other, fitting))
        if fitting:
            self.rehearse_and_send(self.requests.swap(other, booking, fitting))

    @precondition(_waiting)
    @rule(booking=NUMBER, fitting=_FITTING)
    def retry(self, booking: int, fitting: bool) -> None:
        """Try a waiting booking again."""
        self.send(self.requests.retry(booking, fitting))

    @precondition(_held)
    @rule(session=NUMBER, restored=st.booleans())
    def take_back(self, session: int, restored: bool) -> None:
        """Void a completion, and perhaps restore it."""
        self.rehearse_and_send(self.requests.outcome(_TAKE_BACK, session, fitting=True))
        if restored:
            self.rehearse_and_send(self.requests.outcome(_GIVE_BACK, session, fitting=True))

    @precondition(_waiting)
    @rule(zone=NUMBER, course=NUMBER, everybody=st.booleans())
    def promote(self, zone: int, course: int, everybody: bool) -> None:
        """Promote a line; one in which somebody waits, if there is one.

        Perhaps everybody teaches for the operator of its zone by then.
        """
        lines = list(self.state.lines) or [
            (among(self.state.zones, zone).id, among(COURSES, course))
        ]
        line = among(lines, zone)
        if everybody:
            (where,) = (one for one in self.state.zones if one.id == line[0])
            self.trainers_come(where.franchise_id)
        self.step(self.play.promote(line))

    @precondition(lambda machine: _waiting(machine) and _in_course(machine))
    @rule(booking=NUMBER, line=NUMBER)
    def make_room(self, booking: int, line: int) -> None:
        """Cancel a booking that somebody teaches, and promote a line that may gain by it."""
        taught = [one for one in self.state.bookings if one.status is BookingStatus.ASSIGNED]
        lines = list(self.state.lines)
        if lines:
            zone_id, _ = among(lines, line)
            taught = [one for one in taught if one.zone_id == zone_id] or taught
        self.send(CancelBooking(among(taught, booking).id, "so that others may come"))
        if lines:
            self.step(self.play.promote(among(lines, line)))

    @precondition(lambda machine: machine.finished < 2 and bool(_thirty(machine)))
    @rule(booking=NUMBER, missing=st.sampled_from((0, 0, 0, 1)))
    def hold_course(self, booking: int, missing: int) -> None:
        """Let a course of 30 pass, complete its sessions, but for some, and certify it."""
        self.finished += 1
        found = among(_thirty(self), booking)
        self.step(self._hold(found, missing))

    async def _hold(self, booking: Booking, missing: int) -> None:
        clock = self.world.clock
        clock.set(max([self.now, *(one.plan.starts_at for one in booking.sessions)]))
        to_come = [one for one in booking.sessions if one.status in OPEN_SESSIONS]
        for session in to_come[missing:]:
            await self.play.send_unseen(CompleteSession(session.id))
        await self.play.look()
        await self.play.send(IssueCertificates(booking.id))

    def _place(self, purchase: Purchase) -> None:
        previews = self.step(self.play.ask(PreviewBooking(purchase)))
        outcome = self.send(PlaceBooking(purchase))
        for preview in previews:
            _as_previewed(preview, outcome)


def _thirty(machine: LifeMachine) -> list[Booking]:
    return [
        one
        for one in machine.state.bookings
        if one.status is BookingStatus.ASSIGNED and one.purchase.total_sessions == 30
    ]


def _as_previewed(preview: Outcome, placed: Outcome) -> None:
    """Hold a placed booking to its preview, which knows nothing of references."""
    if placed.refusal is not None:
        assert placed.refusal in (preview.refusal, ("REFERENCE_CONFLICT",)), (preview, placed)
        return
    if not placed.answer.created:
        return
    seen: Any = preview.answer
    booking: Booking = placed.answer.booking
    assert seen is not None, f"previewed as {preview}, placed as {booking}"
    assert seen.status is booking.status, f"previewed as {seen.status}, placed as {booking}"
    if seen.judgement is not None:
        first = next(iter(seen.judgement.order), None)
        assert first == booking.trainer_id, f"previewed for {first}, placed as {booking}"
