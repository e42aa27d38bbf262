"""The first kinds of jobs: what follows from what happens to bookings, and cleaning up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus
from muster.domain.errors import DomainError, IllegalState
from muster.domain.events import BookingChanged, Event
from muster.domain.receipts import ReceiptKind
from muster.plugin_api import Dispatches, Job, JobPriority, JobType, Permission, PortLookup
from muster.plugin_api.commands import (
    IssueCertificates,
    ListBookings,
    OfferStranded,
    RetryBooking,
)
from muster.ports.bookings import BookingFilter, BookingOrder
from muster.ports.clock import CLOCK
from muster.ports.event_feed import EVENT_FEED
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.paging import PageRequest
from muster_jobs.settings import JobsSettings
from muster_jobs.waitlist import waitlist_type

__all__ = ["OfBooking", "first_types"]

_PAGE = 100
_MOST_FORGOTTEN = 1_000
_EARNING = frozenset({ReceiptKind.COMPLETE, ReceiptKind.RESTORE})


class OfBooking(Struct, frozen=True):
    """Something that is done for one booking."""

    booking_id: UUID


class OfAll(Struct, frozen=True):
    """Something that is done for whatever there is."""


def first_types(settings: JobsSettings) -> list[JobType[Any]]:
    """Return the first kinds of jobs.

    Args:
        settings: How long jobs and events are kept.
    """
    return [
        JobType(
            name="issue-certificates",
            payload=OfBooking,
            handle=_issue_certificates,
            permissions=frozenset({Permission.CERTIFICATES_ISSUE}),
            asked_by=_completed,
            unique_key=_of_booking,
        ),
        JobType(
            name="offer-stranded",
            payload=OfBooking,
            handle=_offer_stranded,
            permissions=frozenset({Permission.BOOKINGS_REASSIGN}),
            asked_by=_stranded,
            unique_key=_of_booking,
            priority=JobPriority.HIGH,
        ),
        JobType(
            name="retry-pending",
            payload=OfAll,
            handle=_retry_pending,
            permissions=frozenset({Permission.BOOKINGS_READ, Permission.BOOKINGS_PROMOTE}),
            unique_key=_of_all,
            schedule="* * * * *",
            timeout_seconds=600.0,
        ),
        waitlist_type(),
        _cleaning(settings),
    ]


def _of_booking(payload: OfBooking) -> str:
    return str(payload.booking_id)


def _of_all(_: OfAll) -> str:
    return "all"


def _completed(event: Event) -> Sequence[OfBooking]:
    if not isinstance(event, BookingChanged) or event.kind not in _EARNING:
        return ()
    return [OfBooking(event.booking_id)] if event.status is BookingStatus.COMPLETED else ()


def _stranded(event: Event) -> Sequence[OfBooking]:
    if not isinstance(event, BookingChanged) or event.kind is not ReceiptKind.STRAND:
        return ()
    return [OfBooking(event.booking_id)]


async def _issue_certificates(
    job: Job[OfBooking], ports: PortLookup, dispatcher: Dispatches
) -> dict[str, int]:
    try:
        every = await dispatcher.dispatch(IssueCertificates(job.payload.booking_id), job.caller)
    except IllegalState:
        # A course of 10 or 20, or one with a session that nobody came to, earns none.
        return {"certificates": 0}
    return {"certificates": len(every)}


async def _offer_stranded(
    job: Job[OfBooking], ports: PortLookup, dispatcher: Dispatches
) -> dict[str, int]:
    booking = await dispatcher.dispatch(OfferStranded(job.payload.booking_id), job.caller)
    return {"stranded": sum(session.is_stranded for session in booking.sessions)}


async def _retry_pending(
    job: Job[OfAll], ports: PortLookup, dispatcher: Dispatches
) -> dict[str, int]:
    wanted = BookingFilter(status=BookingStatus.PENDING)
    page = PageRequest(BookingOrder.CREATED_AT, limit=_PAGE)
    tried = placed = 0
    while True:
        found = await dispatcher.dispatch(ListBookings(wanted, page), job.caller)
        for booking in found.rows:
            tried += 1
            placed += await _placed(booking.id, job, dispatcher)
        if found.next is None:
            return {"tried": tried, "placed": placed}
        page = PageRequest(BookingOrder.CREATED_AT, limit=_PAGE, after=found.next)


async def _placed(booking_id: UUID, job: Job[OfAll], dispatcher: Dispatches) -> bool:
    try:
        after = await dispatcher.dispatch(RetryBooking(booking_id), job.caller)
    except DomainError as refusal:
        if refusal.retryable:
            raise
        # One that is refused, since its ranking policy is no more, keeps nobody waiting.
        return False
    return after.status is not BookingStatus.PENDING


def _cleaning(settings: JobsSettings) -> JobType[OfAll]:
    async def clean_up(
        job: Job[OfAll], ports: PortLookup, dispatcher: Dispatches
    ) -> dict[str, int]:
        queue, now = ports.get(JOB_QUEUE), ports.get(CLOCK).now()
        over = now - timedelta(days=settings.keep_days)
        dead = now - timedelta(days=settings.keep_dead_days)
        jobs = await _every(partial(queue.forget, over, dead))
        heard = now - timedelta(days=settings.keep_event_days)
        events = await _every(partial(ports.get(EVENT_FEED).forget, heard))
        return {"jobs": jobs, "events": events}

    return JobType(
        name="clean-up",
        payload=OfAll,
        handle=clean_up,
        unique_key=_of_all,
        schedule="17 * * * *",
        timeout_seconds=600.0,
        priority=JobPriority.LOW,
    )


async def _every(forget: Callable[[int], Awaitable[int]]) -> int:
    forgotten = 0
    while gone := await forget(_MOST_FORGOTTEN):
        forgotten += gone
    return forgotten
