"""What happens to bookings is followed up by a server that works on jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from muster.testing.clock import FakeClock
from muster.testing.example_certificates import a_completed_booking
from muster.testing.examples import a_zone
from muster_documents.plugin import DocumentsPlugin
from muster_jobs.plugin import JobsPlugin
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.auth.stage import run
from tests.documents.paper import paper_of
from tests.http.life_stage import BEGIN, BOOKINGS, Life, a_block, days, states, teachers, the
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.server_under_test import ServerUnderTest, serving
from tests.http.test_certificates import keep
from tests.postgres_fixtures import _empty, _with

pytestmark = pytest.mark.xdist_group("jobs")

PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def set_clock() -> FakeClock:
    return FakeClock(BEGIN)


@pytest.fixture(scope="module")
def module_server(database_url: str, set_clock: FakeClock) -> Iterator[ServerUnderTest]:
    plugins = [PostgresPlugin, TrainerHttpPlugin, JobsPlugin, DocumentsPlugin]
    environ = {
        "MUSTER_PLUGINS__PORTS": CHOICE,
        "MUSTER_JOBS__POLL_SECONDS": "0.05",
    }
    with serving(database_url, [*plugins, plugin_of(set_clock)], **environ) as server:
        yield server


@pytest.fixture
def clean_database(module_server: ServerUnderTest, database_url: str) -> str:
    """The module's database, empty, although the server works on jobs in it meanwhile."""
    eventually(lambda: at_rest(database_url))
    eventually(lambda: emptied(database_url))
    return database_url


@pytest.fixture
def life(module_server: ServerUnderTest, clean_database: str, set_clock: FakeClock) -> Life:
    module_server.sandbox.roster.replace([])
    return Life(module_server, clean_database, set_clock)


def emptied(url: str) -> bool:
    """Whether all tables are empty now; a job that locks them otherwise may be in the way."""
    try:
        _with(url, _empty)
    except asyncpg.DeadlockDetectedError:
        return False
    return True


def eventually(true: Callable[[], Any]) -> Any:
    """Whatever comes true in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return found


def at_rest(url: str) -> bool:
    return not run(url, "SELECT id FROM jobs WHERE ended_at IS NULL")


def promotions(url: str) -> list[str]:
    """Who was promoted, in the order of the commits."""
    rows = run(
        url,
        "SELECT payload::json->>'booking_id' AS id FROM outbox_events"
        " WHERE event = 'BookingChanged' AND payload::json->>'kind' = 'PROMOTE' ORDER BY position",
    )
    return [row["id"] for row in rows]


def test_the_line_is_promoted_in_order_as_places_come_free(life: Life, clean_database: str) -> None:
    """Twenty wait; each place that comes free goes to the first, once, with a receipt.

    Nobody waits for the promotions: places come free while the job is at work.
    """
    life.staff({}, {}, {}, {})
    placed = []
    for _ in range(24):
        placed.append(life.book())
        life.clock.advance(timedelta(seconds=1))
    seated, line = [one["id"] for one in placed[:4]], [one["id"] for one in placed[4:]]
    assert [life.booking(one)["waitlistPosition"] for one in line] == list(range(1, 21))

    for number in range(20):
        cancelled = eventually(lambda: (seated + promotions(clean_database))[number:])  # noqa: B023
        life.do(f"{BOOKINGS}/{cancelled[0]}/cancel")
    eventually(lambda: len(promotions(clean_database)) == 20)
    eventually(lambda: at_rest(clean_database))
    assert promotions(clean_database) == line
    for id_ in line:
        assert [one["kind"] for one in life.receipts(id_)][:2] == ["PLACE", "PROMOTE"]
    assert run(clean_database, "SELECT type, last_error FROM jobs WHERE state = 'DEAD'") == []


def test_who_is_refused_keeps_nobody_in_the_line_waiting(life: Life, clean_database: str) -> None:
    refused, next_one = life.book(), life.book()
    run(clean_database, "UPDATE bookings SET ranking_policy = 'gone' WHERE id = $1", refused["id"])
    eventually(lambda: at_rest(clean_database))
    life.staff({})
    life.clock.advance(timedelta(minutes=5))
    eventually(lambda: life.booking(next_one["id"])["status"] == "ASSIGNED")
    assert life.booking(refused["id"])["status"] == "WAITLISTED"


def test_the_thirtieth_completion_issues_a_certificate_for_each_student(
    life: Life, clean_database: str
) -> None:
    life.staff({})
    students = [{"id": str(UUID(int=number)), "name": "Asha Rao"} for number in (1, 2)]
    booking = life.book(totalSessions=30, classType="ONE_ON_TWO", students=students)
    assert booking["status"] == "ASSIGNED"
    life.after(booking["sessions"])
    for number in range(1, 31):
        life.of_session(the(booking, number), "complete")
    path = f"{BOOKINGS}/{booking['id']}/certificates"
    issued = eventually(lambda: life.api.get(path).json["data"])
    assert sorted(one["studentId"] for one in issued) == [one["id"] for one in students]
    life.of_session(the(booking, 1), "void", {"reason": "Nobody came."})
    life.of_session(the(booking, 1), "restore")
    eventually(lambda: at_rest(clean_database))
    shown = life.api.get(path).json["data"]
    assert [(one["number"], one["status"]) for one in shown] == [
        (one["number"], "VALID") for one in issued
    ]
    documents = run(clean_database, "SELECT certificate_id, content FROM certificate_documents")
    rendered = {str(row["certificate_id"]): row["content"] for row in documents}
    assert rendered.keys() == {one["id"] for one in issued}
    for one in issued:
        download = life.api.get(f"/v1/certificates/{one['number']}/document")
        assert (download.status, download.body) == (200, rendered[one["id"]])
        paper = paper_of(download.body)
        assert {one["number"], "Asha Rao"} <= set(paper.lines)
        (url,) = paper.codes
        assert life.api.get(urlsplit(url).path).json["status"] == "VALID"


def test_a_certificate_that_is_issued_anew_is_rendered_too(life: Life, clean_database: str) -> None:
    zone = a_zone(name="Beside the other")
    booking = a_completed_booking(zone)
    keep(clean_database, zone, booking)
    (first,) = life.do(f"{BOOKINGS}/{booking.id}/certificates")["data"]
    path = f"/v1/certificates/{first['number']}/reissue"
    second = life.do(path, {"reason": "Torn."}, 201)
    eventually(lambda: at_rest(clean_database))
    rows = run(clean_database, "SELECT certificate_id FROM certificate_documents")
    assert UUID(second["id"]) in {row["certificate_id"] for row in rows}
    assert run(clean_database, "SELECT type, last_error FROM jobs WHERE state = 'DEAD'") == []


def test_a_hundred_jobs_at_once_issue_one_certificate_for_each_student(
    life: Life, clean_database: str
) -> None:
    """Even where nothing keeps them from being asked for a hundred times."""
    zone = a_zone(name="Beside the other")
    booking = a_completed_booking(zone, "Asha Devi", "Bela Das")
    keep(clean_database, zone, booking)
    run(
        clean_database,
        "INSERT INTO jobs (id, type, state, payload, asked_at, run_at, correlation_id)"
        " SELECT gen_random_uuid(), 'jobs/issue-certificates', 'WAITING',"
        " jsonb_build_object('booking_id', $1::text), $2, $2, 'example'"
        " FROM generate_series(1, 100)",
        str(booking.id),
        BEGIN,
    )
    eventually(lambda: at_rest(clean_database))
    states = run(clean_database, "SELECT state, count(*) AS n FROM jobs GROUP BY state")
    assert {row["state"]: row["n"] for row in states}["DONE"] >= 100
    path = f"{BOOKINGS}/{booking.id}/certificates"
    issued = life.api.get(path).json["data"]
    students = sorted(str(student.id) for student in booking.purchase.students)
    assert sorted(one["studentId"] for one in issued) == students
    assert len({one["number"] for one in issued}) == len(students)


def test_stranded_sessions_are_offered_to_others(life: Life, clean_database: str) -> None:
    first, second = life.staff({}, {})
    booking = life.book(preferredTrainerId=first)
    assert set(teachers(booking)) == {first}
    life.do(f"/v1/trainers/{first}/blocks", a_block(days(0, 1)), 201)
    eventually(lambda: teachers(life.booking(booking["id"]))[:3] == [second, second, first])
    assert set(states(life.booking(booking["id"]))) == {"SCHEDULED"}


def test_a_trainer_who_is_free_again_is_offered_to_the_line(life: Life) -> None:
    (trainer,) = life.staff({})
    block = life.do(f"/v1/trainers/{trainer}/blocks", a_block(days(0, 1)), 201)["block"]
    booking = life.book()
    assert booking["status"] == "WAITLISTED"
    life.api.send("DELETE", f"/v1/trainers/{trainer}/blocks/{block['id']}")
    eventually(lambda: life.booking(booking["id"])["status"] == "ASSIGNED")


def test_the_time_of_day_asks_too(life: Life, clean_database: str) -> None:
    """A trainer who came to a zone elsewhere is found within minutes."""
    booking = life.book()
    assert booking["status"] == "WAITLISTED"
    eventually(lambda: at_rest(clean_database))
    life.staff({})
    life.clock.advance(timedelta(minutes=5))
    eventually(lambda: life.booking(booking["id"])["status"] == "ASSIGNED")


def test_what_was_pending_is_tried_again_each_minute(life: Life, clean_database: str) -> None:
    life.staff({})
    booking = life.book()
    # As it would be, had the trainer service not answered.
    run(clean_database, "DELETE FROM schedule_slots")
    run(
        clean_database,
        "UPDATE booking_sessions SET status = 'PLANNED', trainer_id = NULL;",
    )
    run(clean_database, "UPDATE bookings SET status = 'PENDING', trainer_id = NULL")
    assert life.booking(booking["id"])["status"] == "PENDING"
    life.clock.advance(timedelta(minutes=1))
    eventually(lambda: life.booking(booking["id"])["status"] == "ASSIGNED")


def test_what_was_pending_and_waits_now_has_its_line_tried(life: Life, clean_database: str) -> None:
    """A place may have come free between the look that found none and its commit."""
    booking = life.book()
    eventually(lambda: at_rest(clean_database))
    run(clean_database, "UPDATE bookings SET status = 'PENDING'")
    run(clean_database, "DELETE FROM jobs")
    life.clock.advance(timedelta(minutes=1))
    eventually(lambda: life.booking(booking["id"])["status"] == "WAITLISTED")
    tried = run(clean_database, "SELECT unique_key FROM jobs WHERE type = 'jobs/try-waitlist'")
    assert [row["unique_key"] for row in tried] == [booking["zone"]["id"]]
