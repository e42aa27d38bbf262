"""Requests about what is there, each made from a few small numbers.

Numbers pick among what a state holds and wrap around, so that every number means something
and hypothesis can make them smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from muster.application.cancel_booking import CancelBooking
from muster.application.certificates import (
    IssueCertificates,
    ReissueCertificate,
    RevokeCertificate,
)
from muster.application.make_up_session import MakeUpSession
from muster.application.move_session import RescheduleSession
from muster.application.offers import OfferStranded
from muster.application.reassign_booking import ReassignBooking
from muster.application.retry_booking import RetryBooking
from muster.application.session_outcomes import (
    CancelSession,
    CompleteSession,
    MarkNoShow,
    RestoreSession,
    VoidSession,
)
from muster.application.swap_trainers import SwapTrainers
from muster.application.trainer_blocks import BlockTrainer, UnblockTrainer
from muster.domain.blocks import BlockPeriod
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.certificates import Certificate
from muster.domain.sessions import Session, SessionStatus
from muster.testing.machines.states import State

__all__ = ["NOBODY", "OUTCOMES", "TIMES", "Requests", "SessionRequest", "among"]

T = TypeVar("T")

SessionRequest = CompleteSession | MarkNoShow | CancelSession | VoidSession | RestoreSession

NOBODY = UUID(int=0xDEAD)
"""An id that nothing has."""

TIMES = ("09:00", "09:20", "17:00", "08:40", "02:30", "23:20", "23:40", "01:50")
"""Times that collide with each other, fall into clock changes, and touch midnight."""

_Kind = tuple[type[SessionRequest], frozenset[SessionStatus]]

OUTCOMES: tuple[_Kind, ...] = (
    (CompleteSession, frozenset({SessionStatus.SCHEDULED})),
    (MarkNoShow, frozenset({SessionStatus.SCHEDULED})),
    (CancelSession, frozenset({SessionStatus.SCHEDULED, SessionStatus.STRANDED})),
    (VoidSession, frozenset({SessionStatus.COMPLETED})),
    (RestoreSession, frozenset({SessionStatus.VOIDED})),
)
"""What may become of a session, each with the states that allow it."""

_MISSED = frozenset({SessionStatus.NO_SHOW, SessionStatus.CANCELLED})
_HAS_BEGUN_FIRST = (CompleteSession, MarkNoShow)

# First day from today, number of days, from, to.
_PERIODS: tuple[tuple[tuple[int, int, str | None, str | None], ...], ...] = (
    ((0, 3, None, None),),
    ((1, 7, "08:00", "12:00"),),
    ((2, 1, "17:00", "17:10"),),
    ((0, 2, None, "09:10"), (7, 2, "23:30", None), (14, 7, None, None)),
    ((5, 30, "02:00", "03:30"),),
    ((3, 2, None, None), (4, 1, "09:00", "10:00")),
    ((1, 40, None, None),),
    ((6, 1, "02:15", "02:45"),),
)


def among(things: Sequence[T], number: int) -> T:
    """Return one of some things."""
    return things[number % len(things)]


class Requests:
    """Makes requests about what one state holds; ``None`` where there is nothing of the kind."""

    def __init__(self, state: State, now: datetime, trainers: Sequence[UUID]) -> None:
        """Make them about a state.

        Args:
            state: What there is.
            now: UTC instant.
            trainers: Whom to name.
        """
        self._state = state
        self._now = now
        self._trainers = trainers

    def cancel(self, booking: int) -> CancelBooking | None:
        """Cancel a booking."""
        found = self._booking(booking)
        return None if found is None else CancelBooking(found.id, "the client said so")

    def outcome(self, kind: int, session: int, fitting: bool) -> SessionRequest | None:
        """Say what became of a session.

        Args:
            kind: Which of ``OUTCOMES``.
            session: Which.
            fitting: Only a session that allows it.
        """
        meant = among(OUTCOMES, kind)
        found = self._allowing(meant) if fitting else self._sessions()
        return meant[0](among(found, session).id, "so it was") if found else None

    def allowed_outcome(self, kind: int, session: int) -> SessionRequest | None:
        """Say of a session what may become of it, as often one thing as another.

        Args:
            kind: Which of those of ``OUTCOMES`` that some session allows.
            session: Which of the sessions that allow it.
        """
        possible = [number for number, one in enumerate(OUTCOMES) if self._allowing(one)]
        if not possible:
            return None
        return self.outcome(among(possible, kind), session, fitting=True)

    def reschedule(
        self, session: int, days: int, clock: int, fitting: bool
    ) -> RescheduleSession | None:
        """Move a session by some days, to another time or its own."""
        found = self._sessions(frozenset({SessionStatus.SCHEDULED}) if fitting else None)
        if not found:
            return None
        moved = among(found, session)
        return RescheduleSession(moved.id, *self._new_time(moved, days, clock))

    def make_up(
        self, session: int, days: int, clock: int, trainer: int, fitting: bool
    ) -> MakeUpSession | None:
        """Make up for a session some days from today."""
        found = self._missed_in_course() if fitting else self._sessions()
        if not found:
            return None
        missed = among(found, session)
        day, time = self._new_time(missed, days, clock)
        day = self._today(missed.plan.time_zone) + timedelta(days=days)
        return MakeUpSession(missed.id, day, time, self._named(trainer))

    def reassign(self, booking: int, session: int, trainer: int) -> ReassignBooking | None:
        """Hand over all that remains of a booking (``session`` 0), or one session."""
        found = self._in_course(booking)
        if found is None:
            return None
        ids = [None, *(one.id for one in found.sessions), NOBODY]
        unwanted = found.purchase.excluded_trainer_ids
        to = among((None, *self._trainers, NOBODY, *unwanted), trainer)
        return ReassignBooking(found.id, among(ids, session), to, "so asked")

    def swap(self, booking: int, other: int, fitting: bool) -> SwapTrainers | None:
        """Swap the trainers of two bookings.

        Args:
            booking: Which; if fitting, which pair.
            other: The other one; if fitting it says nothing.
            fitting: Only two of different trainers, each of whom teaches all that remains.
        """
        if not fitting:
            one, another = self._in_course(booking), self._in_course(other)
            return SwapTrainers(one.id, another.id) if one and another else None
        taught = {one.id: self._teaching(one) for one in self._state.bookings}
        alone = [id_ for id_, who in taught.items() if len(who) == 1 and None not in who]
        pairs = [(one, two) for one, two in permutations(alone, 2) if taught[one] != taught[two]]
        return SwapTrainers(*among(pairs, booking)) if pairs else None

    def block(self, trainer: int, periods: int, later: int, time_zone: str) -> BlockTrainer:
        """Block a trainer's time, some days later than the periods say."""
        today = self._today(time_zone) + timedelta(days=later)
        meant = tuple(
            BlockPeriod(
                today + timedelta(days=first), today + timedelta(days=first + days - 1), begin, end
            )
            for first, days, begin, end in among(_PERIODS, periods)
        )
        return BlockTrainer(among(self._trainers, trainer), time_zone, meant, "leave")

    def unblock(self, block: int) -> UnblockTrainer | None:
        """Remove a block."""
        found = [one for blocks in self._state.blocks.values() for one in blocks]
        if not found:
            return None
        removed = among(found, block)
        return UnblockTrainer(removed.trainer_id, removed.id)

    def offer(self, booking: int) -> OfferStranded | None:
        """Offer the stranded sessions of a booking; of one that has some, if any has."""
        stranded = [
            one for one in self._state.bookings if any(each.is_stranded for each in one.sessions)
        ]
        if stranded:
            return OfferStranded(among(stranded, booking).id)
        found = self._booking(booking)
        return None if found is None else OfferStranded(found.id)

    def retry(self, booking: int, fitting: bool) -> RetryBooking | None:
        """Try a booking again."""
        waiting = (BookingStatus.WAITLISTED, BookingStatus.PENDING)
        found = [one for one in self._state.bookings if not fitting or one.status in waiting]
        return RetryBooking(among(found, booking).id) if found else None

    def issue(self, booking: int) -> IssueCertificates | None:
        """Issue the certificates of a booking; of a completed one, if there is one."""
        done = [one for one in self._state.bookings if one.status is BookingStatus.COMPLETED]
        found = done or self._state.bookings
        return IssueCertificates(among(found, booking).id) if found else None

    def revoke(self, certificate: int) -> RevokeCertificate | None:
        """Revoke a certificate."""
        found = self._certificate(certificate)
        return None if found is None else RevokeCertificate(found.number.lower(), "a mistake")

    def reissue(self, certificate: int) -> ReissueCertificate | None:
        """Issue a certificate anew."""
        found = self._certificate(certificate)
        return None if found is None else ReissueCertificate(found.number, "the name was wrong")

    def _booking(self, number: int) -> Booking | None:
        return among(self._state.bookings, number) if self._state.bookings else None

    def _in_course(self, number: int) -> Booking | None:
        found = [one for one in self._state.bookings if one.status is BookingStatus.ASSIGNED]
        return among(found, number) if found else self._booking(number)

    def _sessions(self, states: frozenset[SessionStatus] | None = None) -> list[Session]:
        return [
            session
            for booking in self._state.bookings
            for session in booking.sessions
            if states is None or session.status in states
        ]

    def _allowing(self, outcome: _Kind) -> list[Session]:
        command, states = outcome
        found = self._sessions(states)
        if command not in _HAS_BEGUN_FIRST:
            return found
        return [one for one in found if one.plan.starts_at <= self._now]

    def _missed_in_course(self) -> list[Session]:
        return [
            session
            for booking in self._state.bookings
            if booking.status in (BookingStatus.ASSIGNED, BookingStatus.COMPLETED)
            for session in booking.sessions
            if session.status in _MISSED
        ]

    def _teaching(self, booking: Booking) -> frozenset[UUID | None]:
        """Return who teaches what remains; nobody is ``None``, as for what is stranded."""
        return frozenset(
            None if one.status is SessionStatus.STRANDED else one.trainer_id
            for one in booking.sessions
            if one.status in (SessionStatus.SCHEDULED, SessionStatus.STRANDED)
            and one.plan.starts_at > self._now
        )

    def _certificate(self, number: int) -> Certificate | None:
        found = [one for held in self._state.certificates.values() for one in held]
        return among(found, number) if found else None

    def _new_time(self, session: Session, days: int, clock: int) -> tuple[date, str]:
        times = (session.plan.local_time, *TIMES)
        return session.plan.local_date + timedelta(days=days), among(times, clock)

    def _named(self, number: int) -> UUID | None:
        """0 names nobody; one number names somebody unknown."""
        return among((None, *self._trainers, NOBODY), number)

    def _today(self, time_zone: str) -> date:
        return self._now.astimezone(ZoneInfo(time_zone)).date()
