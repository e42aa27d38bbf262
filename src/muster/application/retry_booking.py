"""Try a waiting booking again: when a slot frees, a trainer changes or a zone changes."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange, BookingLedger, booking_of
from muster.application.claims import ClaimDesk
from muster.application.errors import NotFound
from muster.application.place_booking import zone_of_choice, zone_still_in_force
from muster.application.placement import PlacementDesk, PreparedPlacement
from muster.application.use_case import CommandCase, PreparationStale, QueryCase, Request, Work
from muster.domain.assignment import Judgement
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.lifecycle import WAITING, assigned, expired, outcome_of, replanned
from muster.domain.purchase_rules import faults_of_sessions
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.ports.bookings import BookingReader

__all__ = [
    "RetriesBooking",
    "RetryBooking",
    "ShowLines",
    "ShowWaitlist",
    "ShowsLines",
    "ShowsWaitlist",
]


class RetryBooking(Request[Booking], frozen=True):
    """Try once more to assign a booking that waits; an expired one stops waiting."""

    booking_id: UUID


class ShowWaitlist(Request[tuple[UUID, ...]], frozen=True):
    """Which bookings wait for a course in a zone, first come first."""

    zone_id: UUID
    course_id: UUID


class ShowLines(Request[tuple[tuple[UUID, UUID], ...]], frozen=True):
    """In which lines anybody waits, as zone and course; of one zone, or of all."""

    zone_id: UUID | None = None


class RetriesBooking(CommandCase[RetryBooking, PreparedPlacement | None]):
    """Places a waiting booking as if it came now, but for its place in the line.

    Where no zone serves it any more, or nobody can say who the trainers are, it waits on.
    """

    handles = RetryBooking
    permission = Permission.BOOKINGS_PROMOTE

    def __init__(
        self,
        desk: PlacementDesk,
        claims: ClaimDesk,
        bookings: BookingReader,
        ledger: BookingLedger,
    ) -> None:
        """Work with these."""
        self._desk = desk
        self._claims = claims
        self._bookings = bookings
        self._ledger = ledger

    async def prepare(self, command: RetryBooking, scope: Scope) -> PreparedPlacement | None:
        """Find the zone and ask who could teach, unless the booking seems to wait no more."""
        booking = await self._bookings.get(command.booking_id, scope)
        if booking is None:
            raise NotFound("booking", command.booking_id)
        if booking.status not in WAITING:
            return None
        return await self._desk.prepare_again(booking.purchase)

    async def perform(
        self, command: RetryBooking, prepared: PreparedPlacement | None, work: Work
    ) -> Booking:
        """Claim the best trainer's time, or leave the booking where it is in the line."""
        before = await booking_of(command.booking_id, work)
        if before.status not in WAITING:
            return before
        over = expired(before, work.now)
        if over is not before:
            return await self._store(BookingChange(ReceiptKind.EXPIRE, before, over), work)
        if prepared is None:
            raise PreparationStale
        if not _can_begin(before, prepared, work):
            return before
        await zone_still_in_force(prepared.choice, work)
        judgement = await self._desk.judge(before.purchase, prepared, work.unit.schedule)
        if judgement is None:
            return before
        return await self._place(before, prepared, judgement, work)

    async def _place(
        self, before: Booking, prepared: PreparedPlacement, judgement: Judgement, work: Work
    ) -> Booking:
        zone = zone_of_choice(prepared.choice)
        assert zone, "who was judged had a zone"
        assert prepared.known, "who was judged was known"
        planned = replanned(before, zone, prepared.sessions, work.now)
        claimed = await self._claims.claim_best(
            planned.id, planned.sessions, judgement.order, work.unit.schedule
        )
        if claimed.chosen is not None:
            after = assigned(planned, claimed.chosen, judgement.names[claimed.chosen])
        elif before.status is BookingStatus.PENDING:
            waiting = outcome_of(served=True, known=True, found=False)
            after = replace(planned, status=waiting)
        else:
            return before
        ruling = self._desk.ruling(
            prepared.known, prepared.policy, judgement, claimed, prepared.choice
        )
        return await self._store(BookingChange(_kind(before), before, after, ruling=ruling), work)

    async def _store(self, change: BookingChange, work: Work) -> Booking:
        (stored,) = await self._ledger.store(work, change)
        return stored


class ShowsWaitlist(QueryCase[ShowWaitlist]):
    """Shows who waits."""

    handles = ShowWaitlist
    permission = Permission.BOOKINGS_PROMOTE

    def __init__(self, bookings: BookingReader) -> None:
        """Read from this reader."""
        self._bookings = bookings

    async def answer(self, query: ShowWaitlist, scope: Scope) -> tuple[UUID, ...]:
        """Return the line."""
        return await self._bookings.line(query.zone_id, query.course_id, scope)


class ShowsLines(QueryCase[ShowLines]):
    """Shows where anybody waits."""

    handles = ShowLines
    permission = Permission.BOOKINGS_PROMOTE

    def __init__(self, bookings: BookingReader) -> None:
        """Read from this reader."""
        self._bookings = bookings

    async def answer(self, query: ShowLines, scope: Scope) -> tuple[tuple[UUID, UUID], ...]:
        """Return the lines."""
        return await self._bookings.lines(query.zone_id, scope)


def _can_begin(booking: Booking, prepared: PreparedPlacement, work: Work) -> bool:
    """Another zone has another wall clock, by which the course may no longer be possible."""
    plan = prepared.sessions
    if not plan or plan[0].starts_at < work.now:
        return False
    return not faults_of_sessions(booking.purchase, plan)


def _kind(before: Booking) -> ReceiptKind:
    """A pending booking is placed at last; a waitlisted one is promoted."""
    if before.status is BookingStatus.PENDING:
        return ReceiptKind.PLACE
    return ReceiptKind.PROMOTE
