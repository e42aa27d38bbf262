"""When a line that is being tried is tried from its head again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from muster.domain.bookings import BookingStatus
from muster.domain.events import (
    BookingCancelled,
    BookingChanged,
    BookingPlaced,
    Event,
    TrainerUnblocked,
    ZoneChanged,
)
from muster.domain.receipts import ReceiptKind
from muster.plugin_api import JOB_TYPES, Dispatches, Identifiers, Job, order_of
from muster.plugin_api.commands import ShowLines
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.jobs import AskedAgain, JobOrder, TakenJob
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster_jobs.waitlist import WAITLIST, LinesOf
from tests.jobs.stage import Stage
from tests.jobs.test_seam import CALLER

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]

ZONE, TRAINER = UUID(int=1), UUID(int=2)
PLACE, WAITS = ReceiptKind.PLACE, BookingStatus.WAITLISTED


class OneLine(Dispatches):
    """Somebody waits in the zone."""

    async def dispatch(self, request: Any, caller: Any) -> Any:
        assert isinstance(request, ShowLines)
        return ((ZONE, uuid4()),)


class Lines:
    """The jobs of the waitlist of one app."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.type = stage.ports.get(JOB_TYPES).by_name()[WAITLIST]

    async def asked(self, payloads: Sequence[LinesOf]) -> None:
        orders = [self._order(payload) for payload in payloads]
        async with self.stage.ports.get(UNIT_OF_WORK)() as unit:
            await self.stage.queue.enqueue(unit, orders, datetime.now(UTC))
            await unit.commit()

    async def taken(self) -> TakenJob:
        now = datetime.now(UTC)
        until = now + timedelta(seconds=30)
        (taken,) = await self.stage.queue.take([WAITLIST], now, until, 1, "example")
        return taken

    async def begins_anew(self, taken: TakenJob) -> bool:
        async with self.stage.ports.get(UNIT_OF_WORK)() as unit:
            try:
                await self.stage.queue.hold(unit, taken.lease, first_only=True)
            except AskedAgain:
                return True
        return False

    async def finished(self, taken: TakenJob) -> None:
        async with self.stage.ports.get(UNIT_OF_WORK)() as unit:
            await self.stage.queue.finish(unit, taken.lease, datetime.now(UTC), None)
            await unit.commit()

    def _order(self, payload: LinesOf) -> JobOrder:
        id_ = Identifiers(self.stage.ports.get(CLOCK), self.stage.ports.get(ENTROPY)).new()
        at = datetime.now(UTC)
        return order_of(WAITLIST, self.type, payload, id_=id_, at=at, correlation_id="example")


@pytest.fixture
def lines(stage: Stage) -> Lines:
    return Lines(stage)


@pytest.mark.parametrize(
    ("event", "anew"),
    [
        (BookingPlaced(uuid4(), WAITS, ZONE, None), False),
        (BookingChanged(uuid4(), PLACE, 2, WAITS, ZONE, None), True),
        (BookingChanged(uuid4(), ReceiptKind.SWAP, 2, BookingStatus.ASSIGNED, ZONE, TRAINER), True),
        (BookingCancelled(uuid4(), ZONE, TRAINER), True),
    ],
)
async def test_a_line_begins_anew_where_a_place_came_free_for_its_head(
    lines: Lines, event: Event, anew: bool
) -> None:
    """Who joins it at its end keeps nobody in it waiting; but it is tried once more."""
    await lines.asked([LinesOf(ZONE, freed=True)])
    taken = await lines.taken()
    await lines.asked(lines.type.asked_by(event) if lines.type.asked_by else ())
    assert await lines.begins_anew(taken) == anew
    await lines.finished(taken)
    await lines.finished(await lines.taken())


@pytest.mark.parametrize(
    ("lines_of", "anew"),
    [
        pytest.param([LinesOf()], False, id="the time of day"),
        pytest.param([LinesOf(freed=True)], True, id="a trainer is free again"),
    ],
)
async def test_the_time_of_day_lets_lines_go_on(
    lines: Lines, lines_of: Sequence[LinesOf], anew: bool
) -> None:
    """Else one that takes longer than five minutes would never come to its end."""
    await lines.asked([LinesOf(ZONE)])
    under_way = await lines.taken()
    await lines.asked(lines_of)
    every = await lines.taken()
    job = Job(lines_of[0], 1, every.lease, CALLER)
    await lines.type.handle(job, lines.stage.ports, OneLine())
    await lines.finished(every)
    assert await lines.begins_anew(under_way) == anew
    await lines.finished(under_way)
    assert (await lines.taken()).lease.job_id == under_way.lease.job_id


async def test_a_look_does_not_do_for_news_of_a_place(lines: Lines) -> None:
    """A trainer may serve several zones, and a zone may have changed."""
    await lines.asked([LinesOf()])
    for event in (TrainerUnblocked(TRAINER, uuid4()), ZoneChanged(ZONE, 2)):
        assert lines.type.asked_by is not None
        await lines.asked(lines.type.asked_by(event))
    rows = await lines.stage.rows("SELECT payload FROM jobs ORDER BY id")
    assert [str(payload).count("true") for (payload,) in rows] == [0, 1]
