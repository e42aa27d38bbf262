"""When a failed call is made again: only what may pass, after a random, growing wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TypeVar

import stamina

from muster.ports.entropy import Entropy
from muster_trainer_http.failures import CallFailed
from muster_trainer_http.settings import TrainerHttpSettings

__all__ = ["retried", "wait_asked_for"]

T = TypeVar("T")

# As many as a float can tell apart.
_BITS = 53


async def retried(
    call: Callable[[], Awaitable[T]], settings: TrainerHttpSettings, entropy: Entropy
) -> T:
    """Make a call, and make it again while its failure may pass.

    Args:
        call: Made once, and at most ``settings.retries`` times more.
        settings: How often, and how long the waits are.
        entropy: Draws the waits.

    Raises:
        CallFailed: The last failure.
    """
    async for attempt in stamina.retry_context(
        on=_Waits(settings, entropy), attempts=settings.retries + 1, timeout=None
    ):
        with attempt:
            return await call()
    raise AssertionError("the last attempt either returns or raises")


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds a response's ``Retry-After`` asks; ``None`` without a sane one.

    A date is measured from the response's own ``Date``, so no two clocks need to agree.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        # Nine digits are more than anybody waits for.
        return float(text[:9])
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


class _Waits:
    """Full jitter for one call: stamina's own jitter is added to the backoff, never below it."""

    def __init__(self, settings: TrainerHttpSettings, entropy: Entropy) -> None:
        self._settings = settings
        self._entropy = entropy
        self._ceiling = settings.retry_seconds

    def __call__(self, failed: Exception) -> bool | float:
        if not isinstance(failed, CallFailed) or not failed.passing:
            return False
        wait = self._ceiling * self._entropy.bits(_BITS) / (1 << _BITS)
        self._ceiling *= 2
        if failed.retry_after is None:
            return wait
        # Nobody waits for what comes after the question's time: the failure is known now.
        asked = failed.retry_after + wait
        return asked if asked < self._settings.question_seconds else False
