"""A plugin as a distribution of its own: a clock that a test moves by writing into a file.

It also listens to every event and fails with a person's name, as a careless plugin might.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["ClockAhead"]

_MODULE = """
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from muster.plugin_api import EventSubscriber, Manifest, PortProvider, hookimpl
from muster.ports.clock import CLOCK, Clock


class Ahead(Clock):
    def now(self):
        seconds = float(Path(os.environ["CLOCK_AHEAD"]).read_text())
        return datetime.now(UTC) + timedelta(seconds=seconds)


async def careless(recorded, ports):
    raise ValueError(os.environ["CLOCK_AHEAD_NAME"])


class ClockAheadPlugin:
    MANIFEST = Manifest(name="clock_ahead", api_version=1)

    @hookimpl
    def provide_ports(self, settings):
        return [PortProvider(CLOCK, "ahead", lambda ports: Ahead())]

    @hookimpl
    def event_subscribers(self, settings):
        return [EventSubscriber("careless", careless, max_attempts=2)]
"""


class ClockAhead:
    """The plugin in a directory, for a server to find."""

    def __init__(self, home: Path, name: str) -> None:
        """Install it.

        Args:
            home: Where to.
            name: Of the person whom its listener tells of.
        """
        self._home = home / "clock_ahead"
        self._name = name
        about = self._home / "clock_ahead-1.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: clock-ahead\nVersion: 1\n")
        entry = "[muster.plugins]\nclock_ahead = clock_ahead:ClockAheadPlugin\n"
        (about / "entry_points.txt").write_text(entry)
        (self._home / "clock_ahead.py").write_text(_MODULE)
        self.set(0)

    def set(self, seconds: float) -> None:
        """Let it go ahead of the machine's."""
        new = self._home / "seconds.new"
        new.write_text(str(seconds))
        new.rename(self._home / "seconds")

    def settings(self) -> dict[str, str]:
        """Return the environment of a server that uses it."""
        return {
            "PYTHONPATH": os.pathsep.join([str(self._home), os.environ.get("PYTHONPATH", "")]),
            "CLOCK_AHEAD": str(self._home / "seconds"),
            "CLOCK_AHEAD_NAME": self._name,
            "MUSTER_PLUGINS__PORTS": "clock=ahead",
        }
