"""The text of an API key: 256 random bits that nobody mistypes unnoticed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from muster.ports.entropy import Entropy
from muster_auth.key_texts import is_api_key, key_hash, new_key_text

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Drawn(Entropy):
    """Draws what a test says, and remembers how much was asked for."""

    def __init__(self, *drawn: int) -> None:
        self._drawn = list(drawn)
        self.asked: list[int] = []

    def bits(self, count: int) -> int:
        self.asked.append(count)
        return self._drawn.pop(0)


PREFIXES, SECRETS = st.integers(0, 2**64 - 1), st.integers(0, 2**256 - 1)


@given(PREFIXES, SECRETS)
def test_a_key_is_known_by_its_hash(prefix: int, secret: int) -> None:
    entropy = Drawn(prefix, secret)
    text = new_key_text(entropy)
    assert entropy.asked == [64, 256]
    assert is_api_key(text.shown)
    assert text.shown.startswith(f"{text.prefix}_")
    assert key_hash(text.shown) == text.hash


@given(PREFIXES, SECRETS, st.integers(0, 67), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(prefix: int, secret: int, at: int, typed: str) -> None:
    shown = new_key_text(Drawn(prefix, secret)).shown
    wrong = shown[:at] + typed + shown[at + 1 :]
    assert (key_hash(wrong) is None) == (wrong != shown)


@given(PREFIXES, SECRETS, SECRETS)
def test_another_secret_has_another_hash(prefix: int, one: int, other: int) -> None:
    hashes = {new_key_text(Drawn(prefix, secret)).hash for secret in (one, other)}
    assert len(hashes) == len({one, other})


@given(st.text())
def test_any_other_text_is_no_key(text: str) -> None:
    assert key_hash(text) is None
