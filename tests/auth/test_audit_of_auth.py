"""What authentication does is in the audit trail: by account ids, and without secrets."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from muster.plugin_api import Role, Scope, command_line
from muster.runtime.cli import muster
from tests.auth.mailbox import Mailbox
from tests.auth.stage import (
    PASSWORD,
    Client,
    create,
    in_app,
    logged_in,
    refused,
    run,
    settings,
)
from tests.http.api import Api

WRONG = "a wrong password is long"
NEW = "seven blue herons wade"
RAVI = "ravi@example.in"
ACCOUNTS = "/plugins/auth/accounts"


@pytest.fixture(autouse=True, scope="module")
def whole(database_url: str) -> Any:
    """After all of them the trail is sound, and nobody is named in it who should not be."""
    yield
    environ = settings(database_url)
    said = CliRunner().invoke(muster, ["audit", "verify"], env=environ)
    assert said.exit_code == 0, said.output
    assert "sound: " in said.output
    rows = run(database_url, "SELECT audit_entries::text AS row FROM audit_entries")
    trail = "\n".join(row["row"] for row in rows)
    assert rows
    for secret in (
        "ravi",
        "meera",
        "@",
        PASSWORD,
        NEW,
        WRONG,
        "argon2",
        "mi_",
        "mp_",
        "mr_",
        "mw_",
    ):
        assert secret not in trail, secret


def entries(database_url: str, subject_id: UUID | str) -> list[dict[str, Any]]:
    """What the trail says of an account, the oldest first."""
    rows = run(
        database_url,
        "SELECT * FROM audit_entries WHERE subject_id = $1 ORDER BY position",
        UUID(str(subject_id)),
    )
    return [{**row, "change": json.loads(row["change"])} for row in rows]


def told(database_url: str, subject_id: UUID | str) -> list[tuple[str, str]]:
    return [(one["action"], one["actor"]) for one in entries(database_url, subject_id)]


def test_the_life_of_an_account(api: Api, database_url: str, mailbox: Mailbox) -> None:
    admin_id = create(database_url, "admin")
    admin = logged_in(api, "admin")
    by_admin = f"account:{admin_id}"
    assert told(database_url, admin_id) == [
        ("CreateAccount", "command_line"),
        ("LogIn", by_admin),
    ]
    body = {"identifier": RAVI, "displayName": "Ravi", "role": "company_admin"}
    invited = admin.send("POST", f"{ACCOUNTS}/invite", body)
    ravi = invited.json["id"]
    mailbox.token_to(RAVI)
    client = str(uuid4())
    assert (
        admin.send(
            "POST", f"{ACCOUNTS}/invite", {**body, "role": "client", "clientId": client}
        ).status
        == 200
    )
    accepted = Client(api).post(
        "invitations/accept", {"token": mailbox.token_to(RAVI), "password": PASSWORD}
    )
    assert accepted.status == 204
    path = f"{ACCOUNTS}/{ravi}"
    role = {"version": 3, "role": "company_admin"}
    assert admin.send("PATCH", path, role).status == 200
    assert admin.send("PATCH", path, {**role, "version": 4}).status == 200, "this changes nothing"
    for action in ("disable", "disable", "enable", "end-sessions"):
        assert admin.send("POST", f"{path}/{action}").status < 300
    inside = logged_in(api, RAVI)
    assert inside.post("password", {"currentPassword": PASSWORD, "newPassword": NEW}).status == 204
    Client(api).post("password-reset", {"identifier": RAVI})
    body = {"token": mailbox.token_to(RAVI), "newPassword": PASSWORD}
    assert Client(api).post("password-reset/confirm", body).status == 204

    by_ravi = f"account:{ravi}"
    assert told(database_url, ravi) == [
        ("InviteAccount", by_admin),
        ("InviteAccount", by_admin),
        ("AcceptInvitation", by_ravi),
        ("ChangeRole", by_admin),
        ("DisableAccount", by_admin),
        ("EnableAccount", by_admin),
        ("EndSessions", by_admin),
        ("LogIn", by_ravi),
        ("ChangePassword", by_ravi),
        ("ResetPassword", by_ravi),
    ]
    found = entries(database_url, ravi)
    first, again, _, change, disabled, *_ = found
    assert first["correlation_id"] == invited.correlation_id
    assert {one["address"] for one in found} == {"127.0.0.1"}
    assert {one["subject_kind"] for one in found} == {"account"}
    assert first["change"] == {"before": None, "after": {"role": "company_admin", "version": 1}}
    as_client = {"role": "client", "clientId": client}
    assert again["change"] == {
        "before": {"role": "company_admin", "version": 1},
        "after": {**as_client, "version": 2},
    }
    assert change["change"] == {
        "before": {**as_client, "version": 3},
        "after": {"role": "company_admin", "version": 4},
    }
    assert disabled["change"] == {
        "before": {"disabled": False, "version": 4},
        "after": {"disabled": True, "version": 5},
    }


def test_what_is_refused_leaves_nothing(api: Api, database_url: str) -> None:
    admin_id = create(database_url, "admin")
    admin = logged_in(api, "admin")
    before = told(database_url, admin_id)
    assert admin.send("POST", f"{ACCOUNTS}/{admin_id}/disable").status == 409
    stale = {"version": 9, "role": "company_admin"}
    assert admin.send("PATCH", f"{ACCOUNTS}/{admin_id}", stale).status == 409
    assert refused(Client(api).log_in("admin", WRONG))
    assert told(database_url, admin_id) == before


def test_a_family_that_ends_by_reuse(api: Api, database_url: str) -> None:
    """It is committed, although the answer is a refusal."""
    account_id = create(database_url, "meera")
    client = logged_in(api, "meera")
    session = client.get("/plugins/auth/sessions").json["data"][0]["id"]
    first = client.refresh_token
    for _ in range(2):
        assert client.refresh().status == 200
    answer = Client(api).refresh(first)
    assert refused(answer)
    assert refused(Client(api).refresh(first))
    *_, last = entries(database_url, account_id)
    assert (last["action"], last["actor"]) == ("EndReusedSession", "anybody")
    assert last["change"] == {"after": {"sessionId": session}}
    assert last["correlation_id"] == answer.correlation_id
    assert [action for action, _ in told(database_url, account_id)].count("EndReusedSession") == 1


def test_who_logs_out_is_told(api: Api, database_url: str) -> None:
    account_id = create(database_url, "meera")
    clients = [logged_in(api, "meera") for _ in range(4)]
    shown = clients[0].get("/plugins/auth/sessions").json["data"]
    newest, _, _, oldest = (one["id"] for one in shown)
    ended = clients[0].send("DELETE", f"/plugins/auth/sessions/{newest}")
    assert ended.status == 204
    assert clients[0].send("DELETE", f"/plugins/auth/sessions/{newest}").status == 404
    assert clients[0].post("logout").status == 204
    assert clients[1].post("logout-everywhere").status == 204
    assert refused(clients[2].post("logout"))
    by_meera = f"account:{account_id}"
    assert told(database_url, account_id)[5:] == [
        ("EndSession", by_meera),
        ("LogOut", by_meera),
        ("LogOutEverywhere", by_meera),
    ]
    end, out, everywhere = entries(database_url, account_id)[5:]
    assert end["change"] == {"after": {"sessionId": newest}}
    assert out["change"] == {"after": {"sessionId": oldest}}
    assert everywhere["change"] == {"after": {"sessions": 2}}
    assert end["correlation_id"] == ended.correlation_id
    assert {one["address"] for one in (end, out, everywhere)} == {"127.0.0.1"}


def test_a_logout_that_ends_nothing_is_not_told(api: Api, database_url: str) -> None:
    """Of many at once one ends the session."""
    account_id = create(database_url, "meera")
    client = logged_in(api, "meera")
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: client.post("logout"), range(40)))
        list(threads.map(lambda _: client.post("logout-everywhere"), range(40)))
    assert [action for action, _ in told(database_url, account_id)[2:]] == ["LogOut"]


def test_a_script_that_logs_out_is_told(api: Api, database_url: str) -> None:
    token = in_app(database_url, lambda auth: auth.script_token(Role.COMPANY_ADMIN, Scope()))
    script = Client(api)
    script.access = token
    assert script.post("logout").status == 204
    (row,) = run(database_url, "SELECT * FROM audit_entries ORDER BY position DESC LIMIT 1")
    assert (row["action"], row["subject_kind"]) == ("RevokeScriptToken", "script_token")
    assert row["actor"] == f"script:{row['subject_id']}"


def test_a_lock_is_told_once(api: Api, database_url: str) -> None:
    account_id = create(database_url, "meera")
    inside = logged_in(api, "meera")
    with ThreadPoolExecutor(30) as threads:
        list(threads.map(lambda _: Client(api).log_in("meera", WRONG), range(60)))
    assert refused(inside.post("password", {"currentPassword": WRONG, "newPassword": NEW}))
    assert told(database_url, account_id)[2:] == [("LockAccount", "anybody")]
    assert entries(database_url, account_id)[2]["change"] == {"after": {"failures": 10}}
    run(database_url, "UPDATE auth_failures SET at = at - interval '16 minutes'")
    for _ in range(12):
        inside.post("password", {"currentPassword": WRONG, "newPassword": NEW})
    assert told(database_url, account_id)[3:] == [("LockAccount", f"account:{account_id}")]


def test_a_lock_of_nobody_is_not(api: Api, database_url: str) -> None:
    """Else strangers could fill a trail of which nothing is ever deleted."""
    count = "SELECT count(*) AS entries FROM audit_entries"
    before = run(database_url, count)
    for _ in range(11):
        assert refused(Client(api).log_in("nobody", WRONG))
        Client(api).post("password-reset", {"identifier": "nobody@example.in"})
    assert run(database_url, count) == before


def test_tokens_for_scripts_and_keys(api: Api, database_url: str) -> None:
    trainer = uuid4()
    token = in_app(
        database_url, lambda auth: auth.script_token(Role.TRAINER, Scope(trainer_id=trainer))
    )
    kid = in_app(database_url, lambda auth: auth.keys.rotate(command_line(auth.workings.entropy)))
    rows = run(
        database_url,
        "SELECT * FROM audit_entries WHERE actor = 'command_line' ORDER BY position DESC LIMIT 2",
    )
    rotated, issued = ({**row, "change": json.loads(row["change"])} for row in rows)
    assert (issued["action"], issued["subject_kind"]) == ("IssueScriptToken", "script_token")
    after = issued["change"]["after"]
    assert (after["role"], after["trainerId"]) == ("trainer", str(trainer))
    assert issued["address"] is None
    assert issued["correlation_id"].startswith("cli-")
    assert (rotated["action"], rotated["subject_kind"]) == ("RotateKeys", "signing_key")
    assert rotated["change"] == {"after": {"kid": kid, "atOnce": False}}
    assert rotated["subject_id"] == UUID(int=int(kid, 16))
    # By this id it is known when it does something.
    payload = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert str(issued["subject_id"]) == claims["jti"]
