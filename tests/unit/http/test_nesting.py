"""How deep JSON is nested, next to a count by recursion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.http.nesting import nested_deeper

TEXTS = st.text(alphabet='[]{}"\\a\n\u20ac', max_size=8)
VALUES = st.recursive(
    TEXTS | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=30,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(VALUES, st.integers(1, 6), st.booleans())
def test_it_is_as_deep_as_it_is(value: Any, most: int, plain: bool) -> None:
    written = json.dumps(value, ensure_ascii=plain).encode()
    assert nested_deeper(written, most) == (depth(value) > most)


@pytest.mark.parametrize(
    "broken", [b"]]][[[", b"[[[", b"}}}", b'"[[[[[', b'["\\"[[[[', b"(((([])))", b""]
)
def test_what_is_no_json_is_left_to_who_parses_it(broken: bytes) -> None:
    assert not nested_deeper(broken, 3)
