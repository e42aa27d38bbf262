"""What a placement needs before a transaction opens: zone, plan, trainers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.application.claims import ClaimOutcome
from muster.application.errors import InvalidRequest
from muster.application.rulings import Ruling
from muster.domain.assignment import Judgement, judge
from muster.domain.bookings import Purchase
from muster.domain.eligibility import ELIGIBILITY_RULES, EligibilityRule
from muster.domain.errors import Fault
from muster.domain.geography import Point
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
from muster.domain.receipts import NamedVersion, ReceiptZone, Sighting
from muster.domain.sessions import PlannedSession
from muster.domain.slots import Availability
from muster.domain.trainers import Trainer
from muster.domain.zone_choice import ZoneChoice, choose_zone
from muster.domain.zones import Zone
from muster.ports.clock import Clock
from muster.ports.schedule import TrainersTime
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

    @property
    def need_booked_days(self) -> bool:
        """Whether a rule asks how many sessions candidates have on each day of the plan."""
        return any(rule.needs_booked_days for rule in self.eligibility)

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
        self._rule_names = tuple(
            NamedVersion(rule.name, rule.version) for rule in rules.eligibility
        )

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
        choice = await self._choose(purchase.student_location)
        now = self._clock.now()
        if choice.chosen is None:
            _refuse_unserved(purchase, now)
            return PreparedPlacement(choice, policy, (), None)
        sessions = _planned(purchase, choice.chosen.zone.time_zone, now)
        known = await self.ask(choice.chosen.zone, purchase.course_id)
        return PreparedPlacement(choice, policy, sessions, known)

    async def prepare_again(self, purchase: Purchase) -> PreparedPlacement:
        """Prepare the placement of a purchase that was accepted before, and still waits.

        The zone, the trainers and the plan are those of now; the rules of a purchase held
        when it was made.
        """
        policy = self._rules.policy(purchase.ranking_policy)
        choice = await self._choose(purchase.student_location)
        if choice.chosen is None:
            return PreparedPlacement(choice, policy, (), None)
        zone = choice.chosen.zone
        sessions = plan_sessions(purchase, zone.time_zone)
        return PreparedPlacement(choice, policy, sessions, await self.ask(zone, purchase.course_id))

    def ruling(
        self,
        known: KnownTrainers,
        policy: RankingPolicy,
        judgement: Judgement,
        claimed: ClaimOutcome,
        choice: ZoneChoice | None = None,
    ) -> Ruling:
        """Return what a receipt keeps of a choice between trainers.

        Args:
            known: The trainers, and how old that knowledge was.
            policy: By which they were ranked.
            judgement: Every candidate.
            claimed: Whose time was claimed.
            choice: The zone and why, where it was chosen too.
        """
        served_by = choice.chosen if choice else None
        return Ruling(
            policy=NamedVersion(policy.name, policy.version),
            rules=self._rule_names,
            directory=known.sighting,
            zone=ReceiptZone(served_by.zone.id, choice.rule, served_by.distance_metres)
            if choice and served_by
            else None,
            judgement=judgement,
            chosen=claimed.chosen,
            lost=claimed.lost,
        )

    async def _choose(self, point: Point) -> ZoneChoice:
        around = await self._locator.around(point)
        return choose_zone(point, around.covering, around.nearest)

    async def judge(
        self, purchase: Purchase, prepared: PreparedPlacement, schedule: TrainersTime
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
        placement = placement_of(purchase, served_by.zone, prepared.sessions)
        return await self.judge_placement(
            placement, known.trainers, prepared.policy, purchase.start_date, schedule
        )

    async def judge_placement(
        self,
        placement: Placement,
        trainers: Sequence[Trainer],
        policy: RankingPolicy,
        ranked_from: date,
        schedule: TrainersTime,
    ) -> Judgement:
        """Judge candidates by what their live slots say.

        Args:
            placement: What is to be placed.
            trainers: The candidates.
            policy: By which they are ranked.
            ranked_from: The first local day of the window in which booked minutes count.
            schedule: Reads live slots inside a unit of work.
        """
        availability = await self._availability(trainers, placement.sessions, ranked_from, schedule)
        return judge(placement, trainers, availability, self._rules.eligibility, policy)

    async def able_for_each(
        self,
        placements: Sequence[Placement],
        trainers: Sequence[Trainer],
        policy: RankingPolicy,
        schedule: TrainersTime,
    ) -> dict[int, tuple[UUID, ...]]:
        """Judge placements of one session each, all by one question about live slots.

        Args:
            placements: Of one session each.
            trainers: The candidates for every one of them.
            policy: By which they are ranked.
            schedule: Reads live slots inside a unit of work.

        Returns:
            By the session's number, who could take it, best first.
        """
        if not placements:
            return {}
        sessions = [placement.sessions[0] for placement in placements]
        first_day = min(session.local_date for session in sessions)
        availability = await self._availability(trainers, sessions, first_day, schedule)
        return {
            session.number: judge(
                placement,
                trainers,
                {one: held.only(session.number) for one, held in availability.items()},
                self._rules.eligibility,
                policy,
            ).order
            for placement, session in zip(placements, sessions, strict=True)
        }

    async def _availability(
        self,
        trainers: Sequence[Trainer],
        sessions: Sequence[PlannedSession],
        ranked_from: date,
        schedule: TrainersTime,
    ) -> Mapping[UUID, Availability]:
        ids = [trainer.id for trainer in trainers]
        found = await schedule.availability(ids, sessions, ranked_from, RANKING_WINDOW_DAYS)
        if not self._rules.need_booked_days:
            return found
        days = sorted({session.local_date for session in sessions})
        booked = await schedule.booked_days(ids, days)
        # Everybody has an entry: to have no session is known, too.
        return {
            id_: replace(found.get(id_, Availability()), booked_days=booked.get(id_, {}))
            for id_ in ids
        }

    async def ask(self, zone: Zone, course_id: UUID) -> KnownTrainers | None:
        """Ask who could teach a course in a zone; ``None`` where nobody could answer."""
        question = TrainerQuestion(zone.franchise_id, zone.id, course_id)
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
