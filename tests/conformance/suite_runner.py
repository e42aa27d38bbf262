"""Runs a suite's cases by hand, to see which of them a planted fault breaks."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import product
from typing import Any

import pytest

from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

Case = Callable[[StoreUnderTest], Awaitable[None]]


def cases_of(suite: type[StoreSuite]) -> Iterator[tuple[str, Case]]:
    """Return the cases that ask for nothing but the store and their parameters."""
    for name, method in inspect.getmembers(suite, inspect.iscoroutinefunction):
        if not name.startswith("test_") or hasattr(method, "hypothesis"):
            continue
        for parameters in _parameters_of(method):
            if set(inspect.signature(method).parameters) == {"self", "store", *parameters}:
                yield f"{name}{sorted(parameters.items())}", _case(suite, name, parameters)


async def failures_of(
    suite: type[StoreSuite],
    opened: Callable[[], AbstractAsyncContextManager[StoreUnderTest]],
    named: str = "test_",
) -> dict[str, BaseException]:
    """Return the cases that fail, each on a store of its own.

    Args:
        suite: Whose cases.
        opened: Opens an empty store.
        named: How the names begin of those that are run.
    """
    chosen = [(name, case) for name, case in cases_of(suite) if name.startswith(named)]
    assert chosen, f"no case of {suite.__name__} begins with {named}"
    failures: dict[str, BaseException] = {}
    for name, case in chosen:
        async with opened() as store:
            try:
                await case(store)
            except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - any failure counts
                failures[name] = error
    return failures


def _case(suite: type[StoreSuite], name: str, parameters: dict[str, Any]) -> Case:
    async def case(store: StoreUnderTest) -> None:
        await getattr(suite(), name)(store=store, **parameters)

    return case


def _parameters_of(method: Any) -> Iterator[dict[str, Any]]:
    marks = [mark for mark in getattr(method, "pytestmark", ()) if mark.name == "parametrize"]
    choices = [
        [dict(zip(names, value if len(names) > 1 else (value,), strict=True)) for value in values]
        for names, values in ((_names(mark.args[0]), mark.args[1]) for mark in marks)
    ]
    for chosen in product(*choices):
        yield {name: value for one in chosen for name, value in one.items()}


def _names(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.strip() for one in names.split(",")) if isinstance(names, str) else names
