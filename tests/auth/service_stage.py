"""A server whose clock a test sets, an administrator on it, and services with API keys."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from docs.examples.signed_request import signed_headers
from muster.testing.clock import FakeClock
from tests.auth.stage import Client
from tests.http.api import JSON, Answer, Api

BEGIN = datetime(2027, 3, 1, 12, tzinfo=UTC)
KEYS = "/plugins/auth/keys"
Header = tuple[str, str]
_nonces = count()


class Service:
    """A program that has an API key."""

    def __init__(
        self, api: Api, clock: FakeClock, made: Any, private_key: Ed25519PrivateKey | None = None
    ) -> None:
        self.api = api
        self.clock = clock
        self.key: str = made["key"]
        self.described: dict[str, Any] = made["described"]
        self.id: str = self.described["id"]
        self.private_key = private_key

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        headers = [("Authorization", f"Bearer {self.key}")]
        if content is not None:
            headers.append(("Content-Type", JSON))
        return self.api.send(method, path, content, headers)

    def get(self, path: str = "/v1/franchises") -> Answer:
        return self.send("GET", path)

    def signed(self, method: str, path: str, body: bytes = b"", **said: Any) -> list[Header]:
        """The headers of a signed request."""
        assert self.private_key is not None
        headers = signed_headers(
            method,
            f"http://muster.invalid{path}",
            body,
            **{
                "api_key": self.key,
                "key_id": self.id,
                "private_key": self.private_key,
                "created": int(self.clock.now().timestamp()),
                "nonce": f"nonce-{next(_nonces)}",
                **said,
            },
        )
        return list(headers.items())

    def send_signed(self, method: str, path: str, body: Any = None, **said: Any) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        headers = self.signed(method, path, content, **said)
        return self.api.send(method, path, content or None, headers)


class Company:
    """The server, and an administrator who makes keys."""

    def __init__(self, api: Api, clock: FakeClock, admin: Client) -> None:
        clock.set(BEGIN)
        self.api = api
        self.clock = clock
        self.admin = admin

    def order(self, *permissions: str, days: float = 30, **said: Any) -> dict[str, Any]:
        expires_at = self.clock.now() + timedelta(days=days)
        return {
            "name": "billing",
            "permissions": list(permissions) or ["franchises:read"],
            "expiresAt": expires_at.isoformat(),
            **said,
        }

    def service(self, *permissions: str, **said: Any) -> Service:
        answer = self.admin.send("POST", KEYS, self.order(*permissions, **said))
        assert answer.status == 201, answer
        return Service(self.api, self.clock, answer.json)

    def signing_service(self, *permissions: str, **said: Any) -> Service:
        private_key = Ed25519PrivateKey.generate()
        found = self.service(*permissions, publicKey=public_pem(private_key), **said)
        found.private_key = private_key
        return found

    def franchise(self, name: str) -> str:
        made = self.admin.send("POST", "/v1/franchises", {"name": name})
        assert made.status == 201, made
        id_: str = made.json["id"]
        return id_


def public_pem(private_key: Ed25519PrivateKey) -> str:
    public = private_key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def eventually_dead(ask: Callable[[], Answer]) -> bool:
    """Whether a key dies within a second of what was done before."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if ask().status == 401:
            return True
        time.sleep(0.02)
    return False


def replaced(headers: Iterable[Header], name: str, value: str | None) -> list[Header]:
    """Headers with one of them changed, or without it."""
    kept = [one for one in headers if one[0] != name]
    return kept if value is None else [*kept, (name, value)]
