"""Logging in, staying in, and being out: at once here, within a second elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from muster.plugin_api import Role, Scope
from tests.auth.stage import (
    PASSWORD,
    Client,
    create,
    eventually_refused,
    in_app,
    logged_in,
    refused,
    run,
)
from tests.http.api import Api


def test_who_knows_the_password_is_in(api: Api, database_url: str) -> None:
    account_id = create(database_url, " Meera@Example.IN ")
    client = Client(api)
    answer = client.log_in("ＭＥＥＲＡ@example.in")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["tokenType"] == "Bearer"
    assert answer.json["expiresIn"] == 600
    me = client.me()
    assert me.status == 200
    assert me.json["accountId"] == str(account_id)
    assert me.json["identifier"] == "meera@example.in"
    assert me.json["role"] == "company_admin"
    assert client.get("/v1/franchises").status == 200


def test_without_a_token_nothing_but_the_public_is_answered(api: Api) -> None:
    nobody = Client(api)
    for path in ("/v1/franchises", "/plugins/auth/me", "/plugins/auth/sessions"):
        assert refused(nobody.get(path))
    assert refused(nobody.post("logout"))
    assert nobody.get("/health").status == 200


@pytest.mark.parametrize("identifier", ["meera", "nobody", "nul\0", "x" * 320])
def test_wrong_and_unknown_are_answered_alike(api: Api, database_url: str, identifier: str) -> None:
    create(database_url, "meera")
    answer = Client(api).log_in(identifier, "a wrong password is long")
    assert refused(answer)
    assert answer.error["message"] == (
        "The identifier or the password is wrong, or there were too many attempts."
    )


def test_a_body_is_held_to_its_shape(api: Api) -> None:
    answer = Client(api).post("login", {"identifier": 3, "extra": 1})
    assert answer.status == 400
    assert set(answer.faults()) == {"identifier", "password", "extra"}


def test_a_disabled_account_is_out(api: Api, database_url: str) -> None:
    account_id = create(database_url, "meera")
    client = logged_in(api, "meera")
    run(database_url, "UPDATE auth_accounts SET disabled = true WHERE id = $1", account_id)
    assert refused(Client(api).log_in("meera"))
    assert refused(client.refresh())
    assert eventually_refused(client)


def test_logging_out_kills_the_access_token_at_once(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    one, other = logged_in(api, "meera"), logged_in(api, "meera")
    assert one.me().status == other.me().status == 200
    assert one.post("logout").status == 204
    assert refused(one.me())
    assert refused(one.refresh())
    assert other.me().status == 200


def test_logging_out_everywhere(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    create(database_url, "another")
    clients = [logged_in(api, "meera") for _ in range(3)]
    stranger = logged_in(api, "another")
    assert all(client.me().status == 200 for client in clients)
    assert clients[0].post("logout-everywhere").status == 204
    assert all(refused(client.me()) and refused(client.refresh()) for client in clients)
    assert stranger.me().status == 200


def test_one_sees_and_ends_ones_own_sessions(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    create(database_url, "another")
    phone = logged_in(api, "meera", agent="okhttp/5.1", device="phone")
    laptop = logged_in(api, "meera")
    stranger = logged_in(api, "another")
    shown = laptop.get("/plugins/auth/sessions").json["data"]
    assert [(one["userAgent"], one["current"]) for one in shown] == [
        ("Firefox", True),
        ("okhttp", False),
    ]
    path = f"/plugins/auth/sessions/{shown[1]['id']}"
    assert stranger.send("DELETE", path).status == 404
    assert phone.me().status == 200
    assert laptop.send("DELETE", path).status == 204
    assert refused(phone.me())
    for unknown in (path, f"/plugins/auth/sessions/{uuid4()}", "/plugins/auth/sessions/x"):
        assert laptop.send("DELETE", unknown).status == 404


def test_a_new_password_ends_every_session(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    here, there = logged_in(api, "meera"), logged_in(api, "meera")
    new = "seven blue herons wade"
    change = {"currentPassword": PASSWORD, "newPassword": new}
    assert here.post("password", {**change, "currentPassword": "not the password"}).status == 401
    assert here.me().status == 200
    short = here.post("password", {**change, "newPassword": "tooshort"})
    assert short.status == 400
    assert short.faults() == {"newPassword": "PASSWORD_TOO_SHORT"}
    assert here.post("password", change).status == 204
    assert refused(here.me())
    assert refused(there.me())
    assert refused(there.refresh())
    assert refused(Client(api).log_in("meera"))
    assert Client(api).log_in("meera", new).status == 200


def test_a_hash_of_other_parameters_is_made_anew(api: Api, database_url: str) -> None:
    """At a login, and many at once do not hinder each other."""
    in_app(
        database_url,
        lambda auth: auth.create_account("meera", "M", PASSWORD, Role.COMPANY_ADMIN, Scope()),
        MUSTER_AUTH__ARGON2_PASSES="2",
    )
    stored = "SELECT password_hash AS told, version FROM auth_accounts"
    (before,) = run(database_url, stored)
    assert refused(Client(api).log_in("meera", "a wrong password is long"))
    assert run(database_url, stored) == [before]
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: Client(api).log_in("meera"), range(20)))
    assert {answer.status for answer in answers} == {200}
    (after,) = run(database_url, stored)
    assert ",t=2," in before["told"]
    assert ",t=1," in after["told"]
    assert after["version"] == before["version"]
    assert Client(api).log_in("meera").status == 200


def test_a_session_ends_with_its_time(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    client = logged_in(api, "meera")
    run(database_url, "UPDATE auth_sessions SET expires_at = now()")
    assert refused(client.refresh())
    assert eventually_refused(client)
