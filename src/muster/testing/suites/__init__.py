"""One conformance suite for each port, as plain pytest classes.

Inherit from a suite in a class whose name begins with ``Test`` and override the fixtures
that its docstring names, by ordinary or async fixtures (anyio's pytest plugin runs them,
on asyncio). Every test begins with an empty store of its own.
"""

from __future__ import annotations

from pkgutil import iter_modules

import pytest

# Before any of them is imported, so that a failed assertion shows its values.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in iter_modules(__path__)))
