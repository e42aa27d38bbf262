"""The trainer directory over HTTP, bare and inside snapshots, held to its suite.

The service behind it is the sample one, over real HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import TrainerDirectory
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT
from muster.testing.suites.trainer_directory import TrainerDirectorySuite, TrainerService
from muster_memory import MemoryStore
from muster_memory.snapshot_store import MemorySnapshotStore
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import asking, remembering

PAGE_LIMIT = 2
"""So that the suite's answers come in several pages."""


class SampleService(TrainerService):
    """The sample service; when it fails, it is no longer there."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.url = url
        self._sandbox = sandbox

    async def admit(self, *trainers: Trainer) -> None:
        self._sandbox.roster.add(trainers)

    async def fail(self) -> None:
        await self._sandbox.__aexit__(None, None, None)


class OverHttp(TrainerDirectorySuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[SampleService]:
        sandbox = Sandbox()
        async with sandbox as url:
            yield SampleService(sandbox, url)


class TestBare(OverHttp):
    @pytest.fixture
    async def directory(self, service: SampleService) -> AsyncIterator[TrainerDirectory]:
        async with asking(service.url, page_limit=PAGE_LIMIT) as directory:
            yield directory


class TestInsideSnapshots(OverHttp):
    @pytest.fixture
    async def directory(self, service: SampleService) -> AsyncIterator[TrainerDirectory]:
        store, clock = MemorySnapshotStore(MemoryStore()), FakeClock(AN_INSTANT)
        async with remembering(service.url, clock, store, page_limit=PAGE_LIMIT) as directory:
            yield directory
