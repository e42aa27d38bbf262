"""A signed request that was changed on its way, or signed too little, is refused."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256, sha512
from socket import create_connection
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA512

from tests.auth.sent_request import Sent, Sign, refusal
from tests.auth.service_stage import Company, public_pem
from tests.auth.stage import run
from tests.http.api import TIMEOUT_SECONDS


@pytest.fixture
def sent(company: Company) -> Sent:
    return Sent(company, company.signing_service("keys:manage", "franchises:read"))


def digest_of(body: bytes) -> str:
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def other_body(sent: Sent) -> None:
    sent.body = sent.body.replace(b"billing", b"paying!")


def other_body_and_digest(sent: Sent) -> None:
    other_body(sent)
    sent.replace("Content-Digest", digest_of(sent.body))


def no_body(sent: Sent) -> None:
    sent.body = b""


def other_method(sent: Sent) -> None:
    sent.method = "GET"


def other_path(sent: Sent) -> None:
    sent.path = sent.path.replace("/keys?", "/keys/?")


def other_query(sent: Sent) -> None:
    sent.path = sent.path.replace("note=1", "note=2")


def no_query(sent: Sent) -> None:
    sent.path = sent.path.partition("?")[0]


def other_authorization(sent: Sent) -> None:
    """The same key, with another blank."""
    sent.edit("Authorization", "Bearer ", "Bearer  ")


def signed_by_another(sent: Sent) -> None:
    sent.sign(private_key=Ed25519PrivateKey.generate())


def signed_as_another(sent: Sent) -> None:
    """Rightly by another service, which shows this one's key."""
    other = sent.company.signing_service("keys:manage")
    sent.sign(key_id=other.id, private_key=other.private_key)


def no_digest(sent: Sent) -> None:
    sent.replace("Content-Digest", None)


def other_time(sent: Sent) -> None:
    now = int(sent.company.clock.now().timestamp())
    sent.edit("Signature-Input", f"created={now}", f"created={now - 1}")


def other_nonce(sent: Sent) -> None:
    sent.edit("Signature-Input", 'nonce="', 'nonce="x')


def no_signature(sent: Sent) -> None:
    sent.replace("Signature", None)


def other_label(sent: Sent) -> None:
    sent.edit("Signature", "muster=", "other=")


def empty_signature(sent: Sent) -> None:
    sent.replace("Signature", "muster=::")


def two_signatures(sent: Sent) -> None:
    for name in ("Signature", "Signature-Input"):
        value = sent.header(name)
        sent.replace(name, f"{value}, {value.replace('muster=', 'other=', 1)}")


def headers_twice(sent: Sent) -> None:
    sent.headers += [(name, sent.header(name)) for name in ("Signature", "Signature-Input")]


def unreadable(sent: Sent) -> None:
    sent.replace("Signature-Input", "muster=((((")


def not_ascii(sent: Sent) -> None:
    sent.edit("Signature-Input", 'nonce="', 'nonce="é')


CHANGES: dict[str, Callable[[Sent], None]] = {
    change.__name__: change
    for change in (
        other_body, other_body_and_digest, no_body, other_method, other_path, other_query,
        no_query, other_authorization, signed_by_another, signed_as_another, no_digest,
        other_time, other_nonce, no_signature, other_label, empty_signature, two_signatures,
        headers_twice, unreadable, not_ascii,
    )
}  # fmt: skip


SIGNED_ALL_THE_SAME = {"other_body", "no_body"}
"""Their digest is the one that was signed; of the others no nonce is used."""


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_request_is_refused(sent: Sent, database_url: str, change: str) -> None:
    CHANGES[change](sent)
    assert refusal(sent.send())
    used = run(database_url, "SELECT FROM auth_nonces WHERE key_id = $1", UUID(sent.service.id))
    assert bool(used) == (change in SIGNED_ALL_THE_SAME)


@pytest.mark.parametrize(
    "component", ["@method", "@path", "@query", "authorization", "content-digest"]
)
def test_what_has_to_be_signed(sent: Sent, component: str) -> None:
    sent.sign_by_hand(without=component)
    refusal(sent.send())
    sent.sign_by_hand()
    assert sent.send().status == 201


def test_a_repetition_is_refused_before_its_body_comes(sent: Sent) -> None:
    """Else its body could be kept back until the nonce is forgotten."""
    assert sent.send().status == 201
    head = [f"POST {sent.path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(sent.body)}"]
    head += [f"{name}: {value}" for name, value in sent.headers]
    address = ("127.0.0.1", sent.company.api.port)
    with create_connection(address, TIMEOUT_SECONDS) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 401")


def test_what_else_is_signed_has_to_hold(sent: Sent) -> None:
    server = f"127.0.0.1:{sent.company.api.port}"
    for also, holds in (
        ({"@authority": server}, True),
        ({"@target-uri": f"http://{server}{sent.path}"}, True),
        ({"@authority": "elsewhere.example"}, False),
        ({"@unheard": "of"}, False),
        ({"date": "today"}, False),
    ):
        sent.sign_by_hand(also=also)
        assert (sent.send().status == 201) == holds


@pytest.mark.parametrize(
    "digest",
    [
        lambda body: f"sha-512=:{b64encode(sha512(body).digest()).decode()}:",
        lambda body: f"{digest_of(body)}, sha-512=:{b64encode(sha512(body).digest()).decode()}:",
    ],
)
def test_other_digests_will_do(sent: Sent, digest: Callable[[bytes], str]) -> None:
    sent.replace("Content-Digest", digest(sent.body))
    sent.sign_by_hand()
    assert sent.send().status == 201


@pytest.mark.parametrize(
    "digest",
    [
        lambda body: f"md5=:{b64encode(b'0' * 16).decode()}:",
        lambda body: f"{digest_of(body)}, sha-512=:{b64encode(sha512(b'').digest()).decode()}:",
        lambda body: digest_of(b""),
        lambda body: "sha-256=::",
        lambda body: "nonsense",
    ],
)
def test_a_digest_that_is_signed_and_wrong(sent: Sent, digest: Callable[[bytes], str]) -> None:
    sent.replace("Content-Digest", digest(sent.body))
    sent.sign_by_hand()
    refusal(sent.send())


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({}, True),
        ({"alg": None}, True),
        ({"expires": "2000000000"}, True),
        ({"tag": '"muster"'}, True),
        ({"expires": "1000000000"}, False),
        ({"created": None}, False),
        ({"created": '"now"'}, False),
        ({"created": "1.5"}, False),
        ({"nonce": None}, False),
        ({"nonce": '""'}, False),
        ({"nonce": f'"{"n" * 129}"'}, False),
        ({"nonce": "7"}, False),
        ({"keyid": None}, False),
        ({"keyid": '"another"'}, False),
        ({"alg": '"none"'}, False),
        ({"unheard": "1"}, False),
    ],
)
def test_what_a_signature_says_of_itself(
    sent: Sent, said: dict[str, str | None], holds: bool
) -> None:
    sent.sign_by_hand(said)
    answer = sent.send()
    if holds:
        assert answer.status == 201, answer
    else:
        refusal(answer)


@pytest.mark.parametrize("told", ['"hmac-sha256"', '"rsa-pss-sha512"', '"ed25519"', None])
def test_another_algorithm_is_refused(sent: Sent, told: str | None) -> None:
    """An HMAC whose secret is the public key, which everybody may know; and another's RSA key."""
    assert sent.service.private_key is not None
    public = public_pem(sent.service.private_key).encode()
    rsa = generate_private_key(65537, 2048)
    forgeries: list[Sign] = [
        lambda base: hmac.digest(public, base, "sha256"),
        lambda base: rsa.sign(base, PSS(MGF1(SHA512()), 64), SHA512()),
    ]
    for forged in forgeries:
        sent.sign_by_hand({"alg": told}, sign=forged)
        refusal(sent.send())
