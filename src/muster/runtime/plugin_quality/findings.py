"""What a check says of a plugin."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

__all__ = ["Outcome", "PluginVerdict", "State", "outcome"]


class State(Enum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(Struct, frozen=True):
    """What one check found.

    Attributes:
        check: Its name.
        state: How it ended.
        findings: What is wrong, one sentence each with place and remedy; why it was skipped.
    """

    check: str
    state: State
    findings: tuple[str, ...] = ()


class PluginVerdict(Struct, frozen=True):
    """What all checks found of one plugin.

    Attributes:
        plugin: Its name.
        distribution: Where it comes from.
        version: Of that distribution.
        outcomes: Of every check, in the order in which they were made.
    """

    plugin: str
    distribution: str
    version: str
    outcomes: tuple[Outcome, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing failed."""
        return all(one.state is not State.FAILED for one in self.outcomes)


def outcome(check: str, findings: Iterable[str]) -> Outcome:
    """Return the outcome of a check that was made: without findings it passed."""
    found = tuple(findings)
    return Outcome(check, State.FAILED if found else State.PASSED, found)
