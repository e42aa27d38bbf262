"""The conformance suite of sources of chance."""

from __future__ import annotations

import pytest

from muster.ports.entropy import Entropy
from muster.testing.suites.port_suite import PortSuite

__all__ = ["EntropySuite"]


class EntropySuite(PortSuite):
    """Holds an ``Entropy`` to its port.

    Fixture to override: ``entropy``.
    """

    @pytest.fixture
    def entropy(self) -> Entropy:
        """The source under test."""
        raise NotImplementedError("override the fixture entropy")

    @pytest.mark.parametrize("count", [1, 3, 32, 62, 74, 80, 256])
    def test_bits_lie_in_their_range(self, entropy: Entropy, count: int) -> None:
        """From 0 to 2**count - 1."""
        assert all(0 <= entropy.bits(count) < 1 << count for _ in range(200))

    def test_every_bit_is_drawn(self, entropy: Entropy) -> None:
        """Each of 80 bits is sometimes set and sometimes not (missed once in 2**400)."""
        drawn = [entropy.bits(80) for _ in range(400)]
        ones, zeros = 0, 0
        for bits in drawn:
            ones |= bits
            zeros |= ~bits
        assert ones == (1 << 80) - 1
        assert zeros & (1 << 80) - 1 == (1 << 80) - 1

    def test_draws_differ(self, entropy: Entropy) -> None:
        """A thousand draws of 80 bits are a thousand numbers."""
        assert len({entropy.bits(80) for _ in range(1000)}) == 1000
