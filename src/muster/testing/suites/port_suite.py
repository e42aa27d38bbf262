"""What all suites share: they are asynchronous, and their ports come by fixtures."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings

__all__ = ["AGAINST_A_PORT", "PortSuite"]

AGAINST_A_PORT = settings(
    deadline=None,
    suppress_health_check=[
        # One fixture serves all examples (none of them commits), and several classes
        # inherit each test.
        HealthCheck.function_scoped_fixture,
        HealthCheck.differing_executors,
        HealthCheck.too_slow,
    ],
)
"""How the suites' properties run, over the profile that is loaded."""


class PortSuite:
    """The root of all suites."""

    pytestmark: ClassVar[Any] = pytest.mark.anyio

    @pytest.fixture(scope="class")
    @classmethod
    def anyio_backend(cls) -> str:
        """Run on asyncio."""
        return "asyncio"
