"""The clocks and the sources of chance, held to their suites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.testing.clock import FakeClock
from muster.testing.entropy import SeededEntropy
from muster.testing.examples import AN_INSTANT
from muster.testing.suites.clock import ClockSuite
from muster.testing.suites.entropy import EntropySuite


class TestFakeClock(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return FakeClock(AN_INSTANT)

    def test_it_stands_still_until_it_is_told(self) -> None:
        clock = FakeClock(AN_INSTANT)
        assert clock.now() == clock.now() == AN_INSTANT
        assert clock.advance(timedelta(minutes=40)) == AN_INSTANT + timedelta(minutes=40)
        assert clock.now() == AN_INSTANT + timedelta(minutes=40)
        clock.set(AN_INSTANT)
        assert clock.now() == AN_INSTANT

    def test_it_shows_utc_whatever_it_is_set_to(self) -> None:
        clock = FakeClock(datetime(2027, 1, 4, 12, 0, tzinfo=timezone(timedelta(hours=5.5))))
        assert clock.now().tzinfo is UTC
        assert clock.now() == datetime(2027, 1, 4, 6, 30, tzinfo=UTC)

    def test_it_refuses_an_instant_without_a_time_zone(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            FakeClock(AN_INSTANT.replace(tzinfo=None))


class TestSeededEntropy(EntropySuite):
    @pytest.fixture
    def entropy(self) -> Entropy:
        return SeededEntropy(17)

    def test_the_same_seed_draws_the_same(self) -> None:
        one, same, other = SeededEntropy(1), SeededEntropy(1), SeededEntropy(2)
        drawn = [one.bits(74) for _ in range(50)]
        assert [same.bits(74) for _ in range(50)] == drawn
        assert [other.bits(74) for _ in range(50)] != drawn
