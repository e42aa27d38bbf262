"""Attempts are entered while the store is open, and a fault of it is told and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic
from typing import Any, ClassVar

import pytest
from structlog.testing import capture_logs

from muster.domain.scopes import EVERYTHING, Scope
from muster.plugin_api import (
    API_VERSION,
    Caller,
    Layer,
    LifespanStep,
    Manifest,
    PortLookup,
    PortWrapper,
    SettingsLookup,
    hookimpl,
)
from muster.ports.unit_of_work import (
    UNIT_OF_WORK,
    DatabaseUnavailable,
    UnitOfWork,
    UnitOfWorkFactory,
)
from muster.testing import FakeClock, make_app
from muster.testing.entropy import SeededEntropy
from muster.testing.examples import AN_INSTANT
from muster_edge.audited_attempts import AuditedAttempts
from muster_edge.plugin import EdgePlugin

ATTEMPT = "/v1/zones/1'%20OR%20'1'='1"


class Pool:
    """A plugin, later in the alphabet than the edge, whose pool is closed at the end.

    Units of work wait for the end to begin: then what was entered last is still being written.
    """

    MANIFEST: ClassVar[Manifest] = Manifest(name="pool", api_version=API_VERSION)

    def __init__(self) -> None:
        self._is_open = False
        self._ending = asyncio.Event()
        self.found_open: list[bool] = []

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        return [
            LifespanStep("pool", lambda ports: self._opened()),
            LifespanStep("ending", lambda ports: self._until_the_end(), serving=True),
        ]

    @hookimpl
    def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
        def wrap(inner: UnitOfWorkFactory, ports: PortLookup) -> UnitOfWorkFactory:
            return Pooled(inner, self)

        return [PortWrapper(UNIT_OF_WORK, Layer.RESILIENCE, "pool", wrap)]

    async def connect(self) -> None:
        await self._ending.wait()
        self.found_open.append(self._is_open)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        self._is_open = True
        yield
        self._is_open = False

    @asynccontextmanager
    async def _until_the_end(self) -> AsyncIterator[None]:
        yield
        self._ending.set()


class Pooled(UnitOfWorkFactory):
    def __init__(self, inner: UnitOfWorkFactory, pool: Pool) -> None:
        self._inner = inner
        self._pool = pool

    def __call__(self, scope: Scope = EVERYTHING) -> AbstractAsyncContextManager[UnitOfWork]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[UnitOfWork]:
            await self._pool.connect()
            async with self._inner(scope) as unit:
                yield unit

        return opened()


def test_what_is_being_written_at_the_end_is_written_while_the_pool_is_open() -> None:
    app = make_app([EdgePlugin, Pool])
    with app.client() as client:
        assert client.get(ATTEMPT).status_code == 400
    assert app.plugin(Pool).found_open == [True]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (DatabaseUnavailable("gone"), ["attempt_not_entered"]),
        (RuntimeError("the pool is closed"), ["attempt_not_entered"]),
        (asyncio.CancelledError(), []),
    ],
)
def test_a_fault_of_the_store_is_told_and_no_more(fault: BaseException, told: list[str]) -> None:
    def units(scope: Scope = EVERYTHING) -> AbstractAsyncContextManager[UnitOfWork]:
        raise fault

    async def entered() -> None:
        audited = AuditedAttempts(units, FakeClock(AN_INSTANT), SeededEntropy(1), monotonic)
        await audited.enter(Caller(None, "mine", address="192.0.2.7"), status=400)
        await audited.close()

    with capture_logs() as lines:
        asyncio.run(entered())
    assert [line["event"] for line in lines] == told
