"""How a subscriber hears one event, live or once more, and what follows when it does not."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import structlog

from muster.plugin_api.lookup import PortLookup
from muster.plugin_api.redaction import kept_error
from muster.ports.clock import Clock
from muster.ports.event_feed import Delivery
from muster.ports.observation import DeliveryActivity, Observer
from muster.runtime.event_composition import Subscription
from muster.runtime.settings import EventSettings

__all__ = ["MOST_AT_ONCE", "NO_ATTEMPT_ENDED", "EventHearing"]

MOST_AT_ONCE = 32
"""Events that one subscriber of a process is told of at the same time."""

NO_ATTEMPT_ENDED = "No attempt ended: its server ended first."

_LEASE_MARGIN_SECONDS = 30.0
"""How long after its timeout an event is taken for lost with the server that had it."""

_LONGEST_PAUSE_SECONDS = 300.0
_MOST_DOUBLINGS = 16

_log = structlog.get_logger(__name__)


class EventHearing:
    """Tells one event at a time, within its time, and sees to what is logged."""

    def __init__(
        self, clock: Clock, ports: PortLookup, settings: EventSettings, observer: Observer
    ) -> None:
        """Tell subscribers.

        Args:
            clock: For claims and pauses; those of all servers agree to some seconds.
            ports: Handed to the subscribers.
            settings: When to try again.
            observer: Looks on while subscribers are told.
        """
        self._clock = clock
        self._ports = ports
        self._settings = settings
        self._observer = observer

    def claimed_until(self, subscription: Subscription) -> datetime:
        """Return from when on somebody else may take what is claimed now."""
        seconds = subscription.subscriber.timeout_seconds + _LEASE_MARGIN_SECONDS
        return self._clock.now() + timedelta(seconds=seconds)

    def again_at(self, attempt: int) -> datetime:
        """Return when to try again after an attempt that failed, from 1."""
        pause = self._settings.retry_seconds * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS)
        return self._clock.now() + timedelta(seconds=min(pause, _LONGEST_PAUSE_SECONDS))

    async def hear(self, subscription: Subscription, delivery: Delivery) -> str | None:
        """Tell a subscriber of an event; return why it was not heard, as it can be stored.

        Raises:
            CancelledError: Whoever tells is told to end.
        """
        # Each delivery is a task, and so this stays with it.
        structlog.contextvars.bind_contextvars(correlation_id=delivery.recorded.correlation_id)
        if delivery.attempt > subscription.subscriber.max_attempts:
            _log_failure(subscription, delivery, NO_ATTEMPT_ENDED)
            return NO_ATTEMPT_ENDED
        try:
            await self._told(subscription, delivery)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            why = "CancelledError: it gave up by itself"
            _log_failure(subscription, delivery, why)
            return why
        except Exception as error:  # noqa: BLE001 - whatever it raises, it has not heard
            return kept_error(_words_of(error))
        return None

    async def _told(self, subscription: Subscription, delivery: Delivery) -> None:
        subscriber = subscription.subscriber
        activity = DeliveryActivity(delivery.subscriber, delivery.recorded, delivery.attempt)
        with self._observer.observing(activity):
            try:
                async with asyncio.timeout(subscriber.timeout_seconds):
                    await subscriber.handle(delivery.recorded, self._ports)
            except Exception as error:
                # Amid what is looked at, so that the line names its trace.
                _log_failure(subscription, delivery, _words_of(error))
                raise


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
