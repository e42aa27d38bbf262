"""Walking a list page by page, and checking that the pages make up the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Generic, TypeVar

from hypothesis import strategies as st
from msgspec import Struct

from muster.ports.paging import Page, PageRequest, Position

__all__ = ["Walk", "check_pages", "walks"]

RowT = TypeVar("RowT")
FilterT = TypeVar("FilterT")
OrderT = TypeVar("OrderT", bound=Enum)


class Walk(Struct, Generic[OrderT], frozen=True, kw_only=True):
    """How a list is walked.

    Attributes:
        order: By which column.
        descending: Whether the greatest comes first.
        limits: The sizes of the pages, taken in turn for ever.
    """

    order: OrderT
    descending: bool
    limits: tuple[int, ...]


def walks(orders: type[OrderT]) -> st.SearchStrategy[Walk[OrderT]]:
    """Return a strategy of walks by any of a port's orders."""
    return st.builds(
        Walk,
        order=st.sampled_from(list(orders)),
        descending=st.booleans(),
        limits=st.lists(st.integers(1, 12) | st.just(200), min_size=1, max_size=6).map(tuple),
    )


async def check_pages(
    expected: Iterable[RowT],
    page: Callable[[FilterT, PageRequest[OrderT]], Awaitable[Page[RowT]]],
    wanted: FilterT,
    walk: Walk[OrderT],
    position_of: Callable[[RowT, OrderT], Position],
) -> None:
    """Walk a list to its end and check every page.

    Args:
        expected: The rows that the filter wants, in any order.
        page: The reader's method.
        wanted: The filter.
        walk: How.
        position_of: A row's place in an order.

    Raises:
        AssertionError: A page is too long, is not the end though the list is, or the
            pages together are not the list, once and in order.
    """

    def key(row: RowT) -> tuple[Any, int]:
        position = position_of(row, walk.order)
        return position.value, position.id.int

    in_order = sorted(expected, key=key, reverse=walk.descending)
    seen: list[RowT] = []
    after: Position | None = None
    for limit in _for_ever(walk.limits):
        request = PageRequest(walk.order, walk.descending, after, limit)
        answer = await page(wanted, request)
        assert len(answer.rows) <= limit, "a page is longer than its limit"
        seen.extend(answer.rows)
        assert seen == in_order[: len(seen)], "the pages are not the list in order"
        after = answer.next
        if after is None:
            break
        assert answer.rows, "a page that is not the last is empty"
        assert after == position_of(answer.rows[-1], walk.order), "the next page begins elsewhere"
        assert len(seen) < len(in_order), "the list goes on after its end"
    assert seen == in_order, "the list ends too early"


def _for_ever(limits: tuple[int, ...]) -> Iterator[int]:
    while True:
        yield from limits
