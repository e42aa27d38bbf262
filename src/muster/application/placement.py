"""What a placement needs before a transaction opens: zone, plan, trainers."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from muster.application.errors import InvalidRequest
from muster.domain.assignment import Judgement, judge
from muster.domain.bookings import Purchase
from muster.domain.eligibility import ELIGIBILITY_RULES, EligibilityRule
from muster.domain.errors import Fault
from muster.domain.placement import Placement, placement_of
from muster.domain.planning import plan_sessions
from muster.domain.purchase_rules import (
    InvalidPurchase,
    faults_of_sessions,
    faults_of_start,
    faults_of_terms,
    faults_of_unserved_start,
    faults_of_unserved_wall_clock,
)
from muster.domain.ranking import RANKING_POLICIES, RANKING_WINDOW_DAYS, RankingPolicy
from muster.domain.receipts import Sighting
from muster.domain.sessions import PlannedSession
from muster.domain.trainers import Trainer
from muster.domain.zone_choice import ZoneAtDistance, ZoneChoice, choose_zone
from muster.ports.clock import Clock
from muster.ports.schedule import ScheduleRepository
from muster.ports.trainer_directory import (
    TrainerDirectory,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster.ports.zones import ZoneLocator

__all__ = ["AssignmentRules", "KnownTrainers", "PlacementDesk", "PreparedPlacement"]


class AssignmentRules(Struct, frozen=True):
    """The rules and policies by which this deployment assigns.

    Attributes:
        eligibility: Asked of every candidate, in the order receipts show.
        policies: By name; the first is the default.
    """

    eligibility: tuple[EligibilityRule, ...] = ELIGIBILITY_RULES
    policies: tuple[RankingPolicy, ...] = RANKING_POLICIES

    def policy(self, name: str | None) -> RankingPolicy:
        """Return a policy by name, or the default.

        Raises:
            InvalidRequest: There is none of this name.
        """
        if name is None:
            return self.policies[0]
        for policy in self.policies:
            if policy.name == name:
                return policy
        known = ", ".join(policy.name for policy in self.policies)
        raise InvalidRequest(
            Fault("rankingPolicy", "UNKNOWN_RANKING_POLICY", f"Known policies are {known}.")
        )


class KnownTrainers(Struct, frozen=True):
    """The trainers who may be candidates, and how old that knowledge is."""

    trainers: tuple[Trainer, ...]
    sighting: Sighting


class PreparedPlacement(Struct, frozen=True):
    """All that is known of a purchase before a transaction opens.

    Attributes:
        choice: The zone, and why.
        policy: By which candidates will be ranked.
        sessions: The plan; empty where no zone serves the place.
        known: The trainers; ``None`` where nobody was asked or nobody could answer.
    """

    choice: ZoneChoice
    policy: RankingPolicy
    sessions: tuple[PlannedSession, ...]
    known: KnownTrainers | None


class PlacementDesk:
    """Prepares placements and judges them; it decides nothing that the domain does not."""

    def __init__(
        self,
        clock: Clock,
        locator: ZoneLocator,
        directory: TrainerDirectory,
        rules: AssignmentRules,
    ) -> None:
        """Work with these ports and rules."""
        self._clock = clock
        self._locator = locator
        self._directory = directory
        self._rules = rules

    @property
    def rules(self) -> AssignmentRules:
        """The rules and policies by which it assigns."""
        return self._rules

    async def prepare(self, purchase: Purchase) -> PreparedPlacement:
        """Find the zone, hold the purchase to its rules, plan it, ask who could teach it.

        Raises:
            InvalidPurchase: It breaks purchase rules.
            InvalidRequest: It names an unknown ranking policy.
        """
        policy = self._rules.policy(purchase.ranking_policy)
        point = purchase.student_location
        around = await self._locator.around(point)
        choice = choose_zone(point, around.covering, around.nearest)
        now = self._clock.now()
        if choice.chosen is None:
            _refuse_unserved(purchase, now)
            return PreparedPlacement(choice, policy, (), None)
        sessions = _planned(purchase, choice.chosen.zone.time_zone, now)
        known = await self._ask(purchase, choice.chosen)
        return PreparedPlacement(choice, policy, sessions, known)

    async def judge(
        self, purchase: Purchase, prepared: PreparedPlacement, schedule: ScheduleRepository
    ) -> Judgement | None:
        """Judge the known trainers by what their live slots say.

        Args:
            purchase: What was asked for.
            prepared: What is known of it.
            schedule: Reads live slots inside a unit of work.

        Returns:
            ``None`` where there is no zone, or where nobody could say who the trainers are.
        """
        served_by, known = prepared.choice.chosen, prepared.known
        if served_by is None or known is None:
            return None
        placement: Placement = placement_of(purchase, served_by.zone, prepared.sessions)
        availability = await schedule.availability(
            [trainer.id for trainer in known.trainers],
            prepared.sessions,
            purchase.start_date,
            RANKING_WINDOW_DAYS,
        )
        return judge(
            placement, known.trainers, availability, self._rules.eligibility, prepared.policy
        )

    async def _ask(self, purchase: Purchase, served_by: ZoneAtDistance) -> KnownTrainers | None:
        zone = served_by.zone
        question = TrainerQuestion(zone.franchise_id, zone.id, purchase.course_id)
        try:
            answer = await self._directory.candidates(question)
        except TrainerDirectoryUnavailable:
            return None
        age = max(0.0, (self._clock.now() - answer.as_of).total_seconds())
        return KnownTrainers(answer.trainers, Sighting(answer.source, answer.as_of, age))


def _planned(purchase: Purchase, time_zone: str, now: datetime) -> tuple[PlannedSession, ...]:
    faults = faults_of_terms(purchase) + faults_of_start(purchase, time_zone, now)
    if faults:
        raise InvalidPurchase(faults)
    sessions = plan_sessions(purchase, time_zone)
    if faults := faults_of_sessions(purchase, sessions):
        raise InvalidPurchase(faults)
    return sessions


def _refuse_unserved(purchase: Purchase, now: datetime) -> None:
    faults = faults_of_terms(purchase) + faults_of_unserved_start(purchase, now)
    if faults := faults or faults_of_unserved_wall_clock(purchase):
        raise InvalidPurchase(faults)
