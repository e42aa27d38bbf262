"""What an event asks for is there exactly when the event is, and is done some time after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muster.application.access import Permission, Principal
from muster.application.franchises import CreateFranchise
from muster.application.use_case import Caller
from muster.plugin_api import DISPATCHER
from muster.ports.franchises import FranchiseNameTaken
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobLease, LeaseLost
from muster_jobs.workplace import LeaseFence
from tests.jobs.chores import Chore
from tests.jobs.stage import Stage, working

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]

CALLER = Caller(Principal("tester", frozenset(Permission)), "correlation-1")
JOBS = "SELECT type, correlation_id, trace_context, payload FROM jobs"


async def admit(stage: Stage, name: str, caller: Caller = CALLER) -> None:
    await stage.ports.get(DISPATCHER).dispatch(CreateFranchise(name), caller)


async def test_an_event_asks_for_its_jobs_in_its_transaction(stage: Stage) -> None:
    await admit(stage, "North")
    ((type_, correlation_id, trace, payload),) = await stage.rows(JOBS)
    assert (type_, correlation_id, trace) == ("chores/follow", "correlation-1", None)
    assert payload == '{"place": "", "number": 1, "seconds": 0.0}'


async def test_a_rollback_leaves_no_job(stage: Stage) -> None:
    await admit(stage, "North")
    with pytest.raises(FranchiseNameTaken):
        await admit(stage, "north")
    rehearsed = await stage.app.dispatcher().rehearse(CreateFranchise("South"), CALLER)
    assert rehearsed.answer.name == "South"
    assert len(await stage.rows(JOBS)) == 1


async def test_a_commit_that_fails_leaves_no_job(stage: Stage) -> None:
    """What goes wrong after the jobs were asked for takes them along."""
    caller = Caller(CALLER.principal, "correlation-2", fence=_Refusing())
    with pytest.raises(ConnectionError):
        await admit(stage, "North", caller)
    assert await stage.rows(JOBS) == []
    assert await stage.rows("SELECT name FROM franchises") == []


class _Refusing:
    async def hold(self, unit: Any) -> None:
        raise ConnectionError


async def test_what_was_committed_before_a_crash_is_done(stage: Stage, clean_database: str) -> None:
    """Whoever committed does nothing more; any worker finds it."""
    await admit(stage, "North")
    with working(clean_database, queue="follow"):
        await stage.until_states(DONE=1)
    assert await stage.noted() == {1: 1}


async def test_the_dispatcher_commits_only_under_a_lease_that_holds(stage: Stage) -> None:
    (order,) = await stage.ask("note", Chore(1))
    queue = stage.ports.get(JOB_QUEUE)
    for number, name in ((1, "early"), (2, "late")):
        fence = LeaseFence(queue, JobLease(order.id, number), first_only=False)
        with pytest.raises(LeaseLost):
            await admit(stage, name, Caller(CALLER.principal, "x", fence=fence))
    now = datetime.now(UTC)
    (taken,) = await queue.take(["chores/note"], now, now + timedelta(seconds=30), 1, "example")
    fence = LeaseFence(queue, taken.lease, first_only=False)
    await admit(stage, "North", Caller(CALLER.principal, "x", fence=fence))
    assert await stage.rows("SELECT name FROM franchises") == [("North",)]
