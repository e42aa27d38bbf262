"""The kinds of jobs of one app's plugins, and what events ask for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from muster.application.identifiers import Identifiers
from muster.application.job_requests import JobRequests
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.job_types import JobType, JobTypes, order_of
from muster.ports.job_queue import JobQueue
from muster.ports.jobs import JobOrder
from muster.ports.journal import RecordedEvent
from muster.ports.unit_of_work import UnitOfWork
from muster.runtime.plugin_hooks import Contribution

__all__ = ["AskedByEvents", "ComposedJobTypes", "composed_job_types"]

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class ComposedJobTypes(JobTypes):
    """The kinds of jobs of one app."""

    def __init__(self, types: Mapping[str, JobType[Any]]) -> None:
        """Know these by name."""
        self._types = types

    def by_name(self) -> Mapping[str, JobType[Any]]:
        """Return every kind by ``plugin/name``, sorted."""
        return self._types


def composed_job_types(found: Sequence[Contribution]) -> ComposedJobTypes:
    """Return the kinds of jobs by name.

    Raises:
        CompositionError: A name is taken or malformed, a handler is not asynchronous, a payload
            is no Struct or has no defaults although it is scheduled, or a bound is not positive.
    """
    types: dict[str, JobType[Any]] = {}
    for one in found:
        job_type: JobType[Any] = one.value
        who = f"{one.plugin.title} offers the job type {job_type.name!r}"
        if problem := next(_problems(job_type), None):
            raise CompositionError(f"{who}{problem}")
        name = f"{one.plugin.manifest.name}/{job_type.name}"
        if name in types:
            raise CompositionError(f"{who} twice; rename one of them.")
        types[name] = job_type
    return ComposedJobTypes({name: types[name] for name in sorted(types)})


def _problems(job_type: JobType[Any]) -> Iterator[str]:
    if not _NAME.fullmatch(job_type.name):
        yield f"; rename it: names match {_NAME.pattern}."
    if not _NAME.fullmatch(job_type.queue):
        yield f" in the queue {job_type.queue!r}; rename that: names match {_NAME.pattern}."
    if not inspect.iscoroutinefunction(job_type.handle):
        yield " with a handler that is not 'async def'; make it one."
    if not issubclass(job_type.payload, Struct):
        yield " with a payload that is no msgspec Struct; make it one."
    if job_type.timeout_seconds <= 0 or job_type.retries.most < 0:
        yield (
            f" with a timeout of {job_type.timeout_seconds} s and {job_type.retries.most} retries; "
            "take a positive timeout, and 0 retries or more."
        )
    if job_type.schedule is not None:
        try:
            job_type.payload()
        except TypeError:
            yield " with a schedule and a payload without defaults; give each field one."


class AskedByEvents(JobRequests):
    """Asks for the jobs that events ask for, in their transaction."""

    def __init__(self, types: JobTypes, queue: JobQueue, identifiers: Identifiers) -> None:
        """Ask for jobs of these types in a queue."""
        self._asking = {
            name: (one, one.asked_by)
            for name, one in types.by_name().items()
            if one.asked_by is not None
        }
        self._queue = queue
        self._identifiers = identifiers

    async def ask(self, unit: UnitOfWork, recorded: Sequence[RecordedEvent]) -> None:
        """Ask, within the unit in which it has happened, for every job that follows."""
        orders = [order for one in recorded for order in self._orders(one)]
        if orders:
            await self._queue.enqueue(unit, orders, recorded[0].at)

    def _orders(self, recorded: RecordedEvent) -> Iterator[JobOrder]:
        for name, (job_type, asked_by) in self._asking.items():
            for payload in asked_by(recorded.event):
                yield order_of(
                    name,
                    job_type,
                    payload,
                    id_=self._identifiers.new(),
                    at=recorded.at,
                    correlation_id=recorded.correlation_id,
                    trace_context=recorded.trace_context,
                )
