"""Scopes: whose data somebody may see and change."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import Booking
from muster.domain.slots import Slot
from muster.domain.zones import Zone

__all__ = ["EVERYTHING", "Scope"]


class Scope(Struct, frozen=True):
    """The bounds of what is visible; every bound that is given holds.

    Stores keep to it in their queries, by the same rules: what lies outside is not found.

    Attributes:
        franchise_id: On the ground of this franchise.
        trainer_id: Of this trainer's own time and sessions.
        client_id: Of this client's own bookings.
    """

    franchise_id: UUID | None = None
    trainer_id: UUID | None = None
    client_id: UUID | None = None

    def holds_booking(self, booking: Booking) -> bool:
        """Return whether a booking lies inside; of a trainer's, one session of theirs is enough."""
        return (
            self.franchise_id in (None, booking.franchise_id)
            and self.client_id in (None, booking.client_id)
            and (
                self.trainer_id is None
                or any(session.trainer_id == self.trainer_id for session in booking.sessions)
            )
        )

    def holds_session(self, booking: Booking | None, session_id: UUID) -> bool:
        """Return whether a session of a booking lies inside; a trainer's are those they teach."""
        return (
            booking is not None
            and self.holds_booking(booking)
            and (
                self.trainer_id is None
                or any(
                    session.id == session_id and session.trainer_id == self.trainer_id
                    for session in booking.sessions
                )
            )
        )

    def holds_slot(self, slot: Slot, booking: Booking | None) -> bool:
        """Return whether a slot of a trainer's time lies inside.

        Args:
            slot: The slot.
            booking: Whose session it serves; ``None`` where it is blocked.
        """
        if self.holds_trainer(slot.trainer_id):
            return True
        return self.trainer_id is None and booking is not None and self.holds_booking(booking)

    def holds_zone(self, zone: Zone) -> bool:
        """Return whether a zone lies inside; trainers and clients are not bound by zones."""
        return self.franchise_id in (None, zone.franchise_id)

    def holds_demand(self, nearest: Zone | None) -> bool:
        """Return whether unserved demand lies inside.

        Args:
            nearest: The zone to which it is nearest. The demand is that of its franchise and of
                the company, and no trainer's or client's.
        """
        if self.trainer_id is not None or self.client_id is not None:
            return False
        return self == EVERYTHING or (nearest is not None and self.holds_zone(nearest))

    def holds_franchise(self, franchise_id: UUID | None) -> bool:
        """Return whether the ground of a franchise lies inside, or the company's own."""
        return self.franchise_id in (None, franchise_id)

    def holds_entry(self, franchise_id: UUID | None) -> bool:
        """Return whether an entry of the audit trail lies inside, by whose ground it is of.

        The trail is the company's, and of a franchise what was done on its ground.
        """
        if self.trainer_id is not None or self.client_id is not None:
            return False
        return self.holds_franchise(franchise_id)

    def holds_trainer(self, trainer_id: UUID) -> bool:
        """Return whether a trainer's own time lies inside: its blocks, and taking it.

        It is theirs and the company's. A franchise and a client see of it what the trainer
        does for them.
        """
        return self == EVERYTHING or self.trainer_id == trainer_id


EVERYTHING = Scope()
"""No bounds: the company's own, and what no client sees."""
