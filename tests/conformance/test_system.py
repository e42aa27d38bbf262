"""The machine's own clock and randomness, and nobody who looks on, held to their suites."""

from __future__ import annotations

import pytest

from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.observation import Observer
from muster.ports.unobserved import Unobserved
from muster.runtime.system_ports import SystemClock, SystemEntropy
from muster.testing.suites.clock import ClockSuite
from muster.testing.suites.entropy import EntropySuite
from muster.testing.suites.observer import ObserverSuite


class TestSystemClock(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()


class TestSystemEntropy(EntropySuite):
    @pytest.fixture
    def entropy(self) -> Entropy:
        return SystemEntropy()


class TestUnobserved(ObserverSuite):
    @pytest.fixture
    def observer(self) -> Observer:
        return Unobserved()
