"""The example plugin as an operator meets it: built, installed, used, killed, removed."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.e2e.orders import a_booking, a_zone
from tests.e2e.processes import PATIENCE_SECONDS, call
from tests.plugins.fresh_environment import EXAMPLE, ROOT, FreshEnvironment, wheel_of

WITH = "postgres,trainer_http,example"
WITHOUT = "postgres,trainer_http"
TELLING = {"MUSTER_EVENTS__POLL_SECONDS": "0.05", "MUSTER_HTTP__DRAIN_SECONDS": "0"}
RULE = "EXAMPLE_DAILY_LIMIT"


def test_the_example_is_installed_used_and_removed(
    home: Path, empty_database: Callable[[], str]
) -> None:
    fresh = FreshEnvironment(home)
    muster, example = wheel_of(ROOT, home), wheel_of(EXAMPLE, home)
    fresh.install(f"muster[all] @ file://{muster}", f"muster-example @ file://{example}", "pytest")
    its_own_tests_pass(fresh)
    its_command_and_passport_are_shown(fresh)
    courses = it_takes_part(fresh)
    a_server_that_is_killed_leaves_its_events_to_the_next(fresh, empty_database())
    fresh.uninstall("muster-example")
    muster_refuses_to_start_with_it(fresh)
    muster_works_without_it(fresh, courses)


def its_own_tests_pass(fresh: FreshEnvironment) -> None:
    tests = fresh.home / "tests-of-example"
    shutil.copytree(EXAMPLE / "tests", tests)
    done = fresh.run_tests(tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def its_command_and_passport_are_shown(fresh: FreshEnvironment) -> None:
    said = fresh.run("example", MUSTER_PLUGINS__ENABLED=WITH, MUSTER_EXAMPLE__SESSIONS_A_DAY="2")
    assert (said.returncode, said.stdout) == (0, "At most 2 sessions a day.\n"), said.stderr
    shown = fresh.run("plugins", "--json", MUSTER_PLUGINS__ENABLED=WITH)
    assert shown.returncode == 0, shown.stderr
    assert '"muster-example"' in json.dumps(json.loads(shown.stdout))


def it_takes_part(fresh: FreshEnvironment) -> str:
    """Fill a trainer's days to the limit; return the trainer, the course and where."""
    with fresh.serving(MUSTER_PLUGINS__ENABLED=WITH, **TELLING) as server:
        address = server.address()
        assert call(f"{address}/v1/zones", a_zone()).status == 201
        course = str(uuid4())
        first = placed(address, course, "08:00")
        trainer = first["trainerId"]
        for time_slot in ("10:00", "12:00"):
            assert placed(address, course, time_slot, trainer)["trainerId"] == trainer
        fourth = placed(address, course, "14:00", trainer)
        assert fourth["trainerId"] not in (None, trainer)
        receipt = newest_receipt(address, fourth)
        assert {"name": RULE, "version": 1} in receipt["rules"]
        assert refusals_of(receipt, trainer) == [RULE]
        idle = placed(address, course, "16:00", rankingPolicy="example-fewest-hours")
        policy = newest_receipt(address, idle)["policy"]
        assert policy == {"name": "example-fewest-hours", "version": 1}
        assert idle["trainerId"] not in (trainer, fourth["trainerId"])
        eventually(lambda: len(diary(address)) == 5)
        assert {page["event"] for page in diary(address)} == {"BookingPlaced"}
        ready = call(f"{address}/ready").body
        assert ready["checks"]["exampleDiary"]["status"] == "up"
        assert server.end() == 0
    return json.dumps({"trainer": trainer, "course": course, "booking": fourth["id"]})


def a_server_that_is_killed_leaves_its_events_to_the_next(
    fresh: FreshEnvironment, database: str
) -> None:
    settings = {"MUSTER_PLUGINS__ENABLED": WITH, "DATABASE_URL": database}
    with fresh.serving(**settings, MUSTER_EVENTS__POLL_SECONDS="60") as doomed:
        address = doomed.address()
        assert call(f"{address}/v1/zones", a_zone()).status == 201
        booking = placed(address, str(uuid4()), "10:00")
        assert diary(address) == []
        doomed.end(signal.SIGKILL)
    with fresh.serving(**settings, **TELLING) as heir:
        address = heir.address()
        eventually(lambda: [page["bookingId"] for page in diary(address)] == [booking["id"]])
        assert heir.end() == 0


def muster_refuses_to_start_with_it(fresh: FreshEnvironment) -> None:
    refused = fresh.run("serve", MUSTER_PLUGINS__ENABLED=WITH)
    assert refused.returncode == 2
    said = " ".join(refused.stderr.split())
    assert "Plugin 'example' is enabled and not installed" in said
    assert "MUSTER_PLUGINS__ENABLED" in said


def muster_works_without_it(fresh: FreshEnvironment, before: str) -> None:
    known = json.loads(before)
    with fresh.serving(MUSTER_PLUGINS__ENABLED=WITHOUT, **TELLING) as server:
        address = server.address()
        kept = newest_receipt(address, {"id": known["booking"]})
        assert refusals_of(kept, known["trainer"]) == [RULE]
        fourth = placed(address, known["course"], "18:00", known["trainer"])
        assert fourth["trainerId"] == known["trainer"]
        assert RULE not in {rule["name"] for rule in newest_receipt(address, fourth)["rules"]}
        assert call(f"{address}/plugins/example/diary").status == 404
        assert server.end() == 0


def placed(
    address: str, course: str, time_slot: str, trainer: str | None = None, **changes: Any
) -> dict[str, Any]:
    wish = {} if trainer is None else {"preferredTrainerId": trainer}
    order = a_booking(courseId=course, preferredTimeSlot=time_slot, **wish, **changes)
    answer = call(f"{address}/v1/bookings", order)
    assert answer.status == 201, answer.body
    booking: dict[str, Any] = answer.body
    return booking


def newest_receipt(address: str, booking: dict[str, Any]) -> dict[str, Any]:
    receipt: dict[str, Any] = call(f"{address}/v1/bookings/{booking['id']}/receipts").body["data"][
        -1
    ]
    return receipt


def refusals_of(receipt: dict[str, Any], trainer: str) -> list[str]:
    (candidate,) = [one for one in receipt["candidates"] if one["trainerId"] == trainer]
    return [refusal["rule"] for refusal in candidate["refusals"]]


def diary(address: str) -> list[dict[str, str]]:
    pages: list[dict[str, str]] = call(f"{address}/plugins/example/diary").body
    return pages


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
