"""Telling subscribers of events after the commit: the relay of one server process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from muster.plugin_api.lookup import PortLookup
from muster.ports.clock import Clock
from muster.ports.event_feed import Backlog, Delivery, EventFeed
from muster.ports.observation import Gauge, Observer
from muster.ports.unobserved import UNOBSERVED
from muster.runtime.event_composition import Subscription
from muster.runtime.event_hearing import MOST_AT_ONCE, EventHearing
from muster.runtime.event_tellers import EventTellers, telling
from muster.runtime.settings import EventSettings

__all__ = ["EventRelay"]


class EventRelay:
    """Tells each subscriber what it has not heard yet, at least once.

    Each has a task of its own, so that none waits for another. Several servers share the
    work through the feed; what one of them has claimed and does not settle, since it died,
    another one claims once the time of the claim is over.
    """

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        feed: EventFeed,
        clock: Clock,
        ports: PortLookup,
        settings: EventSettings,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """Tell these subscribers.

        Args:
            subscriptions: Who is told.
            feed: What they have not heard.
            clock: For claims and pauses; those of all servers agree to some seconds.
            ports: Handed to the subscribers.
            settings: How often to look, and when to try again.
            observer: Looks on while subscribers are told.
        """
        self._subscriptions = subscriptions
        self._feed = feed
        self._clock = clock
        self._observer = observer
        self._hearing = EventHearing(clock, ports, settings, observer)
        self._tellers = EventTellers(subscriptions, self._told_some, settings.poll_seconds)

    @asynccontextmanager
    async def running(self, *beside: EventTellers) -> AsyncIterator[None]:
        """Tell them while the context is open; then finish or hand back what was begun.

        Args:
            beside: Who begins and ends together with them.
        """
        self._offer_gauges()
        async with telling(self._tellers, *beside):
            yield

    def _offer_gauges(self) -> None:
        async def waiting() -> dict[str, float]:
            return {name: one.waiting for name, one in (await self._backlog()).items()}

        async def parked() -> dict[str, float]:
            return {name: one.parked for name, one in (await self._backlog()).items()}

        async def lag() -> dict[str, float]:
            now = self._clock.now()
            return {
                name: 0.0 if one.oldest_at is None else (now - one.oldest_at).total_seconds()
                for name, one in (await self._backlog()).items()
            }

        for name, meaning, read in (
            ("events_waiting", "Events that a subscriber is still to be told.", waiting),
            ("events_parked", "Events that a subscriber failed to hear too often.", parked),
            ("event_lag_seconds", "Age of the oldest event that it is to be told.", lag),
        ):
            self._observer.offer(Gauge(name, meaning, "subscriber", read))

    async def _backlog(self) -> dict[str, Backlog]:
        return await self._feed.backlog([one.name for one in self._subscriptions])

    async def _told_some(self, subscription: Subscription) -> bool:
        claimed = await self._feed.claim(
            subscription.name,
            self._clock.now(),
            self._hearing.claimed_until(subscription),
            MOST_AT_ONCE,
        )
        settled = await asyncio.gather(
            *(self._deliver(subscription, delivery) for delivery in claimed),
            return_exceptions=True,
        )
        for failed in settled:
            if failed is not None:
                raise failed
        return bool(claimed)

    async def _deliver(self, subscription: Subscription, delivery: Delivery) -> None:
        try:
            why = await self._hearing.hear(subscription, delivery)
        except asyncio.CancelledError:
            await self._feed.hand_back(delivery)
            raise
        if why is None:
            await self._feed.acknowledge(delivery)
        elif delivery.attempt >= subscription.subscriber.max_attempts:
            await self._feed.park(delivery, why)
        else:
            await self._feed.postpone(delivery, self._hearing.again_at(delivery.attempt), why)
