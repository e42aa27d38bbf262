"""API keys: what they open, to whom they are given, and when they are dead."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from muster.plugin_api import Role, Scope
from tests.auth.service_stage import (
    KEYS,
    Company,
    Service,
    eventually_dead,
    public_pem,
)
from tests.auth.stage import create, logged_in, run

ROTATION = {"expiresAt": "2027-06-01T00:00:00Z"}


def rotated(company: Company, service: Service, **said: Any) -> Service:
    answer = company.admin.send("POST", f"{KEYS}/{service.id}/rotate", ROTATION | said)
    assert answer.status == 201, answer
    return Service(company.api, company.clock, answer.json, service.private_key)


def test_a_key_is_shown_once_and_stored_as_a_hash(company: Company, database_url: str) -> None:
    answer = company.admin.send("POST", KEYS, company.order())
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    service = Service(company.api, company.clock, answer.json)
    assert service.key.startswith(f"{service.described['prefix']}_")
    assert service.get().status == 200
    secret = service.key.removeprefix(service.described["prefix"] + "_")
    tables = ("auth_api_keys", "auth_nonces", "audit_entries")
    stored = [row for table in tables for row in run(database_url, f"SELECT * FROM {table}")]
    listed = company.admin.get(KEYS)
    assert secret not in listed.body.decode()
    assert not [row for row in stored if secret in str(dict(row))]
    (row,) = run(database_url, "SELECT hash FROM auth_api_keys WHERE id = $1", UUID(service.id))
    assert len(row["hash"]) == 32


def test_a_service_does_what_its_key_names_and_under_its_own_name(company: Company) -> None:
    reads = company.service("franchises:read")
    writes = company.service("franchises:write", "franchises:read")
    assert reads.send("POST", "/v1/franchises", {"name": "Reads"}).status == 403
    made = writes.send("POST", "/v1/franchises", {"name": "Writes"})
    assert made.status == 201
    trail = company.admin.get(f"/admin/audit?subjectId={made.json['id']}").json["data"]
    assert [one["actor"] for one in trail] == [f"service:{writes.id}"]


def test_a_key_of_a_franchise_sees_its_ground(company: Company) -> None:
    north, south = company.franchise("North"), company.franchise("South")
    service = company.service(franchiseId=north)
    assert [one["id"] for one in service.get().json["data"]] == [north]
    assert service.get(f"/v1/franchises/{south}").status == 404


ALTERATIONS: dict[str, Callable[[str], str]] = {
    "checksum": lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
    "secret": lambda key: key[:30] + ("A" if key[30] != "A" else "B") + key[31:],
    "cut off": lambda key: key[:-1],
    "prefix alone": lambda key: key[:19],
    "the mark alone": lambda key: "muster_",
    "longer": lambda key: key + "A",
    "twice": lambda key: f"{key} {key}",
    "upper case": str.upper,
    "not ASCII": lambda key: key[:-1] + "é",
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_another_text_opens_nothing(company: Company, alteration: str) -> None:
    service = company.service()
    service.key = ALTERATIONS[alteration](service.key)
    answer = service.get()
    assert (answer.status, answer.error["code"]) == (401, "UNAUTHENTICATED")


def test_a_key_that_nobody_made_opens_nothing(company: Company, database_url: str) -> None:
    service = company.service()
    run(database_url, "DELETE FROM auth_api_keys WHERE id = $1", UUID(service.id))
    assert service.get().status == 401


def test_a_key_expires(company: Company) -> None:
    service = company.service(days=2)
    company.clock.advance(timedelta(days=2, microseconds=-1))
    assert service.get().status == 200
    company.clock.advance(timedelta(microseconds=1))
    assert service.get().status == 401


def test_a_revoked_key_is_dead_at_once(company: Company) -> None:
    service, other = company.service(), company.service()
    assert service.get().status == other.get().status == 200
    assert company.admin.send("DELETE", f"{KEYS}/{service.id}").status == 204
    assert service.get().status == 401
    assert other.get().status == 200
    for gone in (service.id, str(uuid4()), "nonsense"):
        assert company.admin.send("DELETE", f"{KEYS}/{gone}").status == 404


def test_what_another_server_revoked_is_dead_within_a_second(
    company: Company, database_url: str
) -> None:
    service = company.service()
    assert service.get().status == 200
    run(
        database_url,
        "UPDATE auth_api_keys SET revoked_at = created_at WHERE id = $1",
        UUID(service.id),
    )
    assert eventually_dead(service.get)


@pytest.mark.parametrize(("said", "seconds"), [({}, 86_400), ({"overlapSeconds": 60}, 60)])
def test_a_rotated_key_lives_beside_its_successor_for_a_while(
    company: Company, said: dict[str, int], seconds: int
) -> None:
    old = company.service("franchises:read", "zones:read")
    new = rotated(company, old, **said)
    assert new.described["predecessorId"] == old.id
    for same in ("name", "permissions", "franchiseId", "publicKey"):
        assert new.described[same] == old.described[same]
    company.clock.advance(timedelta(seconds=seconds, microseconds=-1))
    assert old.get().status == new.get().status == 200
    company.clock.advance(timedelta(microseconds=1))
    assert (old.get().status, new.get().status) == (401, 200)


def test_a_rotation_can_be_at_once_and_lengthens_no_life(company: Company) -> None:
    old = company.service()
    assert old.get().status == 200
    new = rotated(company, old, overlapSeconds=0)
    assert (old.get().status, new.get().status) == (401, 200)
    short = company.service(days=0.5)
    rotated(company, short)
    company.clock.advance(timedelta(days=0.5))
    assert short.get().status == 401


def test_of_many_rotations_at_once_one_makes_the_successor(company: Company) -> None:
    service = company.service()
    path = f"{KEYS}/{service.id}/rotate"
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: company.admin.send("POST", path, ROTATION), range(10)))
    assert sorted(one.status for one in answers) == [201] + [409] * 9


def test_dead_keys_have_no_successor(company: Company) -> None:
    expired, revoked = company.service(days=0.001), company.service()
    company.admin.send("DELETE", f"{KEYS}/{revoked.id}")
    company.clock.advance(timedelta(days=0.001))
    for service, status in ((expired, 409), (revoked, 404)):
        answer = company.admin.send("POST", f"{KEYS}/{service.id}/rotate", ROTATION)
        assert answer.status == status


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"expiresAt": "2027-03-01T12:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2028-03-02T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2027-04-01T12:00:00"}, "expiresAt"),
        ({"name": " "}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["zones:paint"]}, "permissions[0]"),
        ({"publicKey": "nonsense"}, "publicKey"),
        ({"owner": "me"}, "owner"),
    ],
)
def test_a_key_that_cannot_be(company: Company, said: dict[str, Any], field: str) -> None:
    answer = company.admin.send("POST", KEYS, company.order() | said)
    assert (answer.status, list(answer.faults())) == (400, [field])


@pytest.mark.parametrize(
    "private_key", [generate_private_key(65537, 2048), X25519PrivateKey.generate()]
)
def test_only_ed25519_signs(company: Company, private_key: Any) -> None:
    pem = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    answer = company.admin.send("POST", KEYS, company.order(publicKey=pem.decode()))
    assert list(answer.faults()) == ["publicKey"]


def test_nobody_gives_what_they_lack(company: Company) -> None:
    maker = company.signing_service("keys:manage", "zones:read")
    stronger = company.service("zones:write")

    def status(method: str, path: str, body: Any) -> int:
        return maker.send_signed(method, path, body).status

    assert status("POST", KEYS, company.order("zones:read")) == 201
    assert status("POST", KEYS, company.order("zones:read", "zones:write")) == 403
    assert status("POST", f"{KEYS}/{stronger.id}/rotate", ROTATION) == 403
    assert stronger.get("/v1/zones").status == 403, "it can write alone, and lives"


def test_a_service_of_a_franchise_manages_keys_of_its_own(company: Company) -> None:
    own, other = company.franchise("Own"), company.franchise("Other")
    maker = company.signing_service("keys:manage", "zones:read", franchiseId=own)
    theirs = company.service("zones:read", franchiseId=other)
    everywhere = company.service("zones:read")
    for wanted, expected in ((own, 201), (other, 403), (None, 403)):
        order = company.order("zones:read", franchiseId=wanted)
        assert maker.send_signed("POST", KEYS, order).status == expected
    for service in (theirs, everywhere):
        assert maker.send_signed("DELETE", f"{KEYS}/{service.id}").status == 404
        assert maker.send_signed("POST", f"{KEYS}/{service.id}/rotate", ROTATION).status == 404
    listed = maker.send_signed("GET", KEYS).json["data"]
    assert {one["franchiseId"] for one in listed} == {own}


def test_who_may_not_manage_keys_learns_nothing(company: Company, database_url: str) -> None:
    service = company.service("franchises:write")
    create(database_url, "manager", Role.FRANCHISE_MANAGER, Scope(uuid4()))
    manager = logged_in(company.api, "manager")
    for method, path in (
        ("GET", KEYS),
        ("POST", KEYS),
        ("DELETE", f"{KEYS}/{service.id}"),
        ("POST", f"{KEYS}/{service.id}/rotate"),
    ):
        body = {"nonsense": 1} if method == "POST" else None
        for somebody in (manager, service):
            answer = somebody.send(method, path, body)
            assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")
        assert company.api.send(method, path).status == 401


def test_the_living_are_listed_first(company: Company) -> None:
    first, dead, last = company.service(), company.service(), company.service()
    company.admin.send("DELETE", f"{KEYS}/{dead.id}")
    rows = company.admin.get(KEYS).json["data"]
    ids = [one["id"] for one in rows]
    assert ids.index(first.id) < ids.index(dead.id) > ids.index(last.id)
    assert rows[ids.index(dead.id)]["revokedAt"] is not None


def test_what_is_done_to_keys_is_in_the_audit_trail(company: Company) -> None:
    old = company.service()
    company.clock.advance(timedelta(seconds=1))
    new = rotated(company, old)
    company.clock.advance(timedelta(seconds=1))
    company.admin.send("DELETE", f"{KEYS}/{new.id}")

    def entries(service: Service) -> list[dict[str, Any]]:
        path = f"/admin/audit?subjectKind=api_key&subjectId={service.id}&sort=at"
        found: list[dict[str, Any]] = company.admin.get(path).json["data"]
        return found

    assert [one["action"] for one in entries(old)] == ["CreateApiKey", "RotateApiKey"]
    assert [one["action"] for one in entries(new)] == ["CreateApiKey", "RevokeApiKey"]
    created, change = entries(old)
    assert created["actor"].startswith("account:")
    assert created["address"] == "127.0.0.1"
    assert created["change"]["after"]["permissions"] == ["franchises:read"]
    assert change["change"]["after"]["successorId"] == new.id


def test_what_is_done_to_keys_of_a_franchise_is_in_its_stream(company: Company) -> None:
    own = company.franchise("Watched")
    new = rotated(company, company.service(franchiseId=own))
    company.admin.send("DELETE", f"{KEYS}/{new.id}")
    company.service()
    rows = company.admin.get(f"/admin/audit?subjectKind=api_key&franchiseId={own}").json["data"]
    assert sorted(one["action"] for one in rows) == [
        *("CreateApiKey", "CreateApiKey", "RevokeApiKey", "RotateApiKey")
    ]


def test_another_public_key_comes_with_a_rotation(company: Company) -> None:
    service = company.signing_service("sessions:void")
    stranger = company.signing_service("sessions:void")
    assert stranger.private_key is not None
    new = rotated(company, service, publicKey=public_pem(stranger.private_key))
    void = ("POST", f"/v1/sessions/{uuid4()}/void", {"reason": "Asked."})
    assert new.send_signed(*void).status == 401
    new.private_key = stranger.private_key
    assert new.send_signed(*void).status == 404
