"""What a token says is remembered for the keys that verified it, and for no others."""

from __future__ import annotations

from muster_auth.signing_keys import KeySet
from muster_auth.verified_tokens import VerifiedTokens


def keys() -> KeySet:
    return KeySet("one", {}, 0.0)


def test_only_the_very_keys_that_verified_it_need_not_do_so_again() -> None:
    first, second = keys(), keys()
    remembered = VerifiedTokens[str]()
    remembered.remember("a.b.c", first, "said")
    assert remembered.said("a.b.c", first) == "said"
    assert remembered.said("a.b.d", first) is None
    assert remembered.said("a.b.c", second) is None

    remembered.remember("a.b.d", second, "else")
    assert remembered.said("a.b.c", second) is None
    assert remembered.said("a.b.c", first) is None


def test_no_more_than_so_many_are_remembered() -> None:
    of = keys()
    remembered = VerifiedTokens[int](most=3)
    for number in range(5):
        remembered.remember(str(number), of, number)
    assert [remembered.said(str(number), of) for number in range(5)] == [None, None, None, 3, 4]
