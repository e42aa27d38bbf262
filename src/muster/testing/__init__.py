"""What the authors of plugins and adapters test with.

``make_app`` composes a whole app on the memory adapters; ``FakeClock`` and
``SeededEntropy`` can be replayed; ``examples`` has values of the domain; ``suites`` has one
conformance suite for each port: a class to inherit from, which asks for its port by
fixtures. ``pytest_plugin`` brings the fixtures ``fake_clock``, ``seeded_entropy`` and
``muster_app`` into every run of pytest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muster.testing.app_under_test import AppUnderTest, make_app
    from muster.testing.clock import FakeClock
    from muster.testing.entropy import SeededEntropy

__all__ = ["AppUnderTest", "FakeClock", "SeededEntropy", "make_app"]

_PLACES = {
    "AppUnderTest": "app_under_test",
    "FakeClock": "clock",
    "SeededEntropy": "entropy",
    "make_app": "app_under_test",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: pytest loads this package in every run, used or not."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
