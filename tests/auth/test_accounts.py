"""Accounts are seen and changed by administrators, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from muster.plugin_api import Caller, Forbidden, Permission, Principal, Role, Scope
from muster_auth.administration import Administration
from muster_auth.authentication import Authentication
from muster_auth.errors import AccountRefused
from tests.auth.stage import (
    CHEAP,
    ENABLED,
    Client,
    create,
    eventually_refused,
    in_app,
    logged_in,
    refused,
    run,
)
from tests.http.api import Api
from tests.http.server_under_test import ServerUnderTest, serving

ACCOUNTS = "/plugins/auth/accounts"
TRAINER = str(uuid4())


@pytest.fixture
def admin(api: Api, database_url: str) -> Client:
    create(database_url, "admin@example.in")
    return logged_in(api, "admin@example.in")


def script(api: Api, database_url: str) -> Client:
    """An administrator who has no account."""
    client = Client(api)
    client.access = in_app(
        database_url, lambda auth: auth.script_token(Role.COMPANY_ADMIN, Scope())
    )
    return client


def version_of(client: Client, account_id: UUID) -> int:
    found: int = client.get(f"{ACCOUNTS}/{account_id}").json["version"]
    return found


def test_accounts_are_listed_page_by_page(admin: Client, database_url: str) -> None:
    for name in ("b@example.in", "a@example.in", "abe@example.in", "é@example.in"):
        create(database_url, name, Role.CLIENT, Scope(client_id=uuid4()))

    def walked(query: str) -> list[str]:
        names: list[str] = []
        cursor = ""
        while True:
            answer = admin.get(f"{ACCOUNTS}?limit=2{query}{cursor}")
            assert answer.status == 200, answer
            assert answer.headers["Cache-Control"] == "no-store"
            assert "argon2" not in answer.body.decode()
            names += [one["identifier"] for one in answer.json["data"]]
            following = answer.json["page"]["nextCursor"]
            if following is None:
                return names
            cursor = f"&cursor={following}"

    every = ["a@example.in", "abe@example.in", "admin@example.in", "b@example.in", "é@example.in"]
    assert walked("") == every
    assert walked("&sort=-identifier") == every[::-1]
    assert walked("&identifier=AB") == ["abe@example.in"]
    assert walked("&role=client&identifier=a") == ["a@example.in", "abe@example.in"]
    assert walked("&identifier=%25") == []
    wrong = admin.get(f"{ACCOUNTS}?limit=0&colour=red&role=king&identifier=%00")
    assert set(wrong.faults()) == {"limit", "colour", "role", "identifier"}
    assert admin.get(f"{ACCOUNTS}?cursor=nonsense").error["code"] == "INVALID_CURSOR"


@pytest.mark.parametrize("identifier", ["groß@example.in", "ﬁ@example.in", "ravi@example．in"])
def test_nobody_gets_an_account_at_another_address_than_was_said(
    api: Api, database_url: str, identifier: str
) -> None:
    """A forgotten password would be mailed to somebody else's mailbox."""
    with pytest.raises(AccountRefused, match="another address"):
        create(database_url, identifier)
    assert not run(database_url, "SELECT FROM auth_accounts")


@pytest.mark.parametrize("identifier", ["Groß", " MEERA@Example.in", "RAVI.E\u0301@example.in"])
def test_names_are_no_addresses_and_capitals_are_the_same_one(
    api: Api, database_url: str, identifier: str
) -> None:
    create(database_url, identifier)
    assert Client(api).log_in(identifier).status == 200


def test_an_account_is_shown(admin: Client, database_url: str) -> None:
    trainer = uuid4()
    account_id = create(database_url, "ravi", Role.TRAINER, Scope(trainer_id=trainer))
    shown = admin.get(f"{ACCOUNTS}/{account_id}").json
    assert shown.pop("createdAt") == shown.pop("updatedAt")
    assert shown == {
        "id": str(account_id),
        "identifier": "ravi",
        "displayName": "ravi",
        "role": "trainer",
        "franchiseId": None,
        "trainerId": str(trainer),
        "clientId": None,
        "state": "ACTIVE",
        "version": 1,
    }
    assert admin.get(f"{ACCOUNTS}/{uuid4()}").status == 404
    assert admin.get(f"{ACCOUNTS}/ravi").status == 400


def test_another_role_ends_every_session(admin: Client, api: Api, database_url: str) -> None:
    account_id = create(database_url, "ravi")
    sessions = [logged_in(api, "ravi") for _ in range(2)]
    assert all(one.me().status == 200 for one in sessions)
    path = f"{ACCOUNTS}/{account_id}"
    change = {"version": 1, "role": "trainer", "trainerId": TRAINER}
    for wrong in ({"role": "trainer"}, {**change, "clientId": TRAINER}):
        assert admin.send("PATCH", path, {"version": 1, **wrong}).status == 400
    assert all(one.me().status == 200 for one in sessions)
    changed = admin.send("PATCH", path, change)
    assert changed.status == 200
    assert (changed.json["role"], changed.json["trainerId"]) == ("trainer", TRAINER)
    assert changed.json["version"] == 2
    assert all(refused(one.me()) and refused(one.refresh()) for one in sessions)
    assert admin.send("PATCH", path, change).error["code"] == "VERSION_CONFLICT"
    again = logged_in(api, "ravi")
    assert again.me().json["role"] == "trainer"
    same = admin.send("PATCH", path, {**change, "version": 2})
    assert (same.status, same.json["version"]) == (200, 2)
    assert again.me().status == 200


def test_a_disabled_account_is_out_until_it_is_enabled(
    admin: Client, api: Api, database_url: str
) -> None:
    account_id = create(database_url, "ravi", Role.TRAINER, Scope(trainer_id=uuid4()))
    inside = logged_in(api, "ravi")
    assert inside.me().status == 200
    for _ in range(2):
        disabled = admin.send("POST", f"{ACCOUNTS}/{account_id}/disable")
        assert (disabled.status, disabled.json["state"]) == (200, "DISABLED")
        assert disabled.json["version"] == 2
    assert refused(inside.me())
    assert refused(Client(api).log_in("ravi"))
    enabled = admin.send("POST", f"{ACCOUNTS}/{account_id}/enable", {})
    assert (enabled.status, enabled.json["state"]) == (200, "ACTIVE")
    assert refused(inside.me())
    assert refused(inside.refresh())
    assert logged_in(api, "ravi").me().status == 200
    assert admin.send("POST", f"{ACCOUNTS}/{uuid4()}/disable").status == 404


def test_sessions_are_ended(admin: Client, api: Api, database_url: str) -> None:
    account_id = create(database_url, "ravi")
    inside, other = logged_in(api, "ravi"), logged_in(api, "ravi")
    assert inside.me().status == 200
    assert admin.send("POST", f"{ACCOUNTS}/{account_id}/end-sessions").status == 204
    assert refused(inside.me())
    assert refused(other.refresh())
    assert logged_in(api, "ravi").me().status == 200


CHANGES: dict[str, Callable[[Client, UUID], Any]] = {
    "role": lambda admin, ravi: admin.send(
        "PATCH", f"{ACCOUNTS}/{ravi}", {"version": 1, "role": "client", "clientId": TRAINER}
    ),
    "disabled": lambda admin, ravi: admin.send("POST", f"{ACCOUNTS}/{ravi}/disable"),
    "sessions": lambda admin, ravi: admin.send("POST", f"{ACCOUNTS}/{ravi}/end-sessions"),
}


def test_dead_on_another_server_within_a_second(
    admin: Client, module_server: ServerUnderTest, database_url: str
) -> None:
    with serving(database_url, None, **ENABLED, **CHEAP) as other:
        for name, change in CHANGES.items():
            ravi = create(database_url, name)
            there = logged_in(other.api, name)
            assert there.me().status == 200
            assert change(admin, ravi).status < 300
            assert eventually_refused(there), name


def test_of_many_administrators_at_once_one_stays(api: Api, database_url: str) -> None:
    names = [f"admin-{number}" for number in range(12)]
    ids = [create(database_url, name) for name in names]
    outside = script(api, database_url)
    demotion = {"version": 1, "role": "client", "clientId": str(uuid4())}

    def lost(number: int) -> int:
        path = f"{ACCOUNTS}/{ids[number]}"
        if number % 2:
            return outside.send("PATCH", path, demotion).status
        return outside.send("POST", f"{path}/disable").status

    with ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(lost, range(12)))
    assert sorted(statuses) == [200] * 11 + [409]
    (left,) = run(
        database_url,
        "SELECT identifier FROM auth_accounts WHERE role = 'company_admin' AND NOT disabled",
    )
    assert left["identifier"] == names[statuses.index(409)]


def test_who_was_only_invited_is_no_administrator_yet(admin: Client, database_url: str) -> None:
    invited = {"identifier": "new@example.in", "displayName": "New", "role": "company_admin"}
    assert admin.send("POST", f"{ACCOUNTS}/invite", invited).status == 201
    (row,) = run(database_url, "SELECT id FROM auth_accounts WHERE password_hash IS NOT NULL")
    last = admin.send("POST", f"{ACCOUNTS}/{row['id']}/disable")
    assert (last.status, last.error["code"]) == (409, "ILLEGAL_STATE")
    assert admin.me().status == 200


ROUTES: dict[str, Callable[[str], tuple[str, str, Any]]] = {
    "listAccounts": lambda id_: ("GET", ACCOUNTS, None),
    "getAccount": lambda id_: ("GET", f"{ACCOUNTS}/{id_}", None),
    "inviteAccount": lambda id_: (
        "POST",
        f"{ACCOUNTS}/invite",
        {"identifier": f"{id_}@example.in", "displayName": "New", "role": "company_admin"},
    ),
    "changeAccountRole": lambda id_: (
        "PATCH",
        f"{ACCOUNTS}/{id_}",
        {"version": 1, "role": "company_admin"},
    ),
    "endAccountSessions": lambda id_: ("POST", f"{ACCOUNTS}/{id_}/end-sessions", None),
    "disableAccount": lambda id_: ("POST", f"{ACCOUNTS}/{id_}/disable", None),
    "enableAccount": lambda id_: ("POST", f"{ACCOUNTS}/{id_}/enable", None),
}
PUBLIC = {"acceptInvitation", "askForPasswordReset", "confirmPasswordReset"}


def test_administrators_alone_reach_them(admin: Client, api: Api, database_url: str) -> None:
    document = api.get("/docs/openapi.json").json["paths"]
    operations = [one for path in document.values() for one in path.values()]
    tagged = {
        one["operationId"]
        for one in operations
        if one.get("tags") == ["Administration of accounts"]
    }
    assert tagged == ROUTES.keys() | PUBLIC
    target = str(create(database_url, "target"))
    others = []
    for role, scope in (
        (Role.FRANCHISE_MANAGER, Scope(franchise_id=uuid4())),
        (Role.TRAINER, Scope(trainer_id=uuid4())),
        (Role.CLIENT, Scope(client_id=uuid4())),
    ):
        create(database_url, role.value, role, scope)
        others.append(logged_in(api, role.value))
    before = run(database_url, "SELECT * FROM auth_accounts ORDER BY id")
    for asked in ROUTES.values():
        assert refused(Client(api).send(*asked(target)))
        assert [other.send(*asked(target)).status for other in others] == [403] * 3
    assert run(database_url, "SELECT * FROM auth_accounts ORDER BY id") == before
    for name, asked in ROUTES.items():
        assert admin.send(*asked(target)).status in (200, 201, 204), name


def test_who_is_bound_administers_nothing(database_url: str, api: Api) -> None:
    """Not even with the permission: they could make an account that is bound to nothing."""
    account_id = create(database_url, "meera")
    bound = Principal("service:one", frozenset(Permission), Scope(franchise_id=uuid4()))

    async def tried(auth: Authentication) -> None:
        with pytest.raises(Forbidden):
            await Administration(auth.workings).disable(account_id, Caller(bound, "some-id"))

    in_app(database_url, tried)
    assert not run(database_url, "SELECT FROM auth_accounts WHERE disabled")
