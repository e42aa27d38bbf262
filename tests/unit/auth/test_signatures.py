"""Whatever is sent as a signature, the answer is that it does not hold."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from muster.plugin_api import EVERYTHING, Credentials, SentRequest
from muster.testing.clock import FakeClock
from muster_auth.api_keys import ApiKey
from muster_auth.errors import SignatureInvalid
from muster_auth.nonces import Nonces
from muster_auth.signatures import Signatures, is_signed

NOW = datetime(2027, 3, 1, tzinfo=UTC)
ID = UUID("0198c0de-0000-4000-8000-000000000000")
KEY = ApiKey(
    id=ID,
    name="billing",
    prefix="muster_aaaaaaaaaaaa",
    hash=b"",
    permissions=frozenset(),
    scope=EVERYTHING,
    public_key="""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
""",
    created_by="somebody",
    created_at=NOW,
    expires_at=NOW + timedelta(days=1),
)
"""The public key of RFC 9421, appendix B.1.4."""


class NoNonces(Nonces):
    """Is asked nothing: no signature here holds."""

    def __init__(self) -> None: ...


class Nothing(SentRequest):
    """A request without a body, to any address."""

    def __init__(self, method: str, url: str) -> None:
        self._method, self._url = method, url

    @property
    def method(self) -> str:
        return self._method

    @property
    def url(self) -> str:
        return self._url

    async def body(self) -> bytes:
        raise AssertionError("nothing that does not hold has its body read")


SENT = st.text(st.characters(max_codepoint=255))
INPUTS = st.builds(
    '{}=({}){}'.format,
    st.sampled_from(["sig", "a", "*"]),
    st.lists(
        st.sampled_from(['"@method"', '"@path"', '"@query"', '"authorization"', '"x"', '"@x"', "1"])
    ).map(" ".join),
    st.lists(
        st.sampled_from(
            [
                f";created={int(NOW.timestamp())}", ";created=-99999999999999", ";created",
                f';keyid="{ID}"', ';nonce="n"', ";nonce=:bm8=:", ';alg="ed25519"', ";expires=1e5",
            ]
        )
    ).map("".join),
)  # fmt: skip


@given(SENT | INPUTS, SENT | st.just("sig=:AAAA:"), st.sampled_from(["GET", "get", ""]), SENT)
@example('sig=("@method" "@path" "@query" "authorization")', "sig=:AAAA:", "GET", "")
def test_nothing_but_a_refusal(said: str, signature: str, method: str, target: str) -> None:
    headers = [
        (b"authorization", b"Bearer muster_"),
        (b"signature-input", said.encode("latin-1")),
        (b"signature", signature.encode("latin-1")),
    ]
    credentials = Credentials(headers, Nothing(method, f"http://host/{target}"))
    assert is_signed(credentials)
    with pytest.raises(SignatureInvalid):
        asyncio.run(Signatures(FakeClock(NOW), NoNonces()).verify(KEY, credentials))
