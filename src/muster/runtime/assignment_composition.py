"""The rules and policies of one app: the law's, then what plugins add."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from muster.application.placement import AssignmentRules
from muster.domain.eligibility import ELIGIBILITY_RULES, Candidate, EligibilityRule, Refusal
from muster.domain.placement import Placement
from muster.domain.ranking import RANKING_POLICIES, RankingParts, RankingPolicy
from muster.plugin_api.errors import CompositionError
from muster.runtime.plugin_hooks import Contribution

__all__ = ["composed_rules"]

_RULE_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_POLICY_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")

_log = structlog.get_logger(__name__)


def composed_rules(
    rules: Sequence[Contribution], policies: Sequence[Contribution], default: str
) -> AssignmentRules:
    """Return the rules and policies by which an app assigns.

    The core's rules come first, in the order of the law, then the plugins' by the plugin's
    name and the rule's; so too the policies, of which the default one is moved to the front.

    Args:
        rules: What plugins returned from ``assignment_rules``.
        policies: What plugins returned from ``ranking_policies``.
        default: The name of the policy for bookings that name none.

    Raises:
        CompositionError: A name is taken or malformed, a version is less than 1, a function
            is asynchronous, or no policy has the default's name.
    """
    _refuse_misfits("rule", rules, (rule.name for rule in ELIGIBILITY_RULES), _RULE_NAME)
    _refuse_misfits(
        "ranking policy", policies, (policy.name for policy in RANKING_POLICIES), _POLICY_NAME
    )
    every = (*RANKING_POLICIES, *(_guarded_policy(one) for one in _in_order(policies)))
    if default not in {policy.name for policy in every}:
        known = ", ".join(policy.name for policy in every)
        raise CompositionError(
            f"MUSTER_ASSIGNMENT__POLICY is {default!r}, and there is no such ranking policy "
            f"(there are {known}). Name one of these, or enable the plugin that offers it."
        )
    return AssignmentRules(
        (*ELIGIBILITY_RULES, *(_guarded_rule(one) for one in _in_order(rules))),
        tuple(sorted(every, key=lambda policy: policy.name != default)),
    )


def _in_order(contributions: Sequence[Contribution]) -> list[Contribution]:
    return sorted(contributions, key=lambda one: (one.plugin.manifest.name, one.value.name))


def _refuse_misfits(
    kind: str, found: Sequence[Contribution], of_core: Iterable[str], names: re.Pattern[str]
) -> None:
    owners = dict.fromkeys(of_core, "the core")
    for one in _in_order(found):
        rule: EligibilityRule | RankingPolicy = one.value
        who = f"{one.plugin.title} offers the {kind} {rule.name!r}"
        if not names.fullmatch(rule.name):
            raise CompositionError(f"{who}; rename it: names match {names.pattern}.")
        if rule.name in owners:
            raise CompositionError(
                f"{who}, which {owners[rule.name]} offers already; rename it, or disable one."
            )
        if rule.version < 1:
            raise CompositionError(f"{who} in version {rule.version}; versions count from 1.")
        function = rule.check if isinstance(rule, EligibilityRule) else rule.key
        if inspect.iscoroutinefunction(function):
            raise CompositionError(f"{who} as 'async def'; it is a pure function: write 'def'.")
        owners[rule.name] = one.plugin.title


def _guarded_rule(found: Contribution) -> EligibilityRule:
    rule: EligibilityRule = found.value
    return replace(rule, check=_GuardedCheck(rule, _ToldOnce(found)))


def _guarded_policy(found: Contribution) -> RankingPolicy:
    policy: RankingPolicy = found.value
    return replace(policy, key=_GuardedKey(policy.key, _ToldOnce(found)))


class _ToldOnce:
    """Logs the first failure of a contribution; a thousand candidates would fail alike."""

    def __init__(self, found: Contribution) -> None:
        self._found = found
        self._told = False

    def failed(self, error: Exception) -> None:
        if self._told:
            return
        self._told = True
        _log.error(
            "plugin_rule_failed",
            plugin=self._found.plugin.title,
            rule=self._found.value.name,
            error=type(error).__name__,
            exc_info=error,
        )


class _GuardedCheck:
    """A plugin's rule: what it cannot judge it refuses, for an unknown is never "free"."""

    def __init__(self, rule: EligibilityRule, told: _ToldOnce) -> None:
        self._rule = rule
        self._told = told

    def __call__(self, placement: Placement, candidate: Candidate) -> Refusal | None:
        try:
            verdict = self._rule.check(placement, candidate)
            return None if verdict is None else self._valid(verdict)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, it has not judged
            self._told.failed(error)
            return Refusal(self._rule.name, "The rule failed.")

    def _valid(self, verdict: Any) -> Refusal:
        if not isinstance(verdict, Refusal) or verdict.rule != self._rule.name:
            raise TypeError("a rule returns None, or a Refusal that has the rule's own name")
        # A receipt keeps it as JSON; what cannot be kept must not fail the booking later.
        msgspec.json.encode(verdict)
        return verdict


class _GuardedKey:
    """A plugin's ranking: whom it cannot place it ranks last."""

    def __init__(self, key: Callable[[RankingParts], Any], told: _ToldOnce) -> None:
        self._key = key
        self._told = told

    def __call__(self, parts: RankingParts) -> tuple[Any, ...]:
        try:
            return False, self._key(parts)
        except Exception as error:  # noqa: BLE001 - whatever it raises, there is no place
            self._told.failed(error)
            return (True,)
