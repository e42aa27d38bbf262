"""Fixtures for every test of whoever has Muster installed; nothing is imported until one is used.

Pytest finds this by the entry point ``muster`` of the group ``pytest11``;
``-p no:muster`` leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from muster.testing.app_under_test import AppUnderTest
    from muster.testing.clock import FakeClock
    from muster.testing.entropy import SeededEntropy

__all__ = ["fake_clock", "muster_app", "seeded_entropy"]

# Imports stand in the functions: this module is loaded in every run of pytest, also in those
# that measure the coverage of Muster's modules or have nothing to do with Muster.


@pytest.fixture
def fake_clock() -> FakeClock:
    """A clock that stands at ``muster.testing.examples.AN_INSTANT`` until it is told otherwise."""
    from muster.testing.clock import FakeClock
    from muster.testing.examples import AN_INSTANT

    return FakeClock(AN_INSTANT)


@pytest.fixture
def seeded_entropy() -> SeededEntropy:
    """Chance that is the same in every run."""
    from muster.testing.entropy import SeededEntropy

    return SeededEntropy(1)


@pytest.fixture
def muster_app(fake_clock: FakeClock, seeded_entropy: SeededEntropy) -> Callable[..., AppUnderTest]:
    """``muster_app(plugins, settings)`` composes an app with this test's clock and chance."""
    from muster.testing.app_under_test import make_app

    def composed(
        plugins: Iterable[type] = (), settings: Mapping[str, str] | None = None
    ) -> AppUnderTest:
        return make_app(plugins, settings, clock=fake_clock, entropy=seeded_entropy)

    return composed
