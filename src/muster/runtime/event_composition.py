"""Who is told of which events: the subscribers of one app's plugins."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import get_args

from msgspec import Struct

from muster.domain.events import Event
from muster.plugin_api.contributions import EventSubscriber
from muster.plugin_api.errors import CompositionError
from muster.ports.journal import Audience
from muster.runtime.plugin_hooks import Contribution

__all__ = ["Subscription", "audience_of", "composed_subscriptions", "kinds_of"]

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_EVENTS: tuple[type[Event], ...] = get_args(Event)


class Subscription(Struct, frozen=True):
    """A subscriber of one app.

    Attributes:
        name: ``plugin/subscriber``, by which what it has not heard yet is stored.
        subscriber: What the plugin contributed.
    """

    name: str
    subscriber: EventSubscriber


def composed_subscriptions(found: Sequence[Contribution]) -> tuple[Subscription, ...]:
    """Return the subscribers by name.

    Raises:
        CompositionError: A name is taken or malformed, a handler is not asynchronous, what it
            wants to hear is no event, or a bound is not positive.
    """
    subscriptions: dict[str, Subscription] = {}
    for one in found:
        subscriber: EventSubscriber = one.value
        name = f"{one.plugin.manifest.name}/{subscriber.name}"
        who = f"{one.plugin.title} offers the event subscriber {subscriber.name!r}"
        if not _NAME.fullmatch(subscriber.name):
            raise CompositionError(f"{who}; rename it: names match {_NAME.pattern}.")
        if name in subscriptions:
            raise CompositionError(f"{who} twice; rename one of them.")
        if not inspect.iscoroutinefunction(subscriber.handle):
            raise CompositionError(f"{who} with a handler that is not 'async def'; make it one.")
        if strangers := [kind for kind in subscriber.events if kind not in _EVENTS]:
            names = ", ".join(str(getattr(kind, "__name__", kind)) for kind in strangers)
            raise CompositionError(
                f"{who} for {names}: no event of muster.domain.events; name the classes of that."
            )
        if subscriber.timeout_seconds <= 0 or subscriber.max_attempts < 1:
            raise CompositionError(
                f"{who} with a timeout of {subscriber.timeout_seconds} s and "
                f"{subscriber.max_attempts} attempts; both must be more than 0."
            )
        subscriptions[name] = Subscription(name, subscriber)
    return tuple(subscriptions[name] for name in sorted(subscriptions))


def kinds_of(subscription: Subscription) -> tuple[type[Event], ...]:
    """Return the events that a subscriber wants to hear."""
    return subscription.subscriber.events or _EVENTS


def audience_of(subscriptions: Iterable[Subscription]) -> Audience:
    """Return, for each event that anybody wants to hear, the names of those who do."""
    audience: dict[type[Event], tuple[str, ...]] = {}
    for one in subscriptions:
        for kind in kinds_of(one):
            audience[kind] = (*audience.get(kind, ()), one.name)
    return audience
