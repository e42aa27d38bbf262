"""A pytest plugin that sees which conformance suites pass; ``muster plugin check`` loads it."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

__all__ = ["SUITES_OF_PORTS", "SuiteWitness", "pytest_addoption", "pytest_configure"]

SUITES_OF_PORTS: dict[str, tuple[str, ...]] = {
    "audit_chain": ("AuditChainSuite",),
    "audit_reader": ("AuditReaderSuite",),
    "block_reader": ("BlockReaderSuite",),
    "booking_reader": ("BookingReaderSuite",),
    "calendar_reader": ("CalendarReaderSuite",),
    "certificate_documents": ("CertificateDocumentsSuite",),
    "certificate_reader": ("CertificateReaderSuite",),
    "certificate_renderer": ("CertificateRendererSuite",),
    "clock": ("ClockSuite",),
    "demand_reader": ("DemandReaderSuite",),
    "deployment_keys": ("DeploymentKeysSuite",),
    "entropy": ("EntropySuite",),
    "event_feed": ("EventFeedSuite", "ParkedEventSuite"),
    "event_replays": ("EventReplaySuite",),
    "franchise_reader": ("FranchiseReaderSuite",),
    "job_queue": ("EndedJobSuite", "JobQueueSuite", "JobsAskedAgainSuite"),
    "notifier": ("NotifierSuite",),
    "observer": ("ObserverSuite",),
    "schedule_reader": ("LiveSlotsSuite", "ScheduleReaderSuite"),
    "snapshot_store": ("SnapshotStoreSuite",),
    "trainer_directory": ("TrainerDirectorySuite",),
    "unit_of_work": (
        *("AvailabilitySuite", "BlockRepositorySuite", "BookingChangeSuite"),
        *("BookingRepositorySuite", "CertificateRepositorySuite", "ClaimSuite"),
        *("FranchiseRepositorySuite", "HeldTimeSuite", "JournalSuite", "LineSuite"),
        *("ReceiptSuite", "ReleaseSuite", "ScopeSuite", "UnitOfWorkSuite", "ZoneRepositorySuite"),
    ),
    "zone_locator": ("ZoneLocatorSuite",),
    "zone_reader": ("ZoneReaderSuite",),
}
"""The suites that hold an adapter to each port, by the names of their classes."""

_SUITES = "muster.testing.suites."


class SuiteWitness:
    """Sees a run of pytest and writes down which suites passed whole."""

    def __init__(self, place: Path) -> None:
        """Write to a file when the run ends."""
        self._place = place
        self._suites_of: dict[str, set[str]] = {}
        self._outcomes: defaultdict[str, set[str]] = defaultdict(set)
        self._passed = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember of which suites each test is."""
        for item in items:
            kind = getattr(item, "cls", None) or object
            self._suites_of[item.nodeid] = {
                base.__name__ for base in kind.__mro__ if base.__module__.startswith(_SUITES)
            }

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how each test went; one that was skipped shows nothing."""
        if report.when != "call" and report.passed:
            return
        self._passed += report.passed
        for suite in self._suites_of.get(report.nodeid, ()):
            self._outcomes[suite].add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Write down, for each port, the suites that did not pass or were not there."""
        proven = {suite for suite, outcomes in self._outcomes.items() if outcomes == {"passed"}}
        unproven = {
            port: [suite for suite in suites if suite not in proven]
            for port, suites in SUITES_OF_PORTS.items()
        }
        self._place.write_text(json.dumps({"passed": self._passed, "unproven": unproven}))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file to write to."""
    parser.addoption("--muster-witness", metavar="FILE", help="where to say which suites passed")


def pytest_configure(config: pytest.Config) -> None:
    """Look on, where a file is named."""
    if place := config.getoption("--muster-witness"):
        config.pluginmanager.register(SuiteWitness(Path(place)), "muster-suite-witness")
