"""The ports for bookings and receipts: the repositories and the reader."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.errors import DomainError
from muster.domain.receipts import Receipt
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.zone_impact import FutureBooking
from muster.ports.keys import PortKey
from muster.ports.paging import Page, PageRequest

__all__ = [
    "BOOKING_READER",
    "BookingFilter",
    "BookingOrder",
    "BookingReader",
    "BookingRepository",
    "ReceiptRepository",
    "ReferenceConflict",
    "ReferencedBooking",
]


class ReferenceConflict(DomainError):
    """The reference was used before, for another request."""

    code: ClassVar[str] = "REFERENCE_CONFLICT"


class ReferencedBooking(Struct, frozen=True):
    """The booking that a client reference stands for.

    Attributes:
        booking: As it is now.
        fingerprint: Of the request that made it.
    """

    booking: Booking
    fingerprint: bytes


class BookingOrder(Enum):
    """By what a list of bookings is sorted."""

    CREATED_AT = "createdAt"
    START_DATE = "startDate"


class BookingFilter(Struct, frozen=True):
    """Which bookings a list holds; ``None`` means any.

    Attributes:
        status: In this state.
        zone_id: Served by this zone.
        franchise_id: Served by a zone of this franchise.
        trainer_id: Taught by this trainer.
        course_id: For this course.
        date: With a session on this local day.
    """

    status: BookingStatus | None = None
    zone_id: UUID | None = None
    franchise_id: UUID | None = None
    trainer_id: UUID | None = None
    course_id: UUID | None = None
    date: date | None = None


class BookingRepository(Protocol):
    """Bookings with their sessions, within one unit of work."""

    @abstractmethod
    async def by_reference(
        self, reference: str, client_id: UUID | None = None
    ) -> ReferencedBooking | None:
        """Return the booking of a reference; until the unit ends no other unit passes here.

        A query that waits for a unit which asked for the same reference.

        Args:
            reference: As whoever booked called it.
            client_id: Whose reference; each client has their own, as has the company.
        """

    @abstractmethod
    async def add(self, booking: Booking, fingerprint: bytes) -> None:
        """Store a new booking and its sessions. A command.

        Args:
            booking: With its sessions.
            fingerprint: Of the request, kept with the reference; opaque here.

        Raises:
            ReferenceConflict: The reference is in use.
        """

    @abstractmethod
    async def get(self, booking_id: UUID) -> Booking | None:
        """Return a booking, locked against other writers until the unit ends. A query."""

    @abstractmethod
    async def several(self, booking_ids: Sequence[UUID]) -> tuple[Booking, ...]:
        """Return bookings by id, each locked as by ``get``, in order of their ids. A query.

        They are locked in that order, so that two units never wait for each other here.
        Ids that nobody has are left out.
        """

    @abstractmethod
    async def of_session(self, session_id: UUID) -> Booking | None:
        """Return the booking of a session, locked as by ``get``. A query."""

    @abstractmethod
    async def future_of_zone(self, zone_id: UUID, now: datetime) -> tuple[FutureBooking, ...]:
        """Return the bookings of a zone with a session that has not begun, oldest first.

        A query, of assigned and waiting ones; complete where the zone is locked by ``get``,
        since a new booking waits for that.
        """

    @abstractmethod
    async def replace(self, *bookings: Booking) -> None:
        """Store changed bookings that were read in this unit. A command.

        Writes each one's own state, its zone, its sessions' states, trainers and times,
        and the sessions that it did not have before. What was bought never changes.

        Raises:
            LookupError: There is no such booking.
        """


class ReceiptRepository(Protocol):
    """Receipts within one unit of work; they are only ever added."""

    @abstractmethod
    async def add(self, receipt: Receipt) -> None:
        """Store a receipt; each version of a booking has one at most. A command."""


class BookingReader(Protocol):
    """Bookings and receipts for pages; may be as old as its wrappers allow.

    Where a scope is given, what lies outside is not there.
    """

    @abstractmethod
    async def get(self, booking_id: UUID, scope: Scope = EVERYTHING) -> Booking | None:
        """Return a booking with its sessions. A query."""

    @abstractmethod
    async def of_session(self, session_id: UUID, scope: Scope = EVERYTHING) -> Booking | None:
        """Return the booking of a session; a trainer's scope holds their own. A query."""

    @abstractmethod
    async def by_reference(
        self, reference: str, client_id: UUID | None = None
    ) -> ReferencedBooking | None:
        """Return the booking of a reference of a client, or of the company's. A query."""

    @abstractmethod
    async def line(
        self, zone_id: UUID, course_id: UUID, scope: Scope = EVERYTHING
    ) -> tuple[UUID, ...]:
        """Return the bookings waitlisted for a course in a zone, first come first. A query."""

    @abstractmethod
    async def lines(
        self, zone_id: UUID | None = None, scope: Scope = EVERYTHING
    ) -> tuple[tuple[UUID, UUID], ...]:
        """Return the zone and course of every line in which a booking waits, sorted. A query.

        Args:
            zone_id: Only those of this zone; ``None`` is all.
            scope: Of whose bookings.
        """

    @abstractmethod
    async def waitlist_position(self, booking: Booking) -> int | None:
        """Return a waitlisted booking's place in its zone's and course's line, from 1.

        ``None`` for every other booking. A query.
        """

    @abstractmethod
    async def page(
        self,
        wanted: BookingFilter,
        request: PageRequest[BookingOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Booking]:
        """Return a page of bookings with their sessions. A query."""

    @abstractmethod
    async def receipts(self, booking_id: UUID, scope: Scope = EVERYTHING) -> tuple[Receipt, ...]:
        """Return a booking's receipts, by the versions that they made. A query."""


BOOKING_READER = PortKey("booking_reader", BookingReader, wrappable=True)
