"""Send a signed request to Muster, as a service does that asks for something sensitive.

    python signed_request.py ID_OF_KEY PRIVATE_KEY_FILE METHOD URL [JSON]

The API key is read from the environment variable MUSTER_API_KEY. Beside the standard library it
needs ``cryptography``. The signature is that of RFC 9421 with Ed25519, the digest of the body that
of RFC 9530.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def signed_headers(
    method: str,
    url: str,
    body: bytes,
    *,
    api_key: str,
    key_id: str,
    private_key: Ed25519PrivateKey,
    created: int | None = None,
    nonce: str | None = None,
) -> dict[str, str]:
    """Return the headers of a signed request.

    Args:
        method: In upper case.
        url: Exactly as it is sent; of it the path and the query are signed.
        body: Exactly as it is sent; empty where there is none.
        api_key: The key's text, ``muster_…``.
        key_id: The key's id, a UUID.
        private_key: To which the key's public key belongs.
        created: Seconds since 1970; now, unless given.
        nonce: Never the same twice; random, unless given.
    """
    target = urlsplit(url)
    covered = {
        "@method": method,
        "@path": target.path or "/",
        "@query": f"?{target.query}",
        "authorization": f"Bearer {api_key}",
    }
    headers = {"Authorization": covered["authorization"]}
    if body:
        digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
        covered["content-digest"] = headers["Content-Digest"] = digest
        headers["Content-Type"] = "application/json"
    names = " ".join(f'"{name}"' for name in covered)
    created = int(time.time()) if created is None else created
    nonce = secrets.token_urlsafe(16) if nonce is None else nonce
    parameters = f'({names});created={created};nonce="{nonce}";keyid="{key_id}";alg="ed25519"'
    lines = [f'"{name}": {value}' for name, value in covered.items()]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = b64encode(private_key.sign(base.encode())).decode()
    return headers | {
        "Signature-Input": f"muster={parameters}",
        "Signature": f"muster=:{signature}:",
    }


def main(key_id: str, private_key_file: str, method: str, url: str, body: str = "") -> None:
    """Send one request and print what is answered."""
    private_key = load_pem_private_key(Path(private_key_file).read_bytes(), password=None)
    assert isinstance(private_key, Ed25519PrivateKey), "the private key is not of Ed25519"
    content = body.encode()
    headers = signed_headers(
        method,
        url,
        content,
        api_key=os.environ["MUSTER_API_KEY"],
        key_id=key_id,
        private_key=private_key,
    )
    try:
        answer = urlopen(Request(url, content or None, headers, method=method))
    except HTTPError as refused:
        answer = refused
    with answer:
        print(answer.status, answer.read().decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
