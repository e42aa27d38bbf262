"""Give sessions of a booking that is under way to a trainer, by the rules of placing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.application.claims import ClaimDesk
from muster.application.errors import NoTrainerFree, SlotTaken, TrainerNotEligible
from muster.application.placement import KnownTrainers, PlacementDesk
from muster.application.rulings import Ruling
from muster.domain.assignment import Judgement
from muster.domain.bookings import Booking
from muster.domain.errors import Fault, IllegalState
from muster.domain.placement import Placement, placement_of
from muster.domain.sessions import Session
from muster.domain.shares import shares_of
from muster.domain.slots import rivals_among
from muster.domain.zones import Zone
from muster.ports.schedule import TrainersTime
from muster.ports.trainer_directory import TrainerDirectoryUnavailable
from muster.ports.zones import ZoneLocator

__all__ = ["Ground", "LaterPlacements", "Seating"]

_SLOT_CONFLICT = "SLOT_CONFLICT"


class Ground(Struct, frozen=True):
    """What is known before a transaction opens.

    Attributes:
        zone: The booking's zone as it is now, be it archived.
        known: The trainers who may be candidates there.
    """

    zone: Zone
    known: KnownTrainers


class Seating(Struct, frozen=True):
    """Who takes the sessions; the time is claimed.

    Attributes:
        trainer_id: The trainer.
        name: That trainer's name.
        ruling: By what and among whom.
    """

    trainer_id: UUID
    name: str
    ruling: Ruling


class LaterPlacements:
    """Judges and claims for single sessions as placing a booking does for all of them."""

    def __init__(self, desk: PlacementDesk, locator: ZoneLocator, claims: ClaimDesk) -> None:
        """Work with these."""
        self._desk = desk
        self._locator = locator
        self._claims = claims

    async def ground_of(self, booking: Booking) -> Ground:
        """Read the zone and ask who could teach there, with no transaction open.

        Raises:
            IllegalState: No zone serves the booking.
            TrainerDirectoryUnavailable: Nobody could answer. Unknown is not "nobody".
        """
        zone = None if booking.zone_id is None else await self._locator.zone(booking.zone_id)
        if zone is None:
            raise IllegalState("No zone serves this booking.")
        known = await self._desk.ask(zone, booking.purchase.course_id)
        if known is None:
            raise TrainerDirectoryUnavailable("The trainer service cannot be asked.")
        return Ground(zone, known)

    async def seat(
        self,
        booking: Booking,
        sessions: Sequence[Session],
        ground: Ground,
        schedule: TrainersTime,
        *,
        among: UUID | None = None,
        not_among: Iterable[UUID] = (),
        preferred: UUID | None = None,
    ) -> Seating:
        """Claim the time of the best trainer for all of some sessions.

        Slots that the sessions held must have been freed before. Whatever is raised, the
        unit of work is to be left without a commit.

        Args:
            booking: Whose sessions.
            sessions: Those to be taught by one trainer.
            ground: The zone and the trainers.
            schedule: Of the unit of work.
            among: The only trainer who is wanted; ``None`` is the best of all.
            not_among: Who shall not take them.
            preferred: Ranked first when eligible.

        Raises:
            TrainerNotEligible: The only one wanted may not take them.
            SlotTaken: The only one wanted has no time.
            NoTrainerFree: Nobody passes for all of them.
        """
        judgement, seating = await self.judge_and_claim(
            booking,
            sessions,
            ground,
            schedule,
            among=among,
            not_among=not_among,
            preferred=preferred,
        )
        if seating is not None:
            return seating
        if among is None:
            raise NoTrainerFree("Nobody passes for all of these sessions.")
        _refuse_ineligible(among, judgement)
        raise SlotTaken("The trainer's time was claimed by somebody else.")

    async def judge_and_claim(
        self,
        booking: Booking,
        sessions: Sequence[Session],
        ground: Ground,
        schedule: TrainersTime,
        *,
        among: UUID | None = None,
        not_among: Iterable[UUID] = (),
        preferred: UUID | None = None,
    ) -> tuple[Judgement, Seating | None]:
        """Claim as ``seat`` does, and return every verdict; no seating where nobody can."""
        policy = self._desk.rules.policy(booking.purchase.ranking_policy)
        judgement = await self._desk.judge_placement(
            self.placement(booking, sessions, ground.zone, not_among, preferred),
            [one for one in ground.known.trainers if among in (None, one.id)],
            policy,
            min(session.plan.local_date for session in sessions),
            schedule,
        )
        claimed = await self._claims.claim_best(booking.id, sessions, judgement.order, schedule)
        if claimed.chosen is None:
            return judgement, None
        ruling = self._desk.ruling(ground.known, policy, judgement, claimed)
        return judgement, Seating(claimed.chosen, judgement.names[claimed.chosen], ruling)

    async def shares(
        self,
        booking: Booking,
        sessions: Sequence[Session],
        ground: Ground,
        schedule: TrainersTime,
    ) -> tuple[tuple[Session, ...], ...]:
        """Divide sessions among as few trainers as will do; nothing is claimed.

        Args:
            booking: Whose sessions.
            sessions: Those to be taught by somebody.
            ground: The zone and the trainers.
            schedule: Of the unit of work.
        """
        policy = self._desk.rules.policy(booking.purchase.ranking_policy)
        able = await self._desk.able_for_each(
            [self.placement(booking, [one], ground.zone) for one in sessions],
            ground.known.trainers,
            policy,
            schedule,
        )
        by_number = {session.plan.number: session for session in sessions}
        shares = shares_of(able, rivals_among([session.plan for session in sessions]))
        return tuple(tuple(by_number[number] for number in share) for share in shares)

    def placement(
        self,
        booking: Booking,
        sessions: Sequence[Session],
        zone: Zone,
        not_among: Iterable[UUID] = (),
        preferred: UUID | None = None,
    ) -> Placement:
        """Return what the rules are asked about for some sessions of a booking.

        Args:
            booking: Whose sessions.
            sessions: Those to be placed.
            zone: The booking's zone.
            not_among: Who shall not take them, beside those that the client excludes.
            preferred: Ranked first when eligible.
        """
        placement = placement_of(
            booking.purchase, zone, tuple(session.plan for session in sessions)
        )
        return replace(
            placement,
            excluded_trainer_ids=placement.excluded_trainer_ids | frozenset(not_among),
            preferred_trainer_id=preferred,
        )


def _refuse_ineligible(trainer_id: UUID, judgement: Judgement) -> None:
    if judgement.order:
        return
    if not judgement.candidates:
        raise TrainerNotEligible(
            "The trainer does not teach this course in this zone.",
            faults=(
                Fault("trainerId", "NOT_A_CANDIDATE", f"Trainer {trainer_id} is no candidate."),
            ),
        )
    refusals = judgement.candidates[0].refusals
    if all(refusal.rule == _SLOT_CONFLICT for refusal in refusals):
        raise SlotTaken("The trainer's time is already claimed.")
    raise TrainerNotEligible(
        "The trainer may not take these sessions.",
        faults=tuple(Fault("trainerId", one.rule, one.message) for one in refusals),
    )
