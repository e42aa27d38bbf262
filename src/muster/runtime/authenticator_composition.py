"""Who can tell who asks: the authenticators of one app's plugins."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from muster.plugin_api.contributions import Authenticator
from muster.plugin_api.errors import CompositionError
from muster.runtime.plugin_hooks import Contribution

__all__ = ["composed_authenticators"]


def composed_authenticators(found: Sequence[Contribution]) -> tuple[Authenticator, ...]:
    """Return the authenticators by the names of their plugins and their own.

    Raises:
        CompositionError: A name is taken, or one is not asynchronous.
    """
    named: dict[tuple[str, str], Authenticator] = {}
    for one in found:
        authenticator: Authenticator = one.value
        key = one.plugin.manifest.name, authenticator.name
        who = f"{one.plugin.title} offers the authenticator {authenticator.name!r}"
        if key in named:
            raise CompositionError(f"{who} twice; rename one of them.")
        if not inspect.iscoroutinefunction(authenticator.authenticate):
            raise CompositionError(f"{who}, which is not 'async def'; make it one.")
        named[key] = authenticator
    return tuple(named[key] for key in sorted(named))
