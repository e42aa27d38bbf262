"""Certificates in memory: the repository and the reader."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from muster.domain.certificates import Certificate
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.certificates import (
    AlreadyCertified,
    CertificateOrder,
    CertificateReader,
    CertificateRepository,
)
from muster.ports.paging import Page, PageRequest, Position
from muster_memory.paging import page_of
from muster_memory.store import MemoryStore, in_force_key
from muster_memory.transaction import Transaction

__all__ = ["MemoryCertificateReader", "MemoryCertificates"]


class MemoryCertificates(CertificateRepository):
    """Certificates within one unit of work."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def booking_of(self, number: str) -> UUID | None:
        """Return whose booking a number belongs to."""
        await self._transaction.step()
        found = next(self._transaction.certificates.where("number", number), None)
        return None if found is None else found.booking_id

    async def of_booking(self, booking_id: UUID) -> tuple[Certificate, ...]:
        """Return all certificates of a locked booking, oldest first."""
        await self._transaction.step()
        self._require_booking(booking_id)
        return tuple(sorted(self._transaction.certificates.where("booking", booking_id), key=_age))

    async def add(self, certificate: Certificate) -> bool:
        """Store a new certificate of a locked booking, unless its number is taken.

        One whose number is taken lets go of it, as a database would have inserted nothing.
        """
        await self._transaction.step()
        self._require_booking(certificate.booking_id)
        number = certificate.number
        held_before = self._transaction.holds("certificate number", number)
        await self._transaction.lock("certificate number", number)
        draft = self._transaction.certificates
        if any(draft.where("number", number)):
            if not held_before:
                self._transaction.unlock("certificate number", number)
            return False
        self._refuse_second(certificate)
        draft.add(certificate.id, certificate)
        return True

    async def replace(self, certificates: Sequence[Certificate]) -> None:
        """Store changed certificates."""
        await self._transaction.step()
        draft = self._transaction.certificates
        for certificate in certificates:
            self._require_booking(certificate.booking_id)
            if draft.get(certificate.id) is None:
                raise LookupError(f"there is no certificate {certificate.id}")
            draft.put(certificate.id, certificate)
        for certificate in certificates:
            self._refuse_second(certificate)

    def _require_booking(self, booking_id: UUID) -> None:
        self._transaction.require("booking", booking_id, self._transaction.bookings)
        if self._transaction.bookings.get(booking_id) is None:
            raise LookupError(f"there is no booking {booking_id}")

    def _refuse_second(self, certificate: Certificate) -> None:
        key = in_force_key(certificate)
        if key is None:
            return
        in_force = self._transaction.certificates.where("in_force", key)
        if any(other.id != certificate.id for other in in_force):
            taken = AlreadyCertified("The student has a certificate in force for this booking.")
            raise self._transaction.refuse(taken)


class MemoryCertificateReader(CertificateReader):
    """Committed certificates."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def by_number(self, number: str, scope: Scope = EVERYTHING) -> Certificate | None:
        """Return the certificate of a number."""
        found = self._store.certificates.where("number", number)
        return next((one for one in found if self._holds(scope, one)), None)

    async def get(self, certificate_id: UUID) -> Certificate | None:
        """Return a certificate."""
        return self._store.certificates.get(certificate_id)

    async def of_booking(
        self, booking_id: UUID, scope: Scope = EVERYTHING
    ) -> tuple[Certificate, ...]:
        """Return all certificates of a booking, oldest first."""
        found = self._store.certificates.where("booking", booking_id)
        return tuple(sorted((one for one in found if self._holds(scope, one)), key=_age))

    async def of_student(
        self,
        student_id: UUID,
        request: PageRequest[CertificateOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Certificate]:
        """Return a page of the certificates of a student."""
        found = self._store.certificates.where("student", student_id)
        return page_of((one for one in found if self._holds(scope, one)), request, _by_age)

    def _holds(self, scope: Scope, certificate: Certificate) -> bool:
        stored = self._store.bookings.get(certificate.booking_id)
        return stored is not None and scope.holds_booking(stored.booking)


def _age(certificate: Certificate) -> tuple[object, int]:
    return certificate.created_at, certificate.id.int


def _by_age(certificate: Certificate) -> Position:
    return Position(certificate.created_at, certificate.id)
