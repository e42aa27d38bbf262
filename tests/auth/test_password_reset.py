"""A forgotten password is replaced by who reads the mail, and nobody learns who has an account."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from muster.plugin_api import Role, Scope
from muster_postgres.connection import PostgresConnection
from tests.auth.mailbox import Mailbox
from tests.auth.stage import (
    PASSWORD,
    Client,
    create,
    logged_in,
    refused,
    run,
)
from tests.http.api import Answer, Api

MEERA = "meera@example.in"
NEW = "seven blue herons wade"


@pytest.fixture
def meera(api: Api, database_url: str) -> Client:
    create(database_url, MEERA)
    return logged_in(api, MEERA)


def ask(api: Api, identifier: str = MEERA) -> Answer:
    return Client(api).post("password-reset", {"identifier": identifier})


def confirm(api: Api, token: str, password: str = NEW) -> Answer:
    body = {"token": token, "newPassword": password}
    return Client(api).post("password-reset/confirm", body)


def refused_token(answer: Answer) -> bool:
    return answer.status == 400 and answer.faults() == {"token": "TOKEN_REFUSED"}


def test_who_reads_the_mail_sets_a_new_password(
    meera: Client, api: Api, mailbox: Mailbox, database_url: str
) -> None:
    create(database_url, "another")
    stranger = logged_in(api, "another")
    assert meera.me().status == 200
    assert ask(api, " MEERA@example.in ").status == 202
    token = mailbox.token_to(MEERA)
    stored = run(database_url, "SELECT auth_password_resets::text AS row FROM auth_password_resets")
    assert not [row for row in stored if token in row["row"] or MEERA in row["row"]]
    assert confirm(api, token, "too short").faults() == {"newPassword": "PASSWORD_TOO_SHORT"}
    about = confirm(api, token, "meera@example.in 12")
    assert about.faults() == {"newPassword": "PASSWORD_ABOUT_OWNER"}
    assert meera.me().status == 200
    done = confirm(api, token)
    assert (done.status, done.body) == (204, b"")
    assert refused(meera.me())
    assert refused(meera.refresh())
    assert stranger.me().status == 200
    assert refused(Client(api).log_in(MEERA))
    assert Client(api).log_in(MEERA, NEW).status == 200
    assert refused_token(confirm(api, token, PASSWORD))


def test_nobody_learns_who_has_an_account(
    meera: Client,
    api: Api,
    mailbox: Mailbox,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answers are alike, and so are the statements, and all rows that they write.

    Of what is no address nothing is kept, whoever is called so.
    """
    create(database_url, "gone@example.in")
    create(database_url, "no-address", Role.CLIENT, Scope(client_id=uuid4()))
    run(database_url, "UPDATE auth_accounts SET disabled = true WHERE identifier LIKE 'gone%'")
    statements: list[str] = []
    for method in ("execute", "fetchrow", "fetch"):
        original = getattr(PostgresConnection, method)

        async def noted(
            self: PostgresConnection, query: str, *args: Any, original: Any = original
        ) -> Any:
            task = asyncio.current_task()
            if ("auth_" in query or "jobs" in query) and not (task and "job" in task.get_name()):
                statements.append(query)
            return await original(self, query, *args)

        monkeypatch.setattr(PostgresConnection, method, noted)

    def asked(identifier: str) -> tuple[Any, ...]:
        statements.clear()
        answer = ask(api, identifier)
        left_out = {"date", "x-correlation-id"}
        headers = [
            (name, value) for name, value in answer.headers.items() if name.lower() not in left_out
        ]
        return answer.status, answer.body, headers, list(statements)

    known = asked(MEERA)
    assert known[:2] == (202, b"{}")
    for unknown in ("nobody@example.in", "gone@example.in"):
        assert asked(unknown) == known
    assert "INSERT INTO jobs" in known[-1][-1]
    nothing = asked("nobody")
    assert nothing[:-1] == known[:-1]
    for other in ("no-address", "nul\0@b", "a b@c"):
        assert asked(other) == nothing
    mailbox.token_to(MEERA)
    assert mailbox.count() == 0
    asked_for = run(
        database_url,
        "SELECT payload->>'address' AS address FROM jobs"
        " WHERE type = 'auth/mail-password-reset' ORDER BY 1",
    )
    assert [row["address"] for row in asked_for] == [
        "gone@example.in",
        MEERA,
        "nobody@example.in",
    ]
    tokens = run(database_url, "SELECT FROM auth_password_resets WHERE token_hash IS NOT NULL")
    assert len(tokens) == 1


def test_so_often_in_an_hour_and_no_more(
    meera: Client, api: Api, mailbox: Mailbox, database_url: str
) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: ask(api), range(30)))
    assert {(answer.status, answer.body) for answer in answers} == {(202, b"{}")}
    (row,) = run(database_url, "SELECT asked FROM auth_password_resets")
    assert row["asked"] == 3
    assert 1 <= mailbox.count() <= 3
    run(database_url, "UPDATE auth_password_resets SET since = since - interval '1 hour'")
    mailbox = Mailbox(mailbox.directory, database_url)
    assert ask(api).status == 202
    assert confirm(api, mailbox.token_to(MEERA)).status == 204


def test_of_many_at_once_one_succeeds(meera: Client, api: Api, mailbox: Mailbox) -> None:
    ask(api)
    token = mailbox.token_to(MEERA)
    passwords = [f"{NEW} {number}" for number in range(50)]
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda password: confirm(api, token, password), passwords))
    assert sorted(answer.status for answer in answers) == [204] + [400] * 49
    (right,) = (one for one, answer in zip(passwords, answers, strict=True) if answer.status == 204)
    assert Client(api).log_in(MEERA, right).status == 200


def test_a_newer_token_takes_the_place_of_an_older(
    meera: Client, api: Api, mailbox: Mailbox
) -> None:
    ask(api)
    old = mailbox.token_to(MEERA)
    ask(api)
    new = mailbox.token_to(MEERA)
    assert refused_token(confirm(api, old))
    assert confirm(api, new).status == 204


def test_a_token_has_its_time(meera: Client, api: Api, mailbox: Mailbox, database_url: str) -> None:
    ask(api)
    token = mailbox.token_to(MEERA)
    run(database_url, "UPDATE auth_password_resets SET expires_at = now()")
    assert refused_token(confirm(api, token))
    assert Client(api).log_in(MEERA).status == 200


def test_a_change_of_the_account_voids_it(
    meera: Client, api: Api, mailbox: Mailbox, database_url: str
) -> None:
    """Who read the mail before the owner changed the password gets nothing for it."""
    ask(api)
    token = mailbox.token_to(MEERA)
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    assert meera.post("password", change).status == 204
    assert refused_token(confirm(api, token, "nine red foxes trot by"))
    ask(api)
    token = mailbox.token_to(MEERA)
    run(database_url, "UPDATE auth_accounts SET disabled = true")
    assert refused_token(confirm(api, token, "nine red foxes trot by"))


def test_who_is_locked_out_comes_in_by_it(meera: Client, api: Api, mailbox: Mailbox) -> None:
    for _ in range(10):
        Client(api).log_in(MEERA, "a wrong password is long")
    assert refused(Client(api).log_in(MEERA))
    ask(api)
    assert confirm(api, mailbox.token_to(MEERA)).status == 204
    assert Client(api).log_in(MEERA, NEW).status == 200


def test_an_invitation_resets_no_password(meera: Client, api: Api, mailbox: Mailbox) -> None:
    invited = {"identifier": "ravi@example.in", "displayName": "R", "role": "company_admin"}
    assert meera.send("POST", "/plugins/auth/accounts/invite", invited).status == 201
    token = mailbox.token_to("ravi@example.in")
    assert refused_token(confirm(api, token))
    assert ask(api, "ravi@example.in").status == 202
    assert ask(api).status == 202
    assert refused_token(
        Client(api).post("invitations/accept", {"token": mailbox.token_to(MEERA), "password": NEW})
    )
    assert mailbox.count() == 0, "who was only invited has no password to reset"
