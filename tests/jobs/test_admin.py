"""The administration of jobs on a real server: what it shows, what it does, and to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from muster.application.access import Permission
from muster.application.roles import PERMISSIONS_OF_ROLES, Role
from muster_jobs.job_rulings import queue_id
from tests.auth.stage import run
from tests.http.api import Api
from tests.http.named_callers import header_of
from tests.jobs.admin_stage import ADMIN, TYPE, administered, entries, get, post, put
from tests.jobs.chores import Chore
from tests.jobs.stage import Stage, staged, working

BOUNDED = header_of(Role.COMPANY_ADMIN, franchise_id=str(uuid4()))
"""Somebody who holds every permission, on one franchise's ground."""

pytestmark = pytest.mark.xdist_group("jobs")


@pytest.fixture(scope="module")
def module_api(database_url: str) -> Iterator[Api]:
    with administered(database_url) as server:
        yield server.api


@pytest.fixture
def api(module_api: Api, clean_database: str) -> Api:
    return module_api


@pytest.fixture
def url(api: Api, clean_database: str) -> str:
    return clean_database


def state_of(url: str, job_id: UUID) -> str | None:
    rows = run(url, "SELECT state FROM jobs WHERE id = $1", job_id)
    return rows[0]["state"] if rows else None


def test_the_overview_says_how_it_goes(api: Api, url: str) -> None:
    for state, number in (("WAITING", 3), ("RUNNING", 2), ("DONE", 4), ("CANCELLED", 1)):
        for _ in range(number):
            put(url, state)
    dead = put(url, "DEAD", error="OSError: no answer for mira@example.org")
    failing = put(url, "WAITING", error="ValueError: 7", wait_seconds=60)
    answer = get(api)
    assert answer.status == 200, answer
    found = answer.json
    (ours,) = [one for one in found["types"] if one["type"] == TYPE]
    assert (ours["waiting"], ours["running"], ours["dead"]) == (4, 2, 1)
    assert ours["lagSeconds"] > 0
    lately = ours["lately"]
    assert (lately["done"], lately["died"], lately["cancelled"]) == (4, 1, 1)
    assert lately["donePerSecond"] == pytest.approx(4 / 300, abs=0.001)
    assert (lately["waitMs"]["p50"], lately["workMs"]["p95"]) == (0, 1000)
    assert {one["queue"]: one["waiting"] for one in found["queues"]} == {"default": 4, "follow": 0}
    assert {one["id"] for one in found["lastFailures"]} == {str(dead), str(failing)}
    assert b"mira@example.org" not in answer.body


def test_the_list_is_filtered_and_goes_on(api: Api, url: str) -> None:
    ids = [put(url, "WAITING", correlation_id=f"c-{number % 2}") for number in range(5)]
    dead = put(url, "DEAD", type_="chores/follow", error="no")
    rows = []
    cursor = ""
    while True:
        page = get(api, f"/list?state=WAITING&limit=2{cursor}").json
        rows += page["data"]
        if page["page"]["nextCursor"] is None:
            break
        cursor = f"&cursor={page['page']['nextCursor']}"
    newest_first = sorted(map(str, ids), reverse=True)
    assert [row["id"] for row in rows] == newest_first
    oldest_first = get(api, "/list?state=WAITING&sort=askedAt").json["data"]
    assert [row["id"] for row in oldest_first] == newest_first[::-1]

    def listed(query: str) -> set[str]:
        answer = get(api, f"/list?{query}")
        assert answer.status == 200, answer
        return {row["id"] for row in answer.json["data"]}

    assert listed("correlationId=c-1") == {str(ids[1]), str(ids[3])}
    assert listed("queue=follow") == listed("type=chores/follow") == {str(dead)}
    assert listed("state=DEAD") == {str(dead)}
    assert listed("queue=follow&type=chores/note") == set()


def test_what_is_wrong_with_a_list_is_told(api: Api) -> None:
    answer = get(api, "/list?state=LOST&nonsense=1&limit=900")
    assert (answer.status, set(answer.faults())) == (400, {"state", "nonsense", "limit"})
    assert get(api, "/list?cursor=x").error["code"] == "INVALID_CURSOR"
    assert get(api, "/nothing").error["code"] == "VALIDATION_FAILED"
    assert get(api, f"/{uuid4()}").error["code"] == "NOT_FOUND"
    assert post(api, f"/{uuid4()}/retry").error["code"] == "NOT_FOUND"
    assert post(api, "/queues/nothing/pause").error["code"] == "NOT_FOUND"


def test_a_job_is_shown_without_personal_data(api: Api, url: str) -> None:
    job_id = put(url, "DEAD", error="OSError: mira@example.org", key="mira@example.org")
    answer = get(api, f"/{job_id}")
    found = answer.json
    assert (found["id"], found["state"], found["queue"]) == (str(job_id), "DEAD", "default")
    assert found["payload"]["number"] == 1
    assert (found["correlationId"], found["attempts"]) == ("example", 1)
    assert b"mira" not in answer.body


def test_the_key_of_a_job_is_shown_unless_what_it_is_made_of_is_not(api: Api, url: str) -> None:
    """A hash of an address is as good as the address, for who can guess it."""
    open_, closed = put(url, "DONE", key="k", payload='{"number": 1}'), put(url, "DONE", key="k")
    keyless = put(url, "DONE")
    shown = [get(api, f"/{one}").json["uniqueKey"] for one in (open_, closed, keyless)]
    assert shown == ["k", "[redacted]", None]


def test_a_dead_job_is_run_again_once(api: Api, url: str) -> None:
    job_id = put(url, "DEAD", error="no")
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: post(api, f"/{job_id}/retry"), range(32)))
    assert {(one.status, one.json["state"]) for one in answers} == {(200, "WAITING")}
    (row,) = run(url, "SELECT state, attempts, last_error FROM jobs")
    assert tuple(row) == ("WAITING", 0, None)
    change = {"before": {"state": "DEAD"}, "after": {"state": "WAITING"}}
    assert entries(url) == [("RetryJob", "test:company_admin", change)]


def test_a_failed_job_is_run_without_its_pause(api: Api, url: str) -> None:
    job_id = put(url, "WAITING", error="no", wait_seconds=3_600)
    fresh = put(url, "WAITING", wait_seconds=3_600)
    for one in (job_id, job_id, fresh):
        assert post(api, f"/{one}/retry").status == 200
    rows = run(url, "SELECT id FROM jobs WHERE run_at <= now() + interval '1 minute'")
    assert [row["id"] for row in rows] == [job_id]
    assert [action for action, _, _ in entries(url)] == ["RetryJob"]


def test_a_live_job_of_the_same_key_does_for_a_dead_one(api: Api, url: str) -> None:
    dead, live = put(url, "DEAD", key="one"), put(url, "WAITING", key="one")
    assert post(api, f"/{dead}/retry").json["id"] == str(live)
    assert get(api, f"/{dead}").status == 404


@pytest.mark.parametrize(
    ("action", "states", "audited"),
    [
        ("cancel", {"WAITING", "RUNNING"}, "CancelJob"),
        ("drop", {"DEAD"}, "DropJob"),
    ],
)
def test_a_job_is_cancelled_or_dropped(
    api: Api, url: str, action: str, states: set[str], audited: str
) -> None:
    expected = Counter[str]()
    for state in ("WAITING", "RUNNING", "DEAD", "DONE", "CANCELLED"):
        job_id = put(url, state)
        for _ in range(2):
            answer = post(api, f"/{job_id}/{action}")
            if state in states | {"CANCELLED"}:
                assert (answer.status, answer.json["state"]) == (200, "CANCELLED"), state
            else:
                assert (answer.status, answer.error["code"]) == (409, "ILLEGAL_STATE"), state
        assert state_of(url, job_id) == ("CANCELLED" if state in states else state)
        expected[audited] += state in states
    assert Counter(action for action, _, _ in entries(url)) == expected


def test_a_job_that_is_over_is_not_run_again(api: Api, url: str) -> None:
    for state in ("DONE", "CANCELLED"):
        answer = post(api, f"/{put(url, state)}/retry")
        assert (answer.status, answer.error["code"]) == (409, "ILLEGAL_STATE")
    assert entries(url) == []


def test_a_queue_is_paused_and_resumed_once(api: Api, url: str) -> None:
    for action in ("pause", "pause", "resume", "resume"):
        answer = post(api, f"/queues/default/{action}")
        assert (answer.status, answer.json["paused"]) == (200, action == "pause")
    paused, resumed = entries(url)
    assert (paused[0], resumed[0]) == ("PauseJobQueue", "ResumeJobQueue")
    assert paused[2] == {
        "queue": "default",
        "before": {"paused": False},
        "after": {"paused": True},
    }
    noted = run(url, "SELECT 1 FROM audit_entries WHERE subject_id = $1", queue_id("default"))
    assert len(noted) == 2


@pytest.mark.anyio
async def test_workers_of_another_process_stop_taking_while_a_queue_is_paused(
    api: Api, url: str
) -> None:
    async with staged(url) as stage:
        with working(url, 2):
            await stage.ask("note", Chore(1))
            await stage.until_states(DONE=1)
            post(api, "/queues/default/pause")
            await _a_take_later(stage)
            await stage.ask("note", Chore(2), Chore(3))
            await stage.ask("follow", Chore(4))
            await _a_take_later(stage)
            assert await stage.states() == Counter(DONE=1, WAITING=3)
            post(api, "/queues/default/resume")
            await stage.until_states(DONE=3, WAITING=1)


async def _a_take_later(stage: Stage) -> None:
    """Wait until every worker has looked for jobs again: their statements tell."""
    looked = "SELECT sum(xact_commit) FROM pg_stat_database WHERE datname = current_database()"
    ((before,),) = await stage.rows(looked)

    async def later() -> bool:
        ((now,),) = await stage.rows(looked)
        return int(str(now)) > int(str(before)) + 40

    await stage.until(later)


def test_schedules_are_listed(api: Api) -> None:
    found = {one["type"]: one for one in get(api, "/schedules").json["data"]}
    assert found["jobs/clean-up"]["schedule"] == "17 * * * *"
    assert found["jobs/clean-up"]["nextAt"][14:19] == "17:00"
    assert "chores/note" not in found


def test_every_route_asks_for_its_permission(api: Api, url: str) -> None:
    document = api.send("GET", "/docs/openapi.json", headers=[]).json
    routes = {
        (method.upper(), path.removeprefix("/admin/jobs"))
        for path, methods in document["paths"].items()
        if path.startswith("/admin/jobs")
        for method in methods
    }
    assert len(routes) == 10
    for method, path in routes:
        target = path.replace("{jobId}", str(put(url, "DEAD"))).replace("{queue}", "default")
        needed = Permission.JOBS_READ if method == "GET" else Permission.JOBS_MANAGE
        ask = get if method == "GET" else post
        assert ask(api, target, None).status == 401, path
        for role in Role:
            allowed = needed in PERMISSIONS_OF_ROLES[role]
            assert allowed == (role is Role.COMPANY_ADMIN)
            if not allowed:
                assert ask(api, target, header_of(role)).status == 403, (path, role)
        assert ask(api, target, BOUNDED).status == 403, path
        if path != "/stream":
            assert ask(api, target, ADMIN).status in (200, 409), path
    assert {role for _, role, _ in entries(url)} == {"test:company_admin"}


def test_the_answers_are_described_by_examples(api: Api) -> None:
    document = api.send("GET", "/docs/openapi.json", headers=[]).json
    for path, methods in document["paths"].items():
        if path.startswith("/admin/jobs") and path != "/admin/jobs/stream":
            for operation in methods.values():
                content = operation["responses"]["200"]["content"]["application/json"]
                assert content["example"], path
                assert operation["description"], path
