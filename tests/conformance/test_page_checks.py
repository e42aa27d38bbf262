"""The check of pages itself: it passes a list that is paged well, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from muster.domain.franchises import Franchise
from muster.ports.franchises import FranchiseFilter, FranchiseOrder
from muster.ports.paging import Page, PageRequest, Position
from muster.testing.examples import AN_INSTANT, a_franchise
from muster.testing.suites.pages import Walk, check_pages
from muster_memory.paging import page_of

ROWS = [a_franchise(created_at=AN_INSTANT + timedelta(days=place // 3)) for place in range(20)]

Asked = PageRequest[FranchiseOrder]
Reader = Callable[[FranchiseFilter, Asked], Awaitable[Page[Franchise]]]


def position(franchise: Franchise, order: FranchiseOrder) -> Position:
    return Position(franchise.created_at, franchise.id)


def page(request: Asked) -> Page[Franchise]:
    return page_of(ROWS, request, lambda row: position(row, request.order))


async def right(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    return page(request)


async def repeating(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    """The row that was seen last comes again."""
    answer = page(request)
    if request.after is None:
        return answer
    seen = next(row for row in ROWS if row.id == request.after.id)
    return Page((seen, *answer.rows)[: request.limit], answer.next)


async def blind_to_ids(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    """Rows of equal value are passed over together."""
    answer = page(request)
    if request.after is None:
        return answer
    value = request.after.value
    return Page(tuple(row for row in answer.rows if row.created_at != value), answer.next)


async def too_long(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    return page(PageRequest(request.order, request.descending, request.after, request.limit + 1))


async def never_ending(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    """The last page says that there is another."""
    answer = page(request)
    last = answer.rows[-1] if answer.rows else ROWS[-1]
    return Page(answer.rows, answer.next or position(last, request.order))


async def ending_early(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    return Page(page(request).rows, None)


async def deaf_to_direction(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    return page(PageRequest(request.order, False, request.after, request.limit))


async def deaf_to_filters(wanted: FranchiseFilter, request: Asked) -> Page[Franchise]:
    """One row too many."""
    return page_of([*ROWS, a_franchise()], request, lambda row: position(row, request.order))


WALK = Walk(order=FranchiseOrder.CREATED_AT, descending=True, limits=(4, 1, 7))


def test_right_pages_pass() -> None:
    asyncio.run(check_pages(ROWS, right, FranchiseFilter(), WALK, position))


@pytest.mark.parametrize(
    "reader",
    [
        repeating,
        blind_to_ids,
        too_long,
        never_ending,
        ending_early,
        deaf_to_direction,
        deaf_to_filters,
    ],
)
def test_wrong_pages_fail(reader: Reader) -> None:
    with pytest.raises(AssertionError):
        asyncio.run(check_pages(ROWS, reader, FranchiseFilter(), WALK, position))
