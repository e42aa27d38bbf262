"""Where a server's time goes while it places bookings: what py-spy sees."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from bench.bookings import place, staffed
from bench.companion import Companion
from bench.deployment import deployed, serving
from bench.figures import latencies_of
from bench.load import generator
from bench.machine import cpu_seconds
from bench.purchases import request_body
from bench.report import say, table, write

__all__ = ["ProfilePlan", "measure_profile", "shares_of"]

_SAMPLES_A_SECOND = 250
_LOOP = "Runner.run"
"""On the stack of the thread that serves; others wait, which py-spy takes for work."""

_ALWAYS = 0.8
"""What is on more stacks than this leads to the work and tells nothing of it."""

_PER_SECOND = 350
"""Bookings prepared for each second; a server that places more has fewer samples."""


class ProfilePlan(Struct, frozen=True):
    """What to look at.

    Attributes:
        clients: Concurrent clients.
        sessions: Sessions of each booking.
        candidates: Trainers of each zone.
        seconds: For how long.
        lines: How many functions to show.
        stacks: Where the collapsed stacks go, for a flame graph; nowhere by default.
    """

    clients: int
    sessions: int
    candidates: int
    seconds: int
    lines: int
    stacks: Path | None


class Share(Struct, frozen=True):
    """A function's share of the samples.

    Attributes:
        function: Its name and file.
        own: While it was at the top of the stack.
        cumulative: While it was anywhere on the stack.
    """

    function: str
    own: float
    cumulative: float


def measure_profile(plan: ProfilePlan, name: str) -> None:
    """Place bookings while py-spy looks; print the dearest functions and write them."""
    with deployed() as deployment, Companion(generator) as load:
        places = staffed(deployment, plan.candidates)
        database = deployment.new_database()
        with serving(deployment, database) as server:
            many = 64 + min(plan.seconds * _PER_SECOND, _room(plan, len(places)))
            bodies = [request_body(number, places, plan.sessions) for number in range(many)]
            place(load, server, bodies[:64], plan.clients)
            stacks = plan.stacks or deployment.home / "stacks.txt"
            watcher = _watch(server.pid, plan.seconds, stacks)
            began = cpu_seconds(server.pid)
            result = place(load, server, bodies[64:], plan.clients, plan.seconds + 2)
            used = cpu_seconds(server.pid) - began
            watcher.wait(60)
        shares = shares_of(stacks.read_text().splitlines())
    waits = latencies_of(result.waits)
    say(
        f"{len(result.waits)} bookings while watched, {result.rate:.0f} a second, p50 "
        f"{waits.p50:.1f} ms, {used * 1000 / len(result.waits):.2f} ms of processor time each, "
        f"{used / result.seconds:.0%} of a core"
    )
    for title, ordered in (
        ("By own time", sorted(shares, key=lambda share: -share.own)),
        (
            "By cumulative time",
            sorted(
                (share for share in shares if share.cumulative <= _ALWAYS),
                key=lambda share: -share.cumulative,
            ),
        ),
    ):
        table(
            f"{title}: share of the samples in which the server's thread was busy",
            ("function", "own", "cumulative"),
            [
                (one.function, f"{one.own:.1%}", f"{one.cumulative:.1%}")
                for one in ordered[: plan.lines]
            ],
        )
    write(name, shares[:200])


def shares_of(stacks: Iterable[str]) -> list[Share]:
    """Return each function's share from collapsed stacks, the dearest by own time first.

    Args:
        stacks: Lines of frames from the outermost inwards, by ``;``, and a count.
    """
    own: Counter[str] = Counter()
    cumulative: Counter[str] = Counter()
    total = 0
    for line in stacks:
        if _LOOP not in line:
            continue
        frames_text, _, times = line.rpartition(" ")
        frames = frames_text.split(";")
        own[frames[-1]] += int(times)
        for frame in set(frames):
            cumulative[frame] += int(times)
        total += int(times)
    return sorted(
        (
            Share(_short(function), own[function] / total, count / total)
            for function, count in cumulative.items()
        ),
        key=lambda share: -share.own,
    )


def _room(plan: ProfilePlan, places: int) -> int:
    """Return for how many bookings the calendar has room."""
    return places * 16 * (340 // plan.sessions) - 64


def _watch(pid: int, seconds: int, stacks: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(pid),
            "--duration", str(seconds), "--rate", str(_SAMPLES_A_SECOND), "--format", "raw",
            "--function", "--full-filenames", "--output", str(stacks),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _short(function: str) -> str:
    """Leave out where packages are installed."""
    for root in ("/site-packages/", "/src/", "/adapters/", "/lib/python3"):
        if root in function:
            name, _, file = function.rpartition(" (")
            return f"{name} ({file.rpartition(root)[2]}"
    return function
