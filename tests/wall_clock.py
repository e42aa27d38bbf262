"""An oracle for wall clocks.

It never asks a wall clock for its instant (``fold``), as the code does. It goes the other
way only: it walks the instants minute by minute and looks at the wall.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return what hangs on the wall at an instant: the one direction that is never in doubt."""
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return instant.replace(tzinfo=None) + offset


def walked(asked: datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """Return the instant of a wall time and whether it was skipped, by walking the minutes."""
    low = asked.replace(tzinfo=UTC) - timedelta(hours=15)
    before = None
    for step in range(30 * 60):
        instant = low + step * MINUTE
        shown = wall(instant, zone)
        if shown == asked:
            return instant, False
        if shown < asked:
            before = shown - instant.replace(tzinfo=None)
        elif before is not None:
            return asked.replace(tzinfo=UTC) - before, True
    raise AssertionError(f"{asked} is nowhere in {zone}")


def by_table(asked: datetime, zone: ZoneInfo, change: datetime) -> tuple[datetime, bool]:
    """Return the same near one clock change, by the two offsets around it."""
    old, new = (wall(at, zone) - at.replace(tzinfo=None) for at in (change - MINUTE, change))
    with_old, with_new = ((asked - offset).replace(tzinfo=UTC) for offset in (old, new))
    shown = [at for at in (with_old, with_new) if (at < change) == (at is with_old)]
    return (min(shown), False) if shown else (with_old, True)


def reached(asked: datetime, zone: ZoneInfo) -> datetime:
    """Return the first minute at which the wall shows a time or a later one, by walking."""
    noon = asked.replace(tzinfo=UTC)
    offsets = [wall(at, zone) - at.replace(tzinfo=None) for at in (noon - _DAY, noon + _DAY)]
    offsets.append(wall(noon, zone) - asked)
    instant = noon - max(offsets) - MINUTE
    while wall(instant, zone) < asked:
        instant += MINUTE
    return instant
