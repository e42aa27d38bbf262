"""So many guesses and no more; and who is already in stays in."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from muster.plugin_api import command_line
from muster_auth.authentication import Authentication
from muster_auth.hashing import Turn
from tests.auth.stage import PASSWORD, Client, create, in_app, logged_in, refused, run
from tests.http.api import Api

WRONG = "a wrong password is long"


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A line for each time that a password was held to an account's own."""
    found: list[bool] = []
    verify = Turn.verify

    async def noted(turn: Turn, stored: str | None, password: str) -> bool:
        right = await verify(turn, stored, password)
        if stored is not None:
            found.append(right)
        return right

    monkeypatch.setattr(Turn, "verify", noted)
    return found


def test_ten_failures_lock(api: Api, database_url: str, evaluated: list[bool]) -> None:
    create(database_url, "meera")
    inside = logged_in(api, "meera")
    answers = [Client(api).log_in("meera", WRONG) for _ in range(10)]
    locked = Client(api).log_in("Meera ")
    assert {refused(answer) for answer in [*answers, locked]} == {True}
    assert {answer.error["message"] for answer in [*answers, locked]} == {
        answers[0].error["message"]
    }
    assert evaluated == [True] + [False] * 10
    assert inside.me().status == 200
    assert inside.refresh().status == 200
    run(database_url, "UPDATE auth_failures SET at = at - interval '15 minutes'")
    assert Client(api).log_in("meera").status == 200


def test_nine_failures_do_not_lock(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    for _ in range(9):
        Client(api).log_in("meera", WRONG)
    assert all(Client(api).log_in("meera").status == 200 for _ in range(3))


def test_every_path_counts(api: Api, database_url: str, evaluated: list[bool]) -> None:
    create(database_url, "meera")
    inside = logged_in(api, "meera")
    change = {"currentPassword": WRONG, "newPassword": "seven blue herons wade"}
    for _ in range(5):
        assert refused(inside.post("password", change))
        assert refused(Client(api).log_in("ＭＥＥＲＡ", WRONG))
    assert len(evaluated) == 11
    assert refused(inside.post("password", {**change, "currentPassword": PASSWORD}))
    assert refused(Client(api).log_in("meera"))
    assert len(evaluated) == 11


def test_of_many_at_once_ten_are_evaluated(
    api: Api, database_url: str, evaluated: list[bool]
) -> None:
    create(database_url, "meera")
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: Client(api).log_in("meera", WRONG), range(200)))
    assert all(refused(answer) for answer in answers)
    assert evaluated == [False] * 10


def test_no_two_attempts_are_the_tenth(api: Api, database_url: str) -> None:
    """However many are evaluated at the same time: here, all that may be."""

    async def guess(auth: Authentication) -> bool:
        attempt = await auth.workings.lockout.attempt("meera", command_line(auth.workings.entropy))
        if attempt is not None:
            await auth.workings.lockout.failed(attempt)
        return attempt is not None

    async def guesses(auth: Authentication) -> list[bool]:
        return await asyncio.gather(*(guess(auth) for _ in range(200)))

    found = in_app(database_url, guesses, MUSTER_POSTGRES__POOL_MAX_SIZE="50")
    assert sum(found) == 10


def test_a_right_password_is_not_refused_for_others_beside_it(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda _: Client(api).log_in("meera"), range(60)))
    assert {answer.status for answer in answers} == {200}
    assert not run(database_url, "SELECT FROM auth_failures")


def test_nobody_is_locked_like_somebody(api: Api, database_url: str) -> None:
    for _ in range(11):
        assert refused(Client(api).log_in("nobody", WRONG))
    assert len(run(database_url, "SELECT FROM auth_failures")) == 10
    create(database_url, "nobody")
    assert refused(Client(api).log_in("nobody"))


def test_an_attempt_whose_server_died_has_failed(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    Client(api).log_in("meera", WRONG)
    (row,) = run(database_url, "SELECT identifier_hash FROM auth_failures")
    run(
        database_url,
        "INSERT INTO auth_failures SELECT gen_random_uuid(), $1, now() - interval '1 minute',"
        " false FROM generate_series(1, 9)",
        row["identifier_hash"],
    )
    assert refused(Client(api).log_in("meera"))


@pytest.fixture
def changed_meanwhile(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """While a password is evaluated, every account becomes another."""
    verify = Turn.verify

    async def verified(turn: Turn, stored: str | None, password: str) -> bool:
        right = await verify(turn, stored, password)
        run(database_url, "UPDATE auth_accounts SET version = version + 1")
        return right

    monkeypatch.setattr(Turn, "verify", verified)


def test_a_right_password_is_no_failure_although_the_account_changed(
    api: Api, database_url: str, request: pytest.FixtureRequest
) -> None:
    create(database_url, "meera")
    inside = logged_in(api, "meera")
    request.getfixturevalue("changed_meanwhile")
    assert refused(Client(api).log_in("meera"))
    change = {"currentPassword": PASSWORD, "newPassword": "seven blue herons wade"}
    assert refused(inside.post("password", change))
    assert not run(database_url, "SELECT FROM auth_failures")
    assert refused(Client(api).log_in("meera", WRONG))
    assert len(run(database_url, "SELECT FROM auth_failures WHERE settled")) == 1


LOCKS = """
    SELECT actor, address, correlation_id FROM audit_entries
    WHERE action = 'LockAccount' AND subject_id = $1
"""


def die_evaluating(database_url: str) -> None:
    """Be a server that enters an attempt, and from which nobody hears any more."""

    async def script(auth: Authentication) -> None:
        assert (
            await auth.workings.lockout.attempt("meera", command_line(auth.workings.entropy))
            is not None
        )

    in_app(database_url, script)
    run(database_url, "UPDATE auth_failures SET at = at - interval '31 s' WHERE NOT settled")


@pytest.mark.parametrize("dead_at", [1, 5, 10])
def test_a_lock_is_told_once_although_a_server_died(
    api: Api, database_url: str, dead_at: int
) -> None:
    """Whether it was the first of the ten failures, one among them, or the last.

    Who comes after the last one died did not lock the account, and is not named.
    """
    account_id = create(database_url, "meera")
    for number in range(1, 11):
        if number == dead_at:
            die_evaluating(database_url)
        else:
            assert refused(Client(api).log_in("meera", WRONG))
    later = [Client(api).log_in("meera") for _ in range(3)]
    assert all(refused(answer) for answer in later)
    (lock,) = run(database_url, LOCKS, account_id)
    assert lock["actor"] == "anybody"
    assert (lock["address"] is None) == (dead_at == 10)
    assert lock["correlation_id"] not in {one.headers["X-Correlation-Id"] for one in later}


def test_who_was_given_up_locks_nobody_again(api: Api, database_url: str) -> None:
    account_id = create(database_url, "meera")

    async def script(auth: Authentication) -> None:
        slow = await auth.workings.lockout.attempt("meera", command_line(auth.workings.entropy))
        assert slow is not None
        run(database_url, "UPDATE auth_failures SET at = at - interval '31 s'")
        for _ in range(9):
            assert refused(Client(api).log_in("meera", WRONG))
        assert len(run(database_url, LOCKS, account_id)) == 1
        await auth.workings.lockout.failed(slow)

    in_app(database_url, script)
    assert len(run(database_url, LOCKS, account_id)) == 1
