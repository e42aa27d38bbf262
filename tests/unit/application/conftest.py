"""The use cases on the memory adapters, with a clock and chance in the test's hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import pytest

from muster.application.access import Permission, Principal
from muster.application.catalogue import CorePorts, core_cases
from muster.application.dispatcher import Dispatcher
from muster.application.placement import AssignmentRules
from muster.application.read_certificates import Issuer
from muster.application.use_case import Caller, Request
from muster.application.zones import CreateZone
from muster.domain.certificate_names import NameDisplay
from muster.domain.geography import Point
from muster.domain.zones import Zone
from muster.testing.clock import FakeClock
from muster.testing.entropy import SeededEntropy
from muster_memory.audit import MemoryAuditReader
from muster_memory.blocks import MemoryBlockReader
from muster_memory.booking_reader import MemoryBookingReader
from muster_memory.calendar_reader import MemoryCalendarReader
from muster_memory.certificates import MemoryCertificateReader
from muster_memory.demand import MemoryDemandReader
from muster_memory.event_replays import MemoryEventReplays
from muster_memory.franchises import MemoryFranchiseReader
from muster_memory.schedule import MemoryScheduleReader
from muster_memory.store import MemoryStore
from muster_memory.trainer_directory import MemoryTrainerDirectory, TrainerRoll
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from muster_memory.zone_locator import MemoryZoneLocator
from muster_memory.zones import MemoryZoneReader

R = TypeVar("R")

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
COMPANY = Issuer("The Company", NameDisplay.INITIALS)
CALLER = Caller(Principal("tester", frozenset(Permission)), "correlation-1")


class House:
    """Everything composed in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.roll = TrainerRoll()
        self.clock = FakeClock(NOW)
        self.ports = CorePorts(
            clock=self.clock,
            entropy=SeededEntropy(7),
            units=MemoryUnitOfWorkFactory(self.store),
            franchises=MemoryFranchiseReader(self.store),
            zones=MemoryZoneReader(self.store),
            locator=MemoryZoneLocator(self.store),
            bookings=MemoryBookingReader(self.store),
            blocks=MemoryBlockReader(self.store),
            schedule=MemoryScheduleReader(self.store),
            calendars=MemoryCalendarReader(self.store),
            demand=MemoryDemandReader(self.store),
            audit=MemoryAuditReader(self.store),
            certificates=MemoryCertificateReader(self.store),
            replays=MemoryEventReplays(self.store),
            directory=MemoryTrainerDirectory(self.roll, self.clock),
        )
        self.cases = core_cases(self.ports, AssignmentRules(), COMPANY)
        self.dispatcher = Dispatcher(
            self.cases, self.ports.units, self.ports.clock, self.ports.entropy
        )

    async def do(self, request: Request[R]) -> R:
        return await self.dispatcher.dispatch(request, CALLER)

    async def open_zone(self, name: str = "Vijayawada", priority: int = 0) -> Zone:
        return await self.do(
            CreateZone(name, Point(16.5, 80.6), 12.0, "Asia/Kolkata", priority=priority)
        )


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house() -> House:
    return House()
