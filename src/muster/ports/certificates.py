"""The ports for certificates: the repository that changes them, the reader that shows them."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from enum import Enum
from typing import Protocol
from uuid import UUID

from muster.domain.certificates import Certificate
from muster.domain.errors import IllegalState
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.keys import PortKey
from muster.ports.paging import Page, PageRequest

__all__ = [
    "CERTIFICATE_READER",
    "AlreadyCertified",
    "CertificateOrder",
    "CertificateReader",
    "CertificateRepository",
]


class AlreadyCertified(IllegalState):
    """The student has a certificate in force for this booking."""


class CertificateOrder(Enum):
    """By what a list of certificates is sorted."""

    CREATED_AT = "createdAt"


class CertificateRepository(Protocol):
    """Certificates within one unit of work.

    All of a booking's are changed under the booking's lock alone, which the unit takes by
    ``bookings.get``; so nobody waits for them in another order.
    """

    @abstractmethod
    async def booking_of(self, number: str) -> UUID | None:
        """Return whose booking a number belongs to; ``None`` for an unknown one.

        A query; the answer never changes, so nothing is locked.

        Args:
            number: In its one written form.
        """

    @abstractmethod
    async def of_booking(self, booking_id: UUID) -> tuple[Certificate, ...]:
        """Return all certificates of a booking that the unit has locked, oldest first. A query."""

    @abstractmethod
    async def add(self, certificate: Certificate) -> bool:
        """Store a new certificate of a booking that the unit has locked. A command.

        Waits for another unit that is storing the same number.

        Returns:
            False when the number is taken; nothing is stored then.

        Raises:
            AlreadyCertified: The student has one in force for this booking.
        """

    @abstractmethod
    async def replace(self, certificates: Sequence[Certificate]) -> None:
        """Store changed certificates that ``of_booking`` returned in this unit. A command.

        Writes what may change of one: its state, the reason, the link to its successor.
        """


class CertificateReader(Protocol):
    """Certificates for those who verify or list them; may be as old as its wrappers allow."""

    @abstractmethod
    async def by_number(self, number: str, scope: Scope = EVERYTHING) -> Certificate | None:
        """Return the certificate of a number. A query.

        Args:
            number: In its one written form.
            scope: Whoever does not see the booking finds none.
        """

    @abstractmethod
    async def get(self, certificate_id: UUID) -> Certificate | None:
        """Return a certificate. A query."""

    @abstractmethod
    async def of_booking(
        self, booking_id: UUID, scope: Scope = EVERYTHING
    ) -> tuple[Certificate, ...]:
        """Return all certificates of a booking, oldest first. A query."""

    @abstractmethod
    async def of_student(
        self,
        student_id: UUID,
        request: PageRequest[CertificateOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Certificate]:
        """Return a page of the certificates of a student, whatever the booking. A query."""


CERTIFICATE_READER = PortKey("certificate_reader", CertificateReader, wrappable=True)
