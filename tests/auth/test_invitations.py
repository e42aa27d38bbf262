"""An account begins with an invitation: mailed, for one use, and void when there is a newer one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from muster_auth.hashing import Turn
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

RAVI = "ravi@example.in"


@pytest.fixture
def admin(api: Api, database_url: str) -> Client:
    create(database_url, "admin")
    return logged_in(api, "admin")


def invite(admin: Client, identifier: str = RAVI, **changed: Any) -> Answer:
    body = {"identifier": identifier, "displayName": "Ravi", "role": "company_admin", **changed}
    return admin.send("POST", "/plugins/auth/accounts/invite", body)


def accept(api: Api, token: str, password: str = PASSWORD) -> Answer:
    return Client(api).post("invitations/accept", {"token": token, "password": password})


def refused_token(answer: Answer) -> bool:
    return answer.status == 400 and answer.faults() == {"token": "TOKEN_REFUSED"}


def test_who_is_invited_chooses_a_password(
    admin: Client, api: Api, mailbox: Mailbox, database_url: str
) -> None:
    trainer = str(uuid4())
    invited = invite(admin, " Ravi@Example.IN ", role="trainer", trainerId=trainer)
    assert invited.status == 201
    assert (invited.json["state"], invited.json["identifier"]) == ("INVITED", RAVI)
    assert refused(Client(api).log_in(RAVI))
    token = mailbox.token_to(RAVI)
    stored = run(database_url, "SELECT auth_invitations::text AS row FROM auth_invitations")
    assert token not in stored[0]["row"]
    short = accept(api, token, "too short")
    assert short.faults() == {"password": "PASSWORD_TOO_SHORT"}
    assert accept(api, token).status == 204
    me = logged_in(api, RAVI).me().json
    assert (me["role"], me["trainerId"]) == ("trainer", trainer)
    shown = admin.get(f"/plugins/auth/accounts/{invited.json['id']}").json
    assert (shown["state"], shown["version"]) == ("ACTIVE", 2)
    assert refused_token(accept(api, token, "seven blue herons wade"))
    assert Client(api).log_in(RAVI).status == 200


def test_the_same_again_replaces_the_invitation_before(
    admin: Client, api: Api, mailbox: Mailbox
) -> None:
    first = invite(admin)
    old = mailbox.token_to(RAVI)
    client_id = str(uuid4())
    again = invite(admin, role="client", clientId=client_id, displayName="Ravi R.")
    assert (again.status, again.json["id"]) == (200, first.json["id"])
    assert (again.json["role"], again.json["displayName"]) == ("client", "Ravi R.")
    new = mailbox.token_to(RAVI)
    assert refused_token(accept(api, old))
    assert accept(api, new).status == 204
    assert logged_in(api, RAVI).me().json["clientId"] == client_id


def test_who_has_an_account_is_not_invited(admin: Client, api: Api, mailbox: Mailbox) -> None:
    assert invite(admin).status == 201
    assert accept(api, mailbox.token_to(RAVI)).status == 204
    taken = invite(admin, "RAVI@example.in")
    assert (taken.status, taken.error["code"]) == (409, "IDENTIFIER_TAKEN")
    assert mailbox.count() == 0
    assert logged_in(api, RAVI).me().json["role"] == "company_admin"


@pytest.mark.parametrize(
    "identifier", ["ravi", "a@b@c", "Ravi <ravi@example.in>", "a@b, c@d", "a@b\r\nBcc: c@d", "\0@b"]
)
def test_only_addresses_are_invited(admin: Client, identifier: str) -> None:
    assert invite(admin, identifier).faults() == {"identifier": "INVALID"}


def test_an_invitation_has_its_time(
    admin: Client, api: Api, mailbox: Mailbox, database_url: str
) -> None:
    invite(admin)
    token = mailbox.token_to(RAVI)
    (row,) = run(database_url, "SELECT expires_at - now() AS left FROM auth_invitations")
    assert row["left"].days == 6
    run(database_url, "UPDATE auth_invitations SET expires_at = now()")
    assert refused_token(accept(api, token))
    invite(admin)
    assert accept(api, mailbox.token_to(RAVI)).status == 204


@pytest.mark.parametrize("identifier", ["groß@example.in", "ﬁ@example.in", "ravi@example．in"])
def test_nobody_is_invited_at_another_address_than_was_said(
    admin: Client, mailbox: Mailbox, identifier: str
) -> None:
    """In its canonical form it would be somebody else's mailbox."""
    assert invite(admin, identifier).faults() == {"identifier": "INVALID"}
    assert mailbox.count() == 0


def test_an_address_may_be_typed_in_capitals_and_accents(admin: Client, mailbox: Mailbox) -> None:
    assert invite(admin, " RAVI.E\u0301@example.in").status == 201
    mailbox.token_to("ravi.é@example.in")


def test_who_was_disabled_comes_in_by_a_new_letter_alone(
    admin: Client, api: Api, mailbox: Mailbox
) -> None:
    path = f"/plugins/auth/accounts/{invite(admin).json['id']}"
    token = mailbox.token_to(RAVI)
    assert admin.send("POST", f"{path}/disable").json["state"] == "DISABLED"
    assert refused_token(accept(api, token))
    assert invite(admin).error["code"] == "IDENTIFIER_TAKEN"
    assert admin.send("POST", f"{path}/enable").json["state"] == "INVITED"
    assert refused_token(accept(api, token))
    assert invite(admin).status == 200
    assert accept(api, mailbox.token_to(RAVI)).status == 204


def test_of_many_at_once_one_is_accepted(admin: Client, api: Api, mailbox: Mailbox) -> None:
    invite(admin)
    token = mailbox.token_to(RAVI)
    passwords = [f"seven blue herons wade {number}" for number in range(20)]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda password: accept(api, token, password), passwords))
    assert sorted(answer.status for answer in answers) == [204] + [400] * 19
    (right,) = (one for one, answer in zip(passwords, answers, strict=True) if answer.status == 204)
    assert Client(api).log_in(RAVI, right).status == 200


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE auth_invitations SET token_hash = 'another'",
        "UPDATE auth_invitations SET expires_at = now()",
        "UPDATE auth_accounts SET disabled = true",
    ],
    ids=["replaced", "too old", "disabled"],
)
def test_what_happens_while_the_password_is_hashed_counts(
    admin: Client,
    api: Api,
    mailbox: Mailbox,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
) -> None:
    invite(admin)
    token = mailbox.token_to(RAVI)
    hash_ = Turn.hash

    async def slow(turn: Turn, password: str) -> str:
        run(database_url, meanwhile)
        return await hash_(turn, password)

    monkeypatch.setattr(Turn, "hash", slow)
    assert refused_token(accept(api, token))
    assert run(database_url, "SELECT FROM auth_accounts WHERE password_hash IS NULL")


@pytest.mark.parametrize("token", ["x", "mi_" + "A" * 43, "mp_" + "A" * 43, "nul\0", "ü"])
def test_what_was_never_a_token_is_refused(admin: Client, api: Api, token: str) -> None:
    invite(admin)
    assert refused_token(accept(api, token))
