"""Access tokens that are not ours, or not for this: every one of them is a 401."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from muster.plugin_api import Role, Scope, command_line
from muster_auth.signing_keys import owner_of_key
from tests.auth.stage import (
    Client,
    create,
    eventually_refused,
    in_app,
    logged_in,
    refused,
    run,
    seal,
)
from tests.http.api import Api

Parts = dict[str, Any]
Forged = Callable[["Forge"], str]


class Forge:
    """Somebody who has a good token, knows our private key or has their own."""

    def __init__(self, token: str, private_key: str, refresh_token: str) -> None:
        self.token = token
        self.refresh_token = refresh_token
        self.header, self.claims = (read(part) for part in token.split(".")[:2])
        self.ours = OKPKey.import_key(private_key)
        self.own = OKPKey.generate_key("Ed25519")

    def signed(
        self, header: Parts | None = None, claims: Parts | None = None, key: OKPKey | None = None
    ) -> str:
        """A token with some parts changed; one that is None is left out."""
        top = {**self.header, **(header or {})}
        said = {**self.claims, **(claims or {})}
        first = part({name: value for name, value in top.items() if value is not None})
        second = part({name: value for name, value in said.items() if value is not None})
        signature = (key or self.ours).private_key.sign(f"{first}.{second}".encode())  # type: ignore[union-attr]
        return f"{first}.{second}.{encoded(signature)}"

    def unsigned(self, header: Parts, signature: bytes = b"") -> str:
        first = part({**self.header, **header})
        return f"{first}.{part(self.claims)}.{encoded(signature)}"

    def by_public_key(self) -> str:
        """HS256 with what everybody may know of our key."""
        first = part({**self.header, "alg": "HS256"})
        signed = f"{first}.{part(self.claims)}"
        digest = hmac.digest(self.ours.as_pem(private=False), signed.encode(), sha256)
        return f"{signed}.{encoded(digest)}"


def read(text: str) -> Parts:
    found: Parts = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def part(value: Any) -> str:
    return encoded(json.dumps(value).encode())


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def swapped(forge: Forge, claims: Parts) -> str:
    first, _, third = forge.token.split(".")
    return f"{first}.{part({**forge.claims, **claims})}.{third}"


def twice(forge: Forge) -> str:
    """A header in which the algorithm stands twice."""
    rest = json.dumps(forge.header)[1:]
    first = encoded(f'{{"alg": "none", {rest}'.encode())
    return f"{first}.{part(forge.claims)}."


ATTACKS: dict[str, Forged] = {
    "none": lambda forge: forge.unsigned({"alg": "none"}),
    "None": lambda forge: forge.unsigned({"alg": "None"}, b"x"),
    "no signature": lambda forge: forge.unsigned({}),
    "HS256 with the public key": lambda forge: forge.by_public_key(),
    "another algorithm's name": lambda forge: forge.signed({"alg": "EdDSA"}),
    "RS256": lambda forge: forge.signed({"alg": "RS256"}),
    "no algorithm": lambda forge: forge.signed({"alg": None}),
    "another's key": lambda forge: forge.signed(key=forge.own),
    "another's key by its own kid": lambda forge: forge.signed({"kid": "mine"}, key=forge.own),
    "jwk": lambda forge: forge.signed({"jwk": forge.own.as_dict(private=False)}, key=forge.own),
    "jwk, signed by us": lambda forge: forge.signed({"jwk": forge.own.as_dict(private=False)}),
    "jku": lambda forge: forge.signed({"jku": "http://127.0.0.1:9/keys"}, key=forge.own),
    "x5u": lambda forge: forge.signed({"x5u": "http://127.0.0.1:9/cert"}, key=forge.own),
    "x5c": lambda forge: forge.signed({"x5c": ["MIIB"]}),
    "crit": lambda forge: forge.signed({"crit": ["exp"]}),
    "b64": lambda forge: forge.signed({"b64": False}),
    "no kid": lambda forge: forge.signed({"kid": None}),
    "kid of another type": lambda forge: forge.signed({"kid": 1}),
    "kid that climbs": lambda forge: forge.signed({"kid": "../../../dev/null"}),
    "kid with SQL": lambda forge: forge.signed({"kid": "' OR 1=1 --"}),
    "huge kid": lambda forge: forge.signed({"kid": "k" * 3_000}),
    "huger kid": lambda forge: forge.signed({"kid": "k" * 30_000}),
    "another type": lambda forge: forge.signed({"typ": "JWT"}),
    "no type": lambda forge: forge.signed({"typ": None}),
    "refresh token": lambda forge: forge.refresh_token,
    "token of another use": lambda forge: forge.signed(claims={"token_use": "refresh"}),
    "no use": lambda forge: forge.signed(claims={"token_use": None}),
    "a session's with a role": lambda forge: forge.signed(claims={"role": "company_admin"}),
    "a session's without one": lambda forge: forge.signed(claims={"sid": None}),
    "a script's with a session": lambda forge: forge.signed(claims={"token_use": "script"}),
    "another session": lambda forge: forge.signed(claims={"sid": str(uuid4())}),
    "other audience": lambda forge: forge.signed(claims={"aud": "another-api"}),
    "several audiences": lambda forge: forge.signed(claims={"aud": ["muster-api"]}),
    "no audience": lambda forge: forge.signed(claims={"aud": None}),
    "other issuer": lambda forge: forge.signed(claims={"iss": "mallory"}),
    "no issuer": lambda forge: forge.signed(claims={"iss": None}),
    "expired": lambda forge: forge.signed(claims={"exp": int(time.time()) - 1}),
    "no expiry": lambda forge: forge.signed(claims={"exp": None}),
    "expiry as text": lambda forge: forge.signed(claims={"exp": "9999999999"}),
    "not yet": lambda forge: forge.signed(claims={"nbf": int(time.time()) + 60}),
    "no nbf": lambda forge: forge.signed(claims={"nbf": None}),
    "no jti": lambda forge: forge.signed(claims={"jti": None}),
    "more claims": lambda forge: forge.signed(claims={"admin": True}),
    "claims changed": lambda forge: swapped(forge, {"sub": str(uuid4())}),
    "no JSON": lambda forge: f"{encoded(b'x')}.{encoded(b'y')}.{encoded(b'z')}",
    "dots": lambda forge: "..",
    "bytes that are no base64": lambda forge: forge.token + "!",
    "padding": lambda forge: forge.token + "==",
    "twice the header": twice,
}


@pytest.fixture
def forge(api: Api, database_url: str) -> Forge:
    create(database_url, "meera")
    client = logged_in(api, "meera")
    assert client.me().status == 200
    (row,) = run(database_url, "SELECT kid, sealed_private_key AS sealed FROM auth_signing_keys")
    private_key = seal().opened(row["sealed"], owner_of_key(row["kid"])).decode()
    return Forge(client.access, private_key, client.refresh_token)


def test_the_forge_can_forge(forge: Forge, api: Api) -> None:
    """What follows is refused for what is wrong with it, and for nothing else."""
    assert Client(api).me(forge.signed()).status == 200
    jws.deserialize_compact(forge.signed(), forge.ours, algorithms=["Ed25519"])


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda name: name.replace(" ", "-"))
def test_what_is_not_ours_is_refused(forge: Forge, api: Api, attack: str) -> None:
    token = ATTACKS[attack](forge)
    for path in ("/plugins/auth/me", "/v1/franchises"):
        answer = Client(api).get(path, token)
        assert refused(answer), answer
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_access_token_refreshes_nothing(forge: Forge, api: Api) -> None:
    client = Client(api)
    assert refused(client.refresh(forge.refresh_token[:-1] + "x"))
    assert client.refresh(forge.token).status in (400, 401)
    assert client.refresh(forge.refresh_token).status == 200


def test_two_headers_are_nobody(forge: Forge, api: Api) -> None:
    header = ("Authorization", f"Bearer {forge.token}")
    assert api.send("GET", "/v1/franchises", None, [header]).status == 200
    assert refused(api.send("GET", "/v1/franchises", None, [header, header]))


def test_keys_are_rotated_without_anybody_noticing(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    old = logged_in(api, "meera")
    kid = in_app(database_url, lambda auth: auth.keys.rotate(command_line(auth.workings.entropy)))
    assert old.me().status == 200
    assert logged_in(api, "meera").me().status == 200
    # As if the five seconds were over in which servers get to know the new key.
    run(database_url, "UPDATE auth_signing_keys SET retired_at = now() WHERE kid <> $1", kid)
    deadline = time.monotonic() + 10
    new = logged_in(api, "meera")
    while read(new.access.split(".")[0])["kid"] != kid:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        new = logged_in(api, "meera")
    assert old.me().status == new.me().status == 200


def test_a_leaked_key_dies_at_once(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    client = logged_in(api, "meera")
    assert client.me().status == 200
    in_app(
        database_url,
        lambda auth: auth.keys.rotate(command_line(auth.workings.entropy), at_once=True),
    )
    deadline = time.monotonic() + 10
    while not refused(client.me()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert client.refresh().status == 200
    assert client.me().status == 200


def test_a_script_has_its_role_until_it_is_revoked(api: Api, database_url: str) -> None:
    franchise = uuid4()
    token = in_app(
        database_url, lambda auth: auth.script_token(Role.FRANCHISE_MANAGER, Scope(franchise))
    )
    script = Client(api)
    script.access = token
    me = script.me().json
    assert (me["accountId"], me["role"], me["franchiseId"]) == (
        None,
        "franchise_manager",
        str(franchise),
    )
    assert script.get("/v1/franchises").status == 200
    assert script.get("/plugins/auth/sessions").status == 403
    # On another server first: here it is dead within a second.
    in_app(database_url, lambda auth: revoked(auth, token))
    assert eventually_refused(script)


async def revoked(auth: Any, token: str) -> None:
    caller = command_line(auth.workings.entropy)
    await auth.own_sessions.log_out(await auth.holder(token), caller)
