"""What is sealed opens by its own key alone, for its owner alone, and only as it was."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.testing.entropy import SeededEntropy
from muster_auth.sealed_secrets import SealedSecrets, SealNotOpened, decoded_key, key_id
from muster_auth.settings import AuthSettings

KEYS = st.binary(min_size=32, max_size=32)
OWNERS = st.text(max_size=40)
SECRETS = st.binary(max_size=200)


def seal(*keys: bytes, seed: int = 1) -> SealedSecrets:
    return SealedSecrets(keys, SeededEntropy(seed))


@given(KEYS, SECRETS, OWNERS)
def test_what_is_sealed_opens(key: bytes, secret: bytes, owner: str) -> None:
    sealed = seal(key).sealed(secret, owner)
    assert seal(key).opened(sealed, owner) == secret
    assert len(secret) < 4 or secret not in sealed


@given(KEYS, KEYS, SECRETS, OWNERS)
def test_another_key_opens_nothing(key: bytes, other: bytes, secret: bytes, owner: str) -> None:
    if key == other:
        return
    sealed = seal(key).sealed(secret, owner)
    with pytest.raises(SealNotOpened, match=key_id(key).hex()):
        seal(other).opened(sealed, owner)
    relabelled = key_id(other) + sealed[len(key_id(other)) :]
    with pytest.raises(SealNotOpened):
        seal(other).opened(relabelled, owner)


@given(KEYS, SECRETS, OWNERS, OWNERS)
def test_it_opens_for_nobody_else(key: bytes, secret: bytes, owner: str, other: str) -> None:
    if owner == other:
        return
    with pytest.raises(SealNotOpened):
        seal(key).opened(seal(key).sealed(secret, owner), other)


@given(KEYS, SECRETS, OWNERS, st.data())
def test_what_was_changed_does_not_open(
    key: bytes, secret: bytes, owner: str, data: st.DataObject
) -> None:
    sealed = bytearray(seal(key).sealed(secret, owner))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealNotOpened):
        seal(key).opened(bytes(sealed), owner)


@given(KEYS, SECRETS, st.integers(0, 100))
def test_what_was_cut_does_not_open(key: bytes, secret: bytes, length: int) -> None:
    sealed = seal(key).sealed(secret, "owner")
    if length < len(sealed):
        with pytest.raises(SealNotOpened):
            seal(key).opened(sealed[:length], "owner")


@given(KEYS, KEYS, SECRETS)
def test_older_keys_open_and_the_newest_seals(old: bytes, new: bytes, secret: bytes) -> None:
    by_old = seal(old).sealed(secret, "owner")
    both = seal(new, old)
    assert both.opened(by_old, "owner") == secret
    assert both.is_newest(by_old) == (old == new)
    assert seal(new).opened(both.sealed(secret, "owner"), "owner") == secret


def test_nothing_is_sealed_alike_twice() -> None:
    once = seal(b"k" * 32)
    assert once.sealed(b"secret", "owner") != once.sealed(b"secret", "owner")


@given(KEYS)
def test_keys_are_read_in_both_alphabets(key: bytes) -> None:
    for text in (b64encode(key).decode(), urlsafe_b64encode(key).decode().rstrip("=")):
        assert decoded_key(f" {text}\n") == key


@pytest.mark.parametrize("text", ["", "k", "not base64!", b64encode(b"k" * 31).decode(), "é" * 43])
def test_what_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="a key is 32 bytes in base64") as refusal:
        AuthSettings(secrets_key=text)
    assert len(text) < 4 or text not in str(refusal.value)
    with pytest.raises(ValueError, match="a key is 32 bytes"):
        AuthSettings(older_secrets_keys=(text,))
