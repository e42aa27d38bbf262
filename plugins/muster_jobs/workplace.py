"""What a worker works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from muster.plugin_api import DISPATCHER, Dispatches, Identifiers, PortLookup
from muster.ports.clock import CLOCK, Clock
from muster.ports.entropy import ENTROPY, Entropy
from muster.ports.job_queue import JOB_QUEUE, JobQueue
from muster.ports.jobs import JobLease
from muster.ports.observation import OBSERVER, Observer
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWork, UnitOfWorkFactory

__all__ = ["LeaseFence", "Workplace", "workplace_of"]


class Workplace(Struct, frozen=True):
    """The ports of one app, as far as a worker needs them.

    Attributes:
        ports: Handed to the jobs.
        queue: The jobs.
        units: For what a worker commits by itself.
        dispatcher: Handed to the jobs.
        clock: For leases and pauses; those of all workers agree to some seconds.
        entropy: For the chance in pauses.
        observer: Looks on while jobs are done.
        pause: Waits for some seconds.
    """

    ports: PortLookup
    queue: JobQueue
    units: UnitOfWorkFactory
    dispatcher: Dispatches
    clock: Clock
    entropy: Entropy
    observer: Observer
    pause: Callable[[float], Awaitable[None]]

    @property
    def identifiers(self) -> Identifiers:
        """New identifiers."""
        return Identifiers(self.clock, self.entropy)


def workplace_of(ports: PortLookup, pause: Callable[[float], Awaitable[None]]) -> Workplace:
    """Return the workplace of an app.

    Raises:
        CompositionError: A port is not provided.
    """
    return Workplace(
        ports,
        ports.get(JOB_QUEUE),
        ports.get(UNIT_OF_WORK),
        ports.get(DISPATCHER),
        ports.get(CLOCK),
        ports.get(ENTROPY),
        ports.get(OBSERVER),
        pause,
    )


class LeaseFence:
    """Lets a unit commit only while the job is its worker's."""

    def __init__(self, queue: JobQueue, lease: JobLease, *, first_only: bool) -> None:
        """Guard a lease.

        Args:
            queue: Whose lease it is.
            lease: The right to a job.
            first_only: Whether nobody may have asked for the job since it was taken, either.
        """
        self._queue = queue
        self._lease = lease
        self._first_only = first_only

    async def hold(self, unit: UnitOfWork) -> None:
        """See that the unit may commit, and keep it so until it ends."""
        await self._queue.hold(unit, self._lease, first_only=self._first_only)
