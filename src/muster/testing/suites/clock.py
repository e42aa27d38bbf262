"""The conformance suite of clocks."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from muster.ports.clock import Clock
from muster.testing.suites.port_suite import PortSuite

__all__ = ["ClockSuite"]


class ClockSuite(PortSuite):
    """Holds a ``Clock`` to its port.

    Fixture to override: ``clock``.
    """

    @pytest.fixture
    def clock(self) -> Clock:
        """The clock under test."""
        raise NotImplementedError("override the fixture clock")

    def test_it_shows_an_aware_instant_in_utc(self, clock: Clock) -> None:
        """``now`` has a time zone, and it is UTC."""
        assert clock.now().tzinfo is UTC
        assert clock.now().utcoffset() == timedelta(0)

    def test_it_does_not_run_backwards_between_two_looks(self, clock: Clock) -> None:
        """A later look shows no earlier instant."""
        looks = [clock.now() for _ in range(100)]
        assert looks == sorted(looks)
