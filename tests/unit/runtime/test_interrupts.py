"""Signals that are noted, not raised."""

from __future__ import annotations

import signal

import pytest

from muster.runtime.interrupts import Interrupted, Interrupts


def test_nothing_is_raised_until_somebody_looks() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts() as interrupts:
        interrupts.check()
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.received == [signal.SIGTERM, signal.SIGINT]
        with pytest.raises(Interrupted, match="SIGTERM"):
            interrupts.check()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_listener_is_told_of_what_came_and_what_comes() -> None:
    told: list[int] = []
    with Interrupts() as interrupts:
        interrupts.tell(lambda: told.append(1))
        assert told == []
        signal.raise_signal(signal.SIGINT)
        assert told == [1]
        interrupts.tell(lambda: told.append(2))
        assert told == [1, 2]
        interrupts.tell(None)
        signal.raise_signal(signal.SIGINT)
        assert told == [1, 2]
