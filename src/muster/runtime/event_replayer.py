"""Telling subscribers once more of ranges of events, beside what is told live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from muster.plugin_api.lookup import PortLookup
from muster.ports.clock import Clock
from muster.ports.event_feed import Delivery, ParkedEvent
from muster.ports.event_replays import EventReplays, Passage
from muster.ports.observation import Observer
from muster.ports.unobserved import UNOBSERVED
from muster.runtime.event_composition import Subscription, kinds_of
from muster.runtime.event_hearing import MOST_AT_ONCE, EventHearing
from muster.runtime.event_tellers import EventTellers
from muster.runtime.settings import EventSettings

__all__ = ["EventReplayer"]


class EventReplayer:
    """Goes through the replays of each subscriber, at least once and in order.

    Several servers share them through the port: one has the next passage of a replay, and
    what one has that died another one takes over.

    Attributes:
        tellers: Who does it, once they run.
    """

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        replays: EventReplays,
        clock: Clock,
        ports: PortLookup,
        settings: EventSettings,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """Tell these subscribers; the arguments are those of ``EventRelay``."""
        self._replays = replays
        self._clock = clock
        self._hearing = EventHearing(clock, ports, settings, observer)
        self.tellers = EventTellers(subscriptions, self._told_some, settings.poll_seconds)

    async def _told_some(self, subscription: Subscription) -> bool:
        passage = await self._replays.claim(
            subscription.name,
            kinds_of(subscription),
            self._clock.now(),
            self._hearing.claimed_until(subscription),
            MOST_AT_ONCE,
        )
        if passage is None:
            return False
        try:
            await self._settle(subscription, passage, await self._tell(subscription, passage))
        except asyncio.CancelledError:
            await self._replays.hand_back(passage)
            raise
        return True

    async def _tell(self, subscription: Subscription, passage: Passage) -> list[str | None]:
        return await asyncio.gather(
            *(
                self._hearing.hear(
                    subscription, Delivery(subscription.name, recorded, passage.attempt)
                )
                for _, recorded in passage.events
            )
        )

    async def _settle(
        self, subscription: Subscription, passage: Passage, failures: Sequence[str | None]
    ) -> None:
        """Go on behind what was heard; what was not is tried again alone, and at last parked."""
        failed = next(
            ((number, why) for number, why in enumerate(failures) if why is not None), None
        )
        if failed is None:
            await self._replays.advance(passage, passage.reaches)
            return
        number, why = failed
        position, recorded = passage.events[number]
        if passage.attempt >= subscription.subscriber.max_attempts:
            given_up = ParkedEvent(subscription.name, recorded, passage.attempt, why)
            await self._replays.advance(passage, position, [given_up])
            return
        until = self._hearing.again_at(passage.attempt)
        await self._replays.postpone(passage, position - 1, until, why)
