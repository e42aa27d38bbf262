"""How deep JSON is nested, next to a count by recursion."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import thread_time
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


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "escaped quotes": lambda size: b'"' + b'\\"' * (size // 2),
    "and half an escape": lambda size: b'"' + b'\\"' * (size // 2) + b"\\",
    "quotes": lambda size: b'"' * size,
    "half escapes": lambda size: b'"' + b"\\" * size,
    "strings": lambda size: b'"\\"",' * (size // 5),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize(("before", "deeper"), [(b"[" * 4, False), (b"[" * 4 + b"]" * 4, True)])
def test_eight_times_the_text_takes_no_more_than_eight_times_as_long(
    kind: str, before: bytes, deeper: bool
) -> None:
    taken = None
    for size in (2_000, 16_000, 128_000, 1_024_000):
        text = before + HOSTILE[kind](size)
        shortest = min(seconds_for(text, deeper) for _ in range(5))
        # Four times as much is left to chance; what goes with the square takes 64 times as long.
        assert taken is None or shortest < 8 * 4 * taken
        taken = shortest


def seconds_for(text: bytes, deeper: bool) -> float:
    began = thread_time()
    assert nested_deeper(text, 3) == deeper
    return thread_time() - began
