"""Claim a trainer's time for sessions: the best of those who may, or nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from muster.application.identifiers import Identifiers
from muster.domain.sessions import Session
from muster.domain.slots import Slot, SlotState
from muster.ports.schedule import TrainersTime

__all__ = ["ClaimDesk", "ClaimOutcome"]


class ClaimOutcome(Struct, frozen=True):
    """Whose time was claimed.

    Attributes:
        chosen: ``None`` when everybody's time was taken.
        lost: Those whose time was taken meanwhile, in the order in which they were asked.
    """

    chosen: UUID | None
    lost: tuple[UUID, ...]


class ClaimDesk:
    """Claims time for sessions, one trainer after the other, all sessions or none."""

    def __init__(self, identifiers: Identifiers) -> None:
        """Make slots' identifiers from this source."""
        self._identifiers = identifiers

    async def claim_best(
        self,
        booking_id: UUID,
        sessions: Sequence[Session],
        order: Iterable[UUID],
        schedule: TrainersTime,
    ) -> ClaimOutcome:
        """Claim the time of the first trainer whose time is free.

        Args:
            booking_id: Whose sessions.
            sessions: All of them get that trainer.
            order: Whom to ask, best first.
            schedule: Of the unit of work.
        """
        lost: list[UUID] = []
        for trainer_id in order:
            if await schedule.claim(self._slots(booking_id, sessions, trainer_id)):
                return ClaimOutcome(trainer_id, tuple(lost))
            lost.append(trainer_id)
        return ClaimOutcome(None, tuple(lost))

    def _slots(self, booking_id: UUID, sessions: Sequence[Session], trainer_id: UUID) -> list[Slot]:
        ids = self._identifiers.several(len(sessions))
        return [
            Slot(
                id=id_,
                trainer_id=trainer_id,
                state=SlotState.BOOKED,
                local_date=session.plan.local_date,
                timeslot=session.plan.local_time,
                time_zone=session.plan.time_zone,
                starts_at=session.plan.starts_at,
                ends_at=session.plan.ends_at,
                booking_id=booking_id,
                session_id=session.id,
            )
            for id_, session in zip(ids, sessions, strict=True)
        ]
