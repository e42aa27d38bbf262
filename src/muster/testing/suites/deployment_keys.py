"""The conformance suite of the keys that a deployment shares."""

from __future__ import annotations

import asyncio

import pytest

from muster.ports.deployment_keys import DeploymentKeys
from muster.testing.suites.port_suite import PortSuite

__all__ = ["DeploymentKeysSuite"]


class DeploymentKeysSuite(PortSuite):
    """Holds ``DeploymentKeys`` to their port.

    Fixture to override: ``keys``, with none made yet.
    """

    @pytest.fixture
    def keys(self) -> DeploymentKeys:
        """The keys under test; none is made yet."""
        raise NotImplementedError("override the fixture keys")

    async def test_the_first_proposal_is_kept(self, keys: DeploymentKeys) -> None:
        """Later proposals change nothing, however often one asks."""
        first = bytes(range(32))
        assert await keys.key("cursors", first) == first
        assert await keys.key("cursors", bytes(32)) == first
        assert await keys.key("cursors", first) == first

    async def test_each_name_has_its_own_key(self, keys: DeploymentKeys) -> None:
        """A key says nothing about another name's."""
        one, other = b"\x00" * 31 + b"\x01", b"\xff" * 32
        assert await keys.key("one", one) == one
        assert await keys.key("other", other) == other
        assert await keys.key("one", other) == one

    async def test_proposed_at_once_one_is_kept_for_all(self, keys: DeploymentKeys) -> None:
        """All who ask at the same time get the same key, one of those proposed."""
        proposals = [bytes([number]) * 32 for number in range(12)]
        answers = await asyncio.gather(*(keys.key("shared", one) for one in proposals))
        assert len(set(answers)) == 1
        assert answers[0] in proposals
        assert await keys.key("shared", b"\xaa" * 32) == answers[0]
