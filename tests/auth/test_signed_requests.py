"""Requests that services sign: what needs it, how long one holds, and that it holds once.

They are signed by ``docs/examples/signed_request.py``, which shares no code with the verifier.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from docs.examples import signed_request
from muster.application.access import SENSITIVE_PERMISSIONS
from tests.auth.sent_request import Sent, refusal
from tests.auth.service_stage import KEYS, Company, Service
from tests.auth.stage import run
from tests.http.api import JSON

VOID = {"reason": "The trainer was ill."}
ACCOUNTS = "/plugins/auth/accounts"
ROTATION = {"expiresAt": "2027-03-02T00:00:00Z"}
ENDED = {"name": "x", "permissions": ["keys:manage"], "expiresAt": "2026-01-01T00:00:00Z"}


def a_void() -> tuple[str, str, Any]:
    """A session that nobody knows: who may void it is told 404."""
    return "POST", f"/v1/sessions/{uuid4()}/void", VOID


@pytest.fixture
def service(company: Company) -> Service:
    return company.signing_service("sessions:void", "keys:manage", "franchises:read")


SOMEBODY = f"{ACCOUNTS}/{UUID(int=1)}"
SENSITIVE: dict[str, tuple[int, str, str, Any]] = {
    "void": (404, "POST", f"/v1/sessions/{UUID(int=1)}/void", VOID),
    "restore": (404, "POST", f"/v1/sessions/{UUID(int=1)}/restore", VOID),
    "revoke a certificate": (400, "POST", "/v1/certificates/nothing/revoke", VOID),
    "reissue a certificate": (400, "POST", "/v1/certificates/nothing/reissue", VOID),
    "make a key": (400, "POST", KEYS, ENDED),
    "list keys": (200, "GET", KEYS, None),
    "rotate a key": (404, "POST", f"{KEYS}/{UUID(int=1)}/rotate", ROTATION),
    "revoke a key": (404, "DELETE", f"{KEYS}/{UUID(int=1)}", None),
    "change a role": (404, "PATCH", SOMEBODY, {"version": 1, "role": "company_admin"}),
    "invite": (
        *(400, "POST", f"{ACCOUNTS}/invite"),
        {"identifier": "no address", "displayName": "Ravi", "role": "company_admin"},
    ),
    "disable": (404, "POST", f"{SOMEBODY}/disable", None),
    "enable": (404, "POST", f"{SOMEBODY}/enable", None),
    "end sessions": (404, "POST", f"{SOMEBODY}/end-sessions", None),
    "list accounts": (200, "GET", ACCOUNTS, None),
    "show an account": (404, "GET", SOMEBODY, None),
}
"""What is sensitive, and what who signed it is told: that nobody knows of what it is about."""


@pytest.mark.parametrize("operation", SENSITIVE)
def test_what_is_sensitive_is_signed(company: Company, operation: str) -> None:
    status, *request = SENSITIVE[operation]
    service = company.signing_service(*(one.value for one in SENSITIVE_PERMISSIONS))
    unsigned = service.send(*request)
    assert (unsigned.status, unsigned.error["code"]) == (403, "SIGNATURE_REQUIRED")
    signed = service.send_signed(*request)
    assert signed.status == status, signed


def test_the_rest_need_not_be(service: Service) -> None:
    assert service.get().status == 200
    assert service.send_signed("GET", "/v1/franchises?limit=1").status == 200


def test_the_body_that_was_verified_is_the_one_that_is_read(
    company: Company, service: Service
) -> None:
    order = company.order("franchises:read", name="x" * 100)
    made = service.send_signed("POST", KEYS, order)
    assert made.status == 201
    described = made.json["described"]
    assert (described["name"], described["createdBy"]) == (order["name"], f"service:{service.id}")


def test_a_person_need_not_sign(company: Company) -> None:
    method, path, body = a_void()
    headers = [
        ("Authorization", f"Bearer {company.admin.access}"),
        ("Content-Type", JSON),
        ("Signature-Input", "nonsense"),
    ]
    assert company.api.send(method, path, json.dumps(body).encode(), headers).status == 404


def test_a_key_without_a_public_key_cannot_sign(company: Company, service: Service) -> None:
    unable = company.service("sessions:void")
    unable.private_key = service.private_key
    assert "no public key" in refusal(unable.send_signed(*a_void()))


def test_who_lacks_the_permission_is_not_helped_by_a_signature(company: Company) -> None:
    answer = company.signing_service("franchises:read").send_signed(*a_void())
    assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")


def test_a_dead_key_signs_nothing(company: Company, service: Service) -> None:
    company.admin.send("DELETE", f"{KEYS}/{service.id}")
    assert service.send_signed(*a_void()).error["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("seconds", "holds"), [(-301, False), (-300, True), (30, True), (31, False), (10**12, False)]
)
def test_a_signature_holds_for_five_minutes(
    company: Company, service: Service, seconds: int, holds: bool
) -> None:
    created = int(company.clock.now().timestamp()) + seconds
    answer = service.send_signed(*a_void(), created=created)
    if holds:
        assert answer.status == 404
    else:
        assert "created" in refusal(answer)


def test_a_nonce_is_used_once_by_each_key(company: Company, service: Service) -> None:
    other = company.signing_service("sessions:void")
    assert service.send_signed(*a_void(), nonce="once").status == 404
    assert "nonce" in refusal(service.send_signed(*a_void(), nonce="once"))
    assert other.send_signed(*a_void(), nonce="once").status == 404


def test_of_fifty_alike_at_once_one_passes(
    company: Company, service: Service, database_url: str
) -> None:
    sent = Sent(company, service)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: sent.send(), range(50)))
    assert sorted(one.status for one in answers) == [201] + [401] * 49
    made = run(
        database_url,
        "SELECT FROM auth_api_keys WHERE created_by = $1",
        f"service:{service.id}",
    )
    assert len(made) == 1


def test_a_nonce_is_kept_while_a_signature_could_come_with_it(
    company: Company, service: Service, database_url: str
) -> None:
    """And for a minute more: another server's clock may be behind."""
    late = int(company.clock.now().timestamp()) + 30
    assert service.send_signed(*a_void(), created=late, nonce="first").status == 404
    company.clock.advance(timedelta(seconds=330))
    assert "nonce" in refusal(service.send_signed(*a_void(), created=late, nonce="first"))
    (row,) = run(
        database_url, "SELECT kept_until FROM auth_nonces WHERE key_id = $1", UUID(service.id)
    )
    assert row["kept_until"] - company.clock.now() == timedelta(seconds=60)


def test_the_example_works_as_it_is_called(
    company: Company, service: Service, tmp_path: Path
) -> None:
    assert service.private_key is not None
    pem = service.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "private.pem").write_bytes(pem)
    # The example goes by the machine's clock, and so does the server here.
    company.clock.set(datetime.now(UTC))
    method, path, body = a_void()
    done = subprocess.run(
        [
            sys.executable,
            signed_request.__file__,
            service.id,
            str(tmp_path / "private.pem"),
            method,
            f"http://127.0.0.1:{company.api.port}{path}",
            json.dumps(body),
        ],
        env={**os.environ, "MUSTER_API_KEY": service.key},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("404 "), done
    assert json.loads(done.stdout[4:])["error"]["code"] == "NOT_FOUND"
