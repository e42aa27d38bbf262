"""What a role and a scope bound is what the API answers."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import pytest

from muster.plugin_api import PERMISSIONS_OF_ROLES, Role, Scope
from tests.auth.stage import Client, create, logged_in, run
from tests.http.api import Api


@pytest.fixture
def franchises(api: Api, database_url: str) -> tuple[str, str]:
    run(database_url, "TRUNCATE zones, franchises CASCADE")
    create(database_url, "admin")
    admin = logged_in(api, "admin")
    made = [admin.send("POST", "/v1/franchises", {"name": name}) for name in ("North", "South")]
    assert [one.status for one in made] == [201, 201], made
    north, south = (one.json["id"] for one in made)
    return north, south


def manager(api: Api, url: str, franchise: str) -> Client:
    name = f"manager of {franchise}"
    create(url, name, Role.FRANCHISE_MANAGER, Scope(UUID(franchise)))
    return logged_in(api, name)


def test_a_manager_sees_their_own_franchise(
    api: Api, database_url: str, franchises: tuple[str, str]
) -> None:
    north, south = franchises
    client = manager(api, database_url, north)
    shown = client.get("/v1/franchises").json["data"]
    assert [one["id"] for one in shown] == [north]
    assert client.get(f"/v1/franchises/{north}").status == 200
    assert client.get(f"/v1/franchises/{south}").status == 404
    assert client.send("POST", "/v1/franchises", {"name": "West"}).status == 403


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.TRAINER, Scope(trainer_id=uuid4())),
        (Role.CLIENT, Scope(client_id=uuid4())),
    ],
    ids=["trainer", "client"],
)
def test_others_may_do_what_their_role_holds(
    api: Api, database_url: str, franchises: tuple[str, str], role: Role, scope: Scope
) -> None:
    create(database_url, "somebody", role, scope)
    client = logged_in(api, "somebody")
    me = client.me().json
    held = sorted(permission.value for permission in PERMISSIONS_OF_ROLES[role])
    assert me["permissions"] == held
    assert client.get("/v1/franchises").status == 403
    assert client.get("/v1/bookings").json["data"] == []


def test_another_role_counts_within_a_second(
    api: Api, database_url: str, franchises: tuple[str, str]
) -> None:
    north, _ = franchises
    client = manager(api, database_url, north)
    assert client.get("/v1/franchises").status == 200
    run(
        database_url,
        "UPDATE auth_accounts SET role = 'client', franchise_id = NULL, client_id = id"
        " WHERE role = 'franchise_manager'",
    )
    deadline = time.monotonic() + 1
    while client.get("/v1/franchises").status != 403:
        assert time.monotonic() < deadline
        time.sleep(0.02)
