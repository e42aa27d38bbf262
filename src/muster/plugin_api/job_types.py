"""Jobs as plugins contribute them: what there is to do, when, and how it is done."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from muster.application.access import Permission
from muster.application.dispatching import Dispatches
from muster.application.use_case import Caller
from muster.domain.events import Event
from muster.plugin_api.lookup import PortLookup
from muster.ports.jobs import JobLease, JobOrder
from muster.ports.keys import PortKey

__all__ = [
    "DISPATCHER",
    "JOB_TYPES",
    "Job",
    "JobPriority",
    "JobRetries",
    "JobType",
    "JobTypes",
    "order_of",
]

P = TypeVar("P", bound=Struct)


class JobPriority(IntEnum):
    """Which jobs a worker takes first."""

    HIGH = 1
    NORMAL = 2
    LOW = 3


class JobRetries(Struct, frozen=True):
    """What happens when an attempt fails: another one, after twice the pause each time.

    Half of a pause is chance, so that what failed together is not tried together again.

    Attributes:
        most: How often it is tried again; after that the job is dead.
        first_seconds: The first pause.
        longest_seconds: No pause is longer.
    """

    most: int = 3
    first_seconds: float = 5.0
    longest_seconds: float = 300.0


class Job(Struct, Generic[P], frozen=True):
    """A job that is to be done now.

    Attributes:
        payload: What is to be done.
        attempt: Which attempt this is, from 1.
        lease: The worker's right to it; ``JobQueue.hold`` and ``finish`` take it, for what is
            committed without the dispatcher.
        caller: On whose behalf the dispatcher is asked: with the permissions of the job's
            type, and a fence that refuses a commit once the lease is lost.
    """

    payload: P
    attempt: int
    lease: JobLease
    caller: Caller


class JobType(Struct, Generic[P], frozen=True, kw_only=True):
    """A kind of job.

    Attributes:
        name: Unique within the plugin; jobs are stored under ``plugin/name``.
        payload: Of its jobs; ids and numbers, no secrets. Personal data only where no id will do,
            and under keys that are redacted wherever it is shown, such as ``address``.
        handle: Does one job. It may be called again for a job that was done already, so it
            does what is still to be done. What it returns is kept as the result, as JSON;
            whatever it raises is a failed attempt.
        permissions: What the dispatcher lets it do.
        asked_by: What jobs an event asks for: a pure function, called in the transaction of
            what has happened. ``None`` is none, whatever happens. Where no plugin provides
            ``JobQueue`` nothing is called; a plugin that cannot do without requires ``jobs``.
        unique_key: Of each key there is one live job; ``None`` is any number.
        begins_anew: Whether the dispatcher refuses to commit for a job that was asked for again
            while it ran, and the job begins anew instead; for work whose order matters.
        patient: Of a type that begins anew, whether who asks with such a payload lets a job that
            runs go on to its end, after which it is run once more. ``None`` is nobody.
        schedule: Five fields of cron, in UTC, at which a job is asked for whose payload has
            its defaults; ``None`` is never.
        retries: What happens when an attempt fails.
        timeout_seconds: After this long an attempt has failed.
        priority: Which jobs a worker takes first.
        queue: Which workers do it, where some do only chosen queues.
    """

    name: str
    payload: type[P]
    handle: Callable[[Job[P], PortLookup, Dispatches], Awaitable[Any]]
    permissions: frozenset[Permission] = frozenset()
    asked_by: Callable[[Event], Sequence[P]] | None = None
    unique_key: Callable[[P], str] | None = None
    begins_anew: bool = False
    patient: Callable[[P], bool] | None = None
    schedule: str | None = None
    retries: JobRetries = JobRetries()
    timeout_seconds: float = 60.0
    priority: JobPriority = JobPriority.NORMAL
    queue: str = "default"


class JobTypes(Protocol):
    """The kinds of jobs of one app."""

    @abstractmethod
    def by_name(self) -> Mapping[str, JobType[Any]]:
        """Return every kind by ``plugin/name``, sorted. A query."""


JOB_TYPES = PortKey("job_types", JobTypes)
DISPATCHER = PortKey("dispatcher", Dispatches)


def order_of(
    name: str,
    job_type: JobType[P],
    payload: P,
    *,
    id_: UUID,
    at: datetime,
    correlation_id: str,
    trace_context: str | None = None,
) -> JobOrder:
    """Return an order for a job, for ``JobQueue.enqueue``.

    Args:
        name: ``plugin/name``, as in ``JobTypes.by_name``.
        job_type: What kind.
        payload: What is to be done.
        id_: UUIDv7, nobody's yet.
        at: UTC instant before which it is not done.
        correlation_id: Of the request or job that asks.
        trace_context: Of the work that asks.
    """
    return JobOrder(
        id=id_,
        type=name,
        payload=msgspec.json.encode(payload).decode(),
        run_at=at,
        correlation_id=correlation_id,
        unique_key=None if job_type.unique_key is None else job_type.unique_key(payload),
        trace_context=trace_context,
        patient=job_type.patient is not None and job_type.patient(payload),
    )
