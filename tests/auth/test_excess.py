"""More logins than can be hashed: refused at once, and nobody else waits for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.auth.stage import ENABLED, Client, create, run
from tests.http.server_under_test import serving


def test_who_would_wait_too_long_is_told_to_come_again(database_url: str) -> None:
    create(database_url, "meera")
    bounds = {"MUSTER_AUTH__HASH_THREADS": "1", "MUSTER_AUTH__HASH_QUEUE": "1"}
    with serving(database_url, None, **ENABLED, **bounds) as server:
        with ThreadPoolExecutor(41) as threads:
            logins = [threads.submit(Client(server.api).log_in, "meera") for _ in range(40)]
            health = threads.submit(server.api.get, "/health")
            answers = [login.result() for login in logins]
        refusals = [answer for answer in answers if answer.status == 429]
        assert {answer.status for answer in answers} == {200, 429}
        assert {answer.error["code"] for answer in refusals} == {"RATE_LIMITED"}
        assert all(answer.error["retryable"] for answer in refusals)
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refusals)
        assert health.result().status == 200
        assert Client(server.api).log_in("meera").status == 200
    assert not run(database_url, "SELECT FROM auth_failures"), "nothing of it was a failure"
