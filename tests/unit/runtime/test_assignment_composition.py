"""Rules and policies of plugins beside the law's: order, names, and what one that fails does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from muster.application.errors import InvalidRequest
from muster.domain.assignment import judge
from muster.domain.eligibility import ELIGIBILITY_RULES
from muster.domain.placement import placement_of
from muster.domain.slots import Availability
from muster.domain.trainers import Trainer
from muster.plugin_api import (
    Candidate,
    CompositionError,
    EligibilityRule,
    Manifest,
    Placement,
    RankingParts,
    RankingPolicy,
    Refusal,
    SettingsLookup,
    hookimpl,
)
from muster.runtime.bootstrap import Application, bootstrap
from muster.testing.examples import a_purchase, a_trainer, a_zone, new_id
from muster_memory.plugin import MemoryPlugin


def plugin(name: str, rules: Sequence[Any] = (), policies: Sequence[Any] = ()) -> type:
    class Offering:
        MANIFEST = Manifest(name=name, api_version=1)

        @hookimpl
        def assignment_rules(self, settings: SettingsLookup) -> Sequence[EligibilityRule]:
            return list(rules)

        @hookimpl
        def ranking_policies(self, settings: SettingsLookup) -> Sequence[RankingPolicy]:
            return list(policies)

    return Offering


def composed(*plugins: type, **environ: str) -> Application:
    return bootstrap(environ, [MemoryPlugin, *plugins])


def passes(placement: Placement, candidate: Candidate) -> Refusal | None:
    return None


def first_come(parts: RankingParts) -> int:
    return 0


async def awaited(placement: Placement, candidate: Candidate) -> Refusal | None:
    raise NotImplementedError


async def awaited_key(parts: RankingParts) -> int:
    raise NotImplementedError


def rule(name: str, check: Any = passes, version: int = 1) -> EligibilityRule:
    return EligibilityRule(name, version, check)


def policy(name: str, key: Any = first_come, version: int = 1) -> RankingPolicy:
    return RankingPolicy(name, version, key)


def test_the_laws_rules_come_first_and_installation_never_matters() -> None:
    law = [one.name for one in ELIGIBILITY_RULES]
    plugins = [
        plugin("b", [rule("Z_OF_B"), rule("A_OF_B", version=4)], [policy("b-order", version=2)]),
        plugin("a", [rule("OF_A")], [policy("a-order")]),
        plugin("c", [rule("AN_EARLY_NAME")]),
    ]
    for order in permutations(plugins):
        rules = composed(*order).rules
        assert [one.name for one in rules.eligibility] == [
            *law, "OF_A", "A_OF_B", "Z_OF_B", "AN_EARLY_NAME",
        ]  # fmt: skip
        assert [(one.name, one.version) for one in rules.policies] == [
            ("balanced", 1), ("nearest", 1), ("a-order", 1), ("b-order", 2),
        ]  # fmt: skip
        assert {one.name: one.version for one in rules.eligibility}["A_OF_B"] == 4


def test_without_plugins_the_law_alone_holds() -> None:
    assert composed().rules.eligibility == ELIGIBILITY_RULES


@pytest.mark.parametrize("name", ["nearest", "b-order"])
def test_a_setting_names_the_policy_of_bookings_that_name_none(name: str) -> None:
    rules = composed(plugin("b", [], [policy("b-order")]), MUSTER_ASSIGNMENT__POLICY=name).rules
    assert rules.policy(None).name == name
    assert rules.policy("balanced").name == "balanced"
    with pytest.raises(InvalidRequest):
        rules.policy("c-order")


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        ([plugin("a", [rule("TOO_FAR")])], "the rule 'TOO_FAR', which the core offers already"),
        ([plugin("a", [], [policy("balanced")])], "which the core offers already"),
        (
            [plugin("a", [rule("MINE")]), plugin("b", [rule("MINE")])],
            "the rule 'MINE', which Plugin 'a' (",
        ),
        ([plugin("a", [rule("MINE"), rule("MINE")])], "which Plugin 'a' ("),
        ([plugin("a", [rule("mine")])], "rename it: names match"),
        ([plugin("a", [], [policy("Mine")])], "rename it: names match"),
        ([plugin("a", [rule("MINE", version=0)])], "versions count from 1"),
        ([plugin("a", [rule("MINE", awaited)])], "it is a pure function: write 'def'"),
        ([plugin("a", [], [policy("mine", awaited_key)])], "it is a pure function: write 'def'"),
    ],
)
def test_what_does_not_fit_refuses_the_start(offered: list[type], told: str) -> None:
    with pytest.raises(CompositionError) as refused:
        composed(*offered)
    assert told in str(refused.value)
    assert str(refused.value).startswith(f"Plugin {offered[-1].MANIFEST.name!r} (tests 0)")  # type: ignore[attr-defined]


def test_a_default_that_nobody_offers_refuses_the_start() -> None:
    with pytest.raises(CompositionError, match=r"MUSTER_ASSIGNMENT__POLICY is 'shortest'.*Name"):
        composed(MUSTER_ASSIGNMENT__POLICY="shortest")


def judged(app: Application, trainers: Sequence[Trainer], order: str | None = None) -> Any:
    zone = a_zone()
    placement = placement_of(a_purchase(course_id=COURSE), zone, ())
    known = [
        a_trainer(id=one.id, zone_ids=frozenset({zone.id}), certified_courses=frozenset({COURSE}))
        for one in trainers
    ]
    return judge(placement, known, {}, app.rules.eligibility, app.rules.policy(order))


COURSE = new_id()


def raising(_: Placement, candidate: Candidate) -> Refusal | None:
    raise LookupError(f"what of {candidate.trainer.name}?")


def answering(value: Any) -> Callable[[Placement, Candidate], Any]:
    return lambda placement, candidate: value


@pytest.mark.parametrize(
    "check",
    [
        raising,
        answering(True),
        answering(Refusal("ANOTHER", "Not by its own name.")),
        answering(Refusal("BROKEN", "Cannot be kept.", {"a": object()})),
    ],
    ids=["raises", "no refusal", "another name", "no JSON"],
)
def test_a_rule_that_fails_refuses_and_is_logged_once(check: Any) -> None:
    app = composed(plugin("a", [rule("BROKEN", check), rule("SOUND")]))
    with capture_logs() as lines:
        verdicts = judged(app, [a_trainer(), a_trainer()]).candidates
    assert [one.refusals for one in verdicts] == [(Refusal("BROKEN", "The rule failed."),)] * 2
    told = [(line["event"], line["rule"], line["plugin"]) for line in lines]
    assert told == [("plugin_rule_failed", "BROKEN", "Plugin 'a' (tests 0)")]


def test_who_cannot_be_ranked_comes_last() -> None:
    trainers = [a_trainer() for _ in range(3)]
    unlucky = trainers[0].id
    seen: list[UUID] = []

    def key(parts: RankingParts) -> int:
        seen.append(unlucky)
        if len(seen) == 1:
            raise ZeroDivisionError
        return -len(seen)

    app = composed(plugin("a", [], [policy("mine", key)]))
    assert judged(app, trainers, "mine").order == (trainers[2].id, trainers[1].id, unlucky)


def test_days_are_counted_only_for_a_rule_that_says_so() -> None:
    counting = EligibilityRule("COUNTS", 1, passes, needs_booked_days=True)
    assert not composed(plugin("a", [rule("MINE")])).rules.need_booked_days
    assert composed(plugin("a", [counting])).rules.need_booked_days
    day = a_purchase().start_date
    with pytest.raises(LookupError):
        Availability().booked_on(day)
    known = Availability((1,), 40, {day: 2})
    assert [known.booked_on(day), known.booked_on(day + timedelta(days=1))] == [2, 0]
    assert known.only(2).booked_on(day) == 2
