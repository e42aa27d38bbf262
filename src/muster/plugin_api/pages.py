"""Pages of lists: from ``sort``, ``cursor`` and ``limit`` to a page, and back to a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct

from muster.plugin_api.cursors import Cursors
from muster.ports.paging import Page, PageRequest

if TYPE_CHECKING:
    # A plugin without routes need not wait until the framework is loaded.
    from litestar import Request

__all__ = ["LONGEST_PAGE", "Listing", "PageShape", "Sorting", "page_request", "paged", "whole"]

LONGEST_PAGE = 200
"""The most rows of one page."""

OrderT = TypeVar("OrderT", bound=Enum)
T = TypeVar("T")
S = TypeVar("S")

_NOT_OF_THE_LIST = frozenset({"cursor", "limit"})


class PageShape(Struct, frozen=True, rename="camel"):
    """How to go on: the cursor of the next page, or none at the end."""

    next_cursor: str | None
    limit: int


class Listing(Struct, Generic[T], frozen=True):
    """A page of a list."""

    data: list[T]
    page: PageShape


class Sorting(Struct, Generic[OrderT], frozen=True):
    """How a list may be sorted.

    Attributes:
        orders: The port's closed list.
        values: The type of each sort column's values.
    """

    orders: type[OrderT]
    values: Mapping[OrderT, Any]


def page_request(
    request: Request[Any, Any, Any],
    sorting: Sorting[OrderT],
    sort: str,
    cursor: str | None,
    limit: int,
) -> PageRequest[OrderT]:
    """Return what a client wants of a list.

    Args:
        request: The HTTP request; a cursor is good only for the same list and filters.
        sorting: How this list may be sorted.
        sort: A column's name, with a minus in front for the greatest first.
        cursor: From the page before.
        limit: At most this many rows.

    Raises:
        InvalidCursor: The cursor belongs to another list.
    """
    order = sorting.orders(sort.removeprefix("-"))
    after = None
    if cursor is not None:
        after = _cursors(request).read(_listing(request, sort), cursor, sorting.values[order])
    return PageRequest(order, sort.startswith("-"), after, limit)


def paged(
    request: Request[Any, Any, Any], page: Page[T], sort: str, limit: int, shape: Callable[[T], S]
) -> Listing[S]:
    """Show a page.

    Args:
        request: The HTTP request.
        page: The rows.
        sort: As the client asked.
        limit: As the client asked.
        shape: Shows one row.
    """
    cursor = None
    if page.next is not None:
        cursor = _cursors(request).write(_listing(request, sort), page.next)
    return Listing([shape(row) for row in page.rows], PageShape(cursor, limit))


def whole(rows: Iterable[T], shape: Callable[[T], S]) -> Listing[S]:
    """Show a list that is short by its nature, as one page.

    Args:
        rows: All of them.
        shape: Shows one row.
    """
    return Listing([shape(row) for row in rows], PageShape(None, LONGEST_PAGE))


def _cursors(request: Request[Any, Any, Any]) -> Cursors:
    cursors: Cursors = request.app.state.edge.cursors
    return cursors


def _listing(request: Request[Any, Any, Any], sort: str) -> str:
    query = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
    kept = {name: value for name, value in query.items() if name not in _NOT_OF_THE_LIST}
    return f"{request.scope['path']}?{urlencode(sorted({**kept, 'sort': sort}.items()))}"
