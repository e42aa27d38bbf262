"""What it ran on, and how much of it a process used."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

__all__ = ["Machine", "cpu_seconds", "cpu_seconds_of_children", "this_machine"]

_TICKS = os.sysconf("SC_CLK_TCK")


class Machine(Struct, frozen=True):
    """The machine and the moment; the load says how busy it was with other things."""

    at: str
    processor: str
    cores: int
    memory_gb: float
    python: str
    load_average: tuple[float, float, float]


def this_machine() -> Machine:
    """Describe this machine now."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        processor=names[0] if names else platform.processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(pages / 2**30, 1),
        python=platform.python_version(),
        load_average=os.getloadavg(),
    )


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cpu_seconds_of_children(pid: int) -> float:
    """Return what a process's living and ended children have used: PostgreSQL's backends."""
    fields = _stat(pid)
    used = (int(fields[13]) + int(fields[14])) / _TICKS
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int(_stat(int(entry.name))[1]) == pid:
                used += cpu_seconds(int(entry.name))
        except OSError:
            continue
    return used


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
