"""Which jobs there are, which job types refuse the start, and what an app does without any."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import Struct

from muster.application.franchises import CreateFranchise
from muster.application.job_requests import NO_JOBS
from muster.domain.events import Event
from muster.plugin_api import (
    JOB_TYPES,
    Caller,
    CompositionError,
    Dispatches,
    Job,
    JobRetries,
    JobType,
    Manifest,
    Permission,
    PortLookup,
    Principal,
    SettingsLookup,
    hookimpl,
)
from muster.ports.franchises import FRANCHISE_READER, FranchiseFilter, FranchiseOrder
from muster.ports.paging import PageRequest
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.job_composition import AskedByEvents
from muster_memory.plugin import MemoryPlugin
from muster_postgres.plugin import PostgresPlugin


class Numbered(Struct, frozen=True):
    number: int


async def do(job: Job[Numbered], ports: PortLookup, dispatcher: Dispatches) -> None:
    raise NotImplementedError


def do_at_once(job: Job[Numbered], ports: PortLookup, dispatcher: Dispatches) -> None:
    raise NotImplementedError


def one_each(event: Event) -> Sequence[Numbered]:
    return [Numbered(1)]


def a_type(**changes: Any) -> JobType[Any]:
    common = {"name": "count", "payload": Numbered, "handle": do}
    return JobType(**{**common, **changes})


def composed(*types: JobType[Any], plugins: Sequence[type] = (MemoryPlugin,)) -> Application:
    class Working:
        MANIFEST = Manifest(name="working", api_version=1)

        @hookimpl
        def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
            return list(types)

    return bootstrap({}, [*plugins, Working])


def test_types_stand_under_their_plugin_and_name() -> None:
    one, two = a_type(name="one"), a_type(name="two")
    app = composed(two, one)
    assert list(app.ports.get(JOB_TYPES).by_name().items()) == [
        ("working/one", one),
        ("working/two", two),
    ]


def test_events_are_asked_only_where_somebody_wants_to_be() -> None:
    assert composed(a_type())._job_requests() is NO_JOBS
    assert isinstance(composed(a_type(asked_by=one_each))._job_requests(), AskedByEvents)


def test_where_nobody_keeps_jobs_nobody_asks_for_them() -> None:
    app = composed(a_type(asked_by=one_each), plugins=[PostgresPlugin])
    assert app._job_requests() is NO_JOBS


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "Count"}, "names match"),
        ({"queue": "?"}, "in the queue '?'"),
        ({"handle": do_at_once}, "not 'async def'"),
        ({"payload": int}, "no msgspec Struct"),
        ({"timeout_seconds": 0}, "a positive timeout"),
        ({"retries": JobRetries(most=-1)}, "0 retries or more"),
        ({"schedule": "* * * * *"}, "give each field one"),
    ],
)
def test_what_does_not_fit_stops_the_start(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CompositionError, match="offers the job type") as refused:
        composed(a_type(**changes))
    assert words in str(refused.value)


def test_what_cannot_say_what_follows_refuses_the_change() -> None:
    """Else its job would be lost, and nobody would know."""

    def broken(event: Event) -> Sequence[Numbered]:
        raise ValueError("broken")

    async def admitted() -> None:
        app = composed(a_type(asked_by=broken))
        caller = Caller(Principal("tester", frozenset(Permission)), "example")
        with pytest.raises(ValueError, match="broken"):
            await app.dispatcher().dispatch(CreateFranchise("North"), caller)
        wanted = PageRequest(FranchiseOrder.NAME)
        page = await app.ports.get(FRANCHISE_READER).page(FranchiseFilter(), wanted)
        assert page.rows == ()

    asyncio.run(admitted())


def test_two_of_a_name_stop_the_start() -> None:
    with pytest.raises(CompositionError, match="twice"):
        composed(a_type(), a_type())
