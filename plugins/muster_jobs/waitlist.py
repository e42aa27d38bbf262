"""Trying the waitlist again, in line order, when a place may have come free."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus
from muster.domain.events import (
    BookingCancelled,
    BookingChanged,
    BookingPlaced,
    Event,
    TrainerUnblocked,
    ZoneArchived,
    ZoneChanged,
    ZoneCreated,
)
from muster.domain.receipts import ReceiptKind
from muster.plugin_api import (
    JOB_TYPES,
    Dispatches,
    Identifiers,
    Job,
    JobType,
    Permission,
    PortLookup,
    order_of,
)
from muster.plugin_api.commands import ShowLines, promote_line
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.unit_of_work import UNIT_OF_WORK

__all__ = ["WAITLIST", "LinesOf", "waitlist_type"]

WAITLIST = "jobs/try-waitlist"

_FREEING = frozenset(
    {
        ReceiptKind.CANCEL_SESSION,
        ReceiptKind.REASSIGN,
        ReceiptKind.RESCHEDULE,
        ReceiptKind.SWAP,
    }
)
"""The changes by which a booking gives time back that others may want."""


class LinesOf(Struct, frozen=True):
    """The lines of one zone; ``None`` is those of every zone.

    Attributes:
        zone_id: The zone.
        freed: Whether a place may have come free for those at the head; else a line is only
            looked at again, and one that is under way goes on.
    """

    zone_id: UUID | None = None
    freed: bool = False


def waitlist_type() -> JobType[LinesOf]:
    """Return the kind of job that tries waitlists again.

    One job at a time works on the lines of a zone. When somebody frees a place there while it
    runs, it begins anew: who comes earlier in the line is asked first for every place. The time
    of day, and who joins a line at its end, let it go on, and it is run once more: else the end
    of a long line would never be reached.
    """
    return JobType(
        name="try-waitlist",
        payload=LinesOf,
        handle=_try,
        permissions=frozenset({Permission.BOOKINGS_PROMOTE}),
        asked_by=_places_freed,
        unique_key=_key,
        begins_anew=True,
        patient=lambda lines: not lines.freed,
        # Trainers change elsewhere, and nobody tells of that; and some teach in several zones.
        schedule="*/5 * * * *",
        timeout_seconds=600.0,
    )


def _key(lines: LinesOf) -> str:
    if lines.zone_id is None:
        # One that only looks cannot do for one that tells of places.
        return "all" if lines.freed else "look"
    return str(lines.zone_id)


def _places_freed(event: Event) -> Sequence[LinesOf]:
    match event:
        case BookingCancelled(zone_id=UUID() as zone_id, trainer_id=UUID()):
            return [LinesOf(zone_id, freed=True)]
        case BookingChanged(zone_id=UUID() as zone_id, kind=kind) if kind in _FREEING:
            return [LinesOf(zone_id, freed=True)]
        case BookingPlaced(zone_id=UUID() as zone_id, status=BookingStatus.WAITLISTED):
            # A place may have come free between its look and its commit.
            return [LinesOf(zone_id)]
        case BookingChanged(
            zone_id=UUID() as zone_id, kind=ReceiptKind.PLACE, status=BookingStatus.WAITLISTED
        ):
            # As well; and it was pending, so it may stand before others in the line.
            return [LinesOf(zone_id, freed=True)]
        case TrainerUnblocked() | ZoneCreated() | ZoneChanged() | ZoneArchived():
            # A trainer may teach in several zones, and a place may be served by another one now.
            return [LinesOf(freed=True)]
        case _:
            return []


async def _try(job: Job[LinesOf], ports: PortLookup, dispatcher: Dispatches) -> dict[str, int]:
    zone_id = job.payload.zone_id
    lines = await dispatcher.dispatch(ShowLines(zone_id), job.caller)
    if zone_id is None:
        zones = sorted({zone for zone, _ in lines})
        await _ask_for_each([LinesOf(zone, job.payload.freed) for zone in zones], job, ports)
        return {"zones": len(zones)}
    promoted = waiting = 0
    for zone, course in lines:
        line = await promote_line(dispatcher, job.caller, zone, course)
        promoted += len(line.promoted)
        waiting += len(line.waiting)
    return {"promoted": promoted, "waiting": waiting}


async def _ask_for_each(every: Sequence[LinesOf], job: Job[LinesOf], ports: PortLookup) -> None:
    """Ask for a job for each zone, so that no line is ever worked on by two."""
    clock, queue = ports.get(CLOCK), ports.get(JOB_QUEUE)
    own, now = ports.get(JOB_TYPES).by_name()[WAITLIST], clock.now()
    ids = Identifiers(clock, ports.get(ENTROPY)).several(len(every))
    correlation_id = job.caller.correlation_id
    orders = [
        order_of(WAITLIST, own, lines, id_=id_, at=now, correlation_id=correlation_id)
        for lines, id_ in zip(every, ids, strict=True)
    ]
    async with ports.get(UNIT_OF_WORK)() as unit:
        await queue.enqueue(unit, orders, now)
        await queue.hold(unit, job.lease)
        await unit.commit()
