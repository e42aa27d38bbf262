"""What waits is dealt with, and what cannot be dealt with harms nobody."""

from __future__ import annotations

from collections.abc import Iterator

from structlog.testing import capture_logs

from muster_telemetry.backlog import Backlog


def test_a_fault_lets_go_what_waits_is_told_once_and_reaches_nobody() -> None:
    done: list[int] = []
    full = True

    def onto_a_disk(waiting: Iterator[int]) -> None:
        for one in waiting:
            if full:
                raise OSError("no space left")
            done.append(one)

    backlog = Backlog[int](onto_a_disk)
    with capture_logs() as told:
        for number in range(1_000):
            backlog.take(number)
        backlog.work_off()
        assert [line["event"] for line in told] == ["telemetry_failing"]

        full = False
        backlog.take(1)
        backlog.work_off()
        assert done == [1]

        full = True
        backlog.take(2)
        backlog.work_off()
    assert len(told) == 2
