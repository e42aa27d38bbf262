"""What clients see of each way in which a trainer service fails, in both of its dialects.

An outage is told as such: bookings wait or are decided by a snapshot, never by "nobody".
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import msgspec
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from muster.domain.trainers import Trainer
from muster.testing.examples import a_trainer
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.bulk_wire import write_trainer
from muster_trainer_http.plugin import TrainerHttpPlugin
from muster_trainer_http.sandbox import Sandbox
from muster_trainer_http.sandbox.faults import NO_FAULTS, Faults
from muster_trainer_http.sandbox.listing import listing_page
from muster_trainer_http.sandbox.roster import Roster
from tests.http.api import Answer, Api
from tests.http.moved_clock import CHOICE, MovedClock, plugin_of
from tests.http.orders import a_booking, a_trainer_for, a_zone
from tests.http.server_under_test import serving
from tests.http.shapes import assert_booking, assert_preview, assert_receipt
from tests.http.trainer_gate import TrainerGate

DIALECTS = ("bulk", "listing")
BREAKER_SECONDS = 60.0
MAX_AGE_SECONDS = 900.0
ENOUGH_FAILURES = 3
# A question may take eight seconds; the rest is for machines that are busy with others.
BOUND_SECONDS = 10
MOST_GROWTH_KB = 100_000
SETTINGS = {
    "TRAINER_SNAPSHOT_MAX_AGE": f"{MAX_AGE_SECONDS}",
    "MUSTER_TRAINER_HTTP__RETRY_SECONDS": "0.01",
    "MUSTER_TRAINER_HTTP__BREAKER_FAILURES": f"{ENOUGH_FAILURES}",
    "MUSTER_TRAINER_HTTP__BREAKER_SECONDS": f"{BREAKER_SECONDS}",
    "MUSTER_PLUGINS__PORTS": CHOICE,
}
# Where tests wait until it is over, and nowhere else: a busy machine may need longer.
IMPATIENT = {"MUSTER_TRAINER_HTTP__PAGE_SECONDS": "0.75"}
_priorities = count()


Fault = Faults | Callable[[TrainerGate], Awaitable[None]]
FAULTS: dict[str, Fault] = {
    "down": TrainerGate.shut,
    "500": Faults(status=500),
    "503": Faults(status=503),
    "HTML": Faults(garbage="<!doctype html><title>Maintenance</title>"),
    "truncated": Faults(garbage='{"success": true, "data": [{"id": "018f6f6e-'),
    "null": Faults(garbage="null"),
    "another shape": Faults(garbage='{"trainers": []}'),
    "a gigabyte": Faults(huge=True),
    "cut off": Faults(cut=True),
}
LATE: dict[str, Fault] = {
    "hanging": TrainerGate.hold,
    "too slow": Faults(latency_seconds=2),
}


class Stage:
    """A server, the trainer service that it asks, and what stands between them."""

    def __init__(self, dialect: str, portal: BlockingPortal) -> None:
        self.dialect = dialect
        self.sandbox = Sandbox()
        self.gate = TrainerGate()
        self.elsewhere = TrainerGate()
        self.clock = MovedClock()
        self._portal = portal
        self.api: Api

    @contextmanager
    def set_up(self, database_url: str, **settings: str) -> Iterator[None]:
        """Have it all running, and one zone open."""
        opened = self._portal.wrap_async_context_manager
        plugins = [PostgresPlugin, TrainerHttpPlugin, plugin_of(self.clock)]
        with (
            opened(self.sandbox) as service,
            opened(self.gate.leading_to(service)),
            opened(self.elsewhere.leading_to(service)),
            serving(
                database_url,
                plugins,
                TRAINER_SERVICE_URL=self.gate.url,
                TRAINER_SERVICE_DIALECT=self.dialect,
                **SETTINGS | settings,
            ) as server,
        ):
            self.api = server.api
            # All stages stand on one database, and their zones in the same place.
            zone = a_zone(priority=next(_priorities))
            self.zone = self.api.created("/v1/zones", zone)
            yield

    def fail(self, fault: Fault) -> None:
        """Let the service fail in one of the ways."""
        if isinstance(fault, Faults):
            self.sandbox.faults = fault
        else:
            self._portal.call(fault, self.gate)

    def redirect(self) -> None:
        """Let the service send everybody elsewhere."""
        self.sandbox.faults = Faults(redirect_to=f"{self.elsewhere.url}/api/v1/trainers/bulk")

    def mend(self) -> None:
        """Let it work again."""
        self.sandbox.faults = NO_FAULTS
        self._portal.call(self.gate.open)

    @contextmanager
    def of_one_test(self) -> Iterator[None]:
        """Leave nothing to the next test, not even trainers whose details would be asked for."""
        self.sandbox.roster.replace([])
        yield
        self.mend()
        # The next question closes the breaker, if it stands open.
        self.clock.advance(BREAKER_SECONDS)

    def with_trainers(self) -> dict[str, Any]:
        """A booking of a course of its own, which three trainers teach."""
        wanted = a_booking()
        self.sandbox.roster.add(a_trainer_for(self.zone, wanted["courseId"]) for _ in range(3))
        return wanted

    def book(self, wanted: dict[str, Any]) -> Any:
        """Place it, in bounded time."""
        answer = timely(lambda: self.api.post("/v1/bookings", wanted))
        assert answer.status == (202 if answer.json["status"] == "PENDING" else 201), answer
        assert_booking(answer.json)
        return answer.json

    def receipt(self, booking: dict[str, Any]) -> Any:
        (receipt,) = self.api.get(f"/v1/bookings/{booking['id']}/receipts").json["data"]
        assert_receipt(receipt)
        return receipt

    def ready(self) -> tuple[str, str]:
        """What ``/ready`` says of all and of the breaker; always by 200."""
        answer = timely(lambda: self.api.get("/ready"))
        assert answer.status == 200, answer
        check = answer.json["checks"]["trainerService"]
        return answer.json["status"], check["breaker"]

    def status(self) -> Any:
        return self.api.get("/plugins/trainer_http/status").json


@pytest.fixture(scope="module", params=DIALECTS)
def module_stage(request: pytest.FixtureRequest, database_url: str) -> Iterator[Stage]:
    with start_blocking_portal() as portal:
        stage = Stage(request.param, portal)
        with stage.set_up(database_url):
            yield stage


@pytest.fixture(scope="module", params=DIALECTS)
def module_impatient_stage(request: pytest.FixtureRequest, database_url: str) -> Iterator[Stage]:
    with start_blocking_portal() as portal:
        stage = Stage(request.param, portal)
        with stage.set_up(database_url, **IMPATIENT):
            yield stage


@pytest.fixture
def stage(module_stage: Stage) -> Iterator[Stage]:
    with module_stage.of_one_test():
        yield module_stage


@pytest.fixture
def impatient_stage(module_impatient_stage: Stage) -> Iterator[Stage]:
    with module_impatient_stage.of_one_test():
        yield module_impatient_stage


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_outage_is_never_nobody(stage: Stage, fault: Fault) -> None:
    hold_to_an_outage(stage, lambda: stage.fail(fault))


@pytest.mark.parametrize("fault", LATE.values(), ids=LATE)
def test_an_answer_that_does_not_come_is_not_nobody(impatient_stage: Stage, fault: Fault) -> None:
    hold_to_an_outage(impatient_stage, lambda: impatient_stage.fail(fault))


def test_elsewhere_is_never_asked(stage: Stage) -> None:
    hold_to_an_outage(stage, stage.redirect)
    assert stage.elsewhere.accepted == 0


def hold_to_an_outage(stage: Stage, fail: Callable[[], None]) -> None:
    """Follow an outage from the last good answer to the first one after it."""
    known, unknown = stage.with_trainers(), stage.with_trainers()
    assert directory_of(stage, stage.book(known)) == "live"
    assert stage.ready() == ("ready", "closed")
    memory = most_memory_kb()

    fail()
    waiting = stage.book(unknown)
    assert (waiting["status"], waiting["receiptId"]) == ("PENDING", None)
    preview = timely(lambda: stage.api.post("/v1/bookings/preview", unknown))
    assert preview.status == 200
    assert_preview(preview.json)
    assert (preview.json["status"], preview.json["directory"]) == ("PENDING", None)
    assert directory_of(stage, stage.book(known)) == "snapshot"

    # These were failures enough: the service is left alone, which is told to the operator.
    assert stage.ready() == ("degraded", "open")
    calls = stage.status()["calls"]
    assert stage.book(unknown)["status"] == "PENDING"
    assert directory_of(stage, stage.book(known)) == "snapshot"
    assert stage.status()["calls"] == calls

    # Then one question tries, in vain, and what is remembered has become too old.
    stage.clock.advance(MAX_AGE_SECONDS)
    assert stage.book(known)["status"] == "PENDING"
    assert stage.status()["calls"] > calls
    assert stage.ready() == ("degraded", "open")
    assert most_memory_kb() - memory < MOST_GROWTH_KB

    stage.mend()
    assert stage.book(unknown)["status"] == "PENDING"
    stage.clock.advance(BREAKER_SECONDS)
    assert stage.ready() == ("degraded", "half-open")
    assert directory_of(stage, stage.book(unknown)) == "live"
    assert stage.ready() == ("ready", "closed")


def test_a_slow_service_is_waited_for(stage: Stage) -> None:
    stage.fail(Faults(latency_seconds=0.1))
    assert directory_of(stage, stage.book(stage.with_trainers())) == "live"


def test_one_bad_trainer_spoils_nothing(stage: Stage) -> None:
    wanted = stage.with_trainers()
    good = list(stage.sandbox.roster)
    stage.fail(Faults(garbage=with_a_bad_one(stage.dialect, good), times=1))
    left_out = stage.status()["trainersLeftOut"]

    booking = stage.book(wanted)

    assert directory_of(stage, booking) == "live"
    judged = {one["trainerId"] for one in stage.receipt(booking)["candidates"]}
    assert judged == {str(one.id) for one in good}
    assert stage.status()["trainersLeftOut"] == left_out + 1


def test_bad_trainers_alone_are_no_empty_list(stage: Stage) -> None:
    stage.fail(Faults(garbage=with_a_bad_one(stage.dialect, [])))
    assert stage.book(stage.with_trainers())["status"] == "PENDING"


def with_a_bad_one(dialect: str, good: list[Trainer]) -> str:
    """A page with good trainers, and one among them whose id is no id."""
    if dialect == "listing":
        page = listing_page(Roster(good), 1, 100)["data"]
        bad = {"trainerId": "17", "available": True, "franchiseId": None}
        page["data"].insert(1, bad)
        page["total"] += 1
        return msgspec.json.encode({"success": True, "data": page}).decode()
    trainers = [json.loads(bytes(write_trainer(one))) for one in good]
    trainers.insert(1, json.loads(bytes(write_trainer(a_trainer()))) | {"id": "17"})
    return json.dumps({"data": trainers, "page": {"nextCursor": None}})


def directory_of(stage: Stage, booking: Any) -> str:
    """How the trainers of an assigned booking were known."""
    assert booking["status"] == "ASSIGNED"
    source: str = stage.receipt(booking)["directory"]["source"]
    return source


def timely(ask: Callable[[], Answer]) -> Answer:
    begun = time.monotonic()
    answer = ask()
    assert time.monotonic() - begun < BOUND_SECONDS
    return answer


def most_memory_kb() -> int:
    """The most that this process, and with it the server, ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
