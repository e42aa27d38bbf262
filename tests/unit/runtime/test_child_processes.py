"""Child processes: awaited, ended, and never waited for in vain."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from muster.runtime.child_processes import ChildFailed, ChildProcess

SPEAKS = "print('first', flush=True); print('at http://here', flush=True); input()"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(60)"
)
TETHERED = (
    "import time; from muster.runtime.tethered import end_with_parent; "
    "end_with_parent(); print('tied', flush=True); time.sleep(60)"
)


@contextmanager
def child(code: str) -> Iterator[ChildProcess]:
    process = ChildProcess(["-c", code], os.environ, name="speaker")
    try:
        yield process
    finally:
        process.end(0)


def test_the_line_that_is_awaited_is_found_among_others() -> None:
    with child(SPEAKS) as process:
        assert process.await_line("at ", 10) == "http://here"
        assert process.exit_code is None
        process.ask_to_end()
        assert process.end(10) == -15


def test_an_end_instead_of_the_line_is_told_with_its_code() -> None:
    with child("raise SystemExit(3)") as process:
        with pytest.raises(ChildFailed, match=r"^The speaker ended with 3 before it was ready\.$"):
            process.await_line("at ", 10)
        assert process.wait(10) == 3


def test_silence_is_not_waited_out_for_ever() -> None:
    with child(SPEAKS) as process:
        with pytest.raises(ChildFailed, match=r"^The speaker was not ready within 0\.2 s\.$"):
            process.await_line("never", 0.2)
        with pytest.raises(ChildFailed, match=r"^The speaker did not end within 0\.2 s\.$"):
            process.wait(0.2)


def test_who_waits_may_give_up() -> None:
    class Enough(Exception):
        pass

    def give_up() -> None:
        raise Enough

    with child(SPEAKS) as process:
        with pytest.raises(Enough):
            process.await_line("never", 10, give_up)
        with pytest.raises(Enough):
            process.wait(10, give_up)


def test_one_that_does_not_listen_is_killed() -> None:
    with child(STUBBORN) as process:
        process.await_line("deaf", 10)
        process.ask_to_end()
        assert process.end(0.2) == -9


def test_one_that_is_tied_ends_when_its_parent_lets_go() -> None:
    with child(TETHERED) as process:
        process.await_line("tied", 10)
        process.let_go()
        assert process.wait(10) == -15
