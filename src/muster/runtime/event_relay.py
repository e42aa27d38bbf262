"""Telling subscribers of events after the commit: the relay of one server process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from muster.plugin_api.lookup import PortLookup
from muster.ports.clock import Clock
from muster.ports.event_feed import Backlog, Delivery, EventFeed
from muster.ports.observation import DeliveryActivity, Gauge, Observer
from muster.ports.unobserved import UNOBSERVED
from muster.runtime.event_composition import Subscription
from muster.runtime.settings import EventSettings

__all__ = ["EventRelay"]

_MOST_AT_ONCE = 32
"""Events that one subscriber of a process is told of at the same time."""

_LEASE_MARGIN_SECONDS = 30.0
"""How long after its timeout an event is taken for lost with the server that had it."""

_LONGEST_PAUSE_SECONDS = 300.0
_MOST_DOUBLINGS = 16
_GRACE_SECONDS = 5.0
_LONGEST_ERROR = 500

_log = structlog.get_logger(__name__)


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
        self._ports = ports
        self._settings = settings
        self._observer = observer
        self._ending = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell them while the context is open; then finish or hand back what was begun."""
        self._offer_gauges()
        tellers = [
            asyncio.create_task(self._tell(one), name=f"events for {one.name}")
            for one in self._subscriptions
        ]
        try:
            yield
        finally:
            self._ending.set()
            if tellers:
                await asyncio.wait(tellers, timeout=_GRACE_SECONDS)
            for teller in tellers:
                teller.cancel()
            await asyncio.gather(*tellers, return_exceptions=True)

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

    async def _tell(self, subscription: Subscription) -> None:
        away = False
        while not self._ending.is_set():
            try:
                told, away = await self._told_some(subscription), False
            except Exception as error:  # noqa: BLE001 - a relay that ends would tell nobody ever
                if not away:
                    _log.warning("event_feed_failed", subscriber=subscription.name, exc_info=error)
                told, away = False, True
            if not told:
                await self._rest()

    async def _told_some(self, subscription: Subscription) -> bool:
        now = self._clock.now()
        seconds = subscription.subscriber.timeout_seconds + _LEASE_MARGIN_SECONDS
        claimed = await self._feed.claim(
            subscription.name, now, now + timedelta(seconds=seconds), _MOST_AT_ONCE
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
        # Each delivery is a task, and so this stays with it.
        structlog.contextvars.bind_contextvars(correlation_id=delivery.recorded.correlation_id)
        if delivery.attempt > subscription.subscriber.max_attempts:
            why = "No attempt ended: its server ended first."
            _log_failure(subscription, delivery, why)
            await self._not_heard(subscription, delivery, why)
            return
        try:
            await self._hear(subscription, delivery)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                await self._feed.hand_back(delivery)
                raise
            why = "CancelledError: it gave up by itself"
            _log_failure(subscription, delivery, why)
            await self._not_heard(subscription, delivery, why)
        except Exception as error:  # noqa: BLE001 - whatever it raises, it has not heard
            await self._not_heard(subscription, delivery, _words_of(error))
        else:
            await self._feed.acknowledge(delivery)

    async def _hear(self, subscription: Subscription, delivery: Delivery) -> None:
        subscriber = subscription.subscriber
        with self._observer.observing(_activity(delivery)):
            try:
                async with asyncio.timeout(subscriber.timeout_seconds):
                    await subscriber.handle(delivery.recorded, self._ports)
            except Exception as error:
                # Amid what is looked at, so that the line names its trace.
                _log_failure(subscription, delivery, _words_of(error))
                raise

    async def _not_heard(self, subscription: Subscription, delivery: Delivery, why: str) -> None:
        error = _storable(why)
        if delivery.attempt >= subscription.subscriber.max_attempts:
            await self._feed.park(delivery, error)
            return
        pause = self._settings.retry_seconds * 2.0 ** min(delivery.attempt - 1, _MOST_DOUBLINGS)
        until = self._clock.now() + timedelta(seconds=min(pause, _LONGEST_PAUSE_SECONDS))
        await self._feed.postpone(delivery, until, error)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._ending.wait()
        except TimeoutError:
            return


def _activity(delivery: Delivery) -> DeliveryActivity:
    return DeliveryActivity(delivery.subscriber, delivery.recorded, delivery.attempt)


def _log_failure(subscription: Subscription, delivery: Delivery, why: str) -> None:
    last = delivery.attempt >= subscription.subscriber.max_attempts
    _log.log(
        logging.ERROR if last else logging.WARNING,
        "event_parked" if last else "event_not_heard",
        subscriber=subscription.name,
        event_id=str(delivery.recorded.id),
        attempt=delivery.attempt,
        error=why.partition(":")[0],
    )


def _words_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _storable(text: str) -> str:
    """Return what a database can keep of an exception's words."""
    clean = text.encode(errors="replace").decode().replace("\0", "")
    return clean[:_LONGEST_ERROR]
