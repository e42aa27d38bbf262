"""Lengths that a request declares, however many digits it takes for them."""

from __future__ import annotations

import pytest

from muster.plugin_api import declares_more


@pytest.mark.parametrize(
    ("length", "more"),
    [
        (b"0", False),
        (b"100", False),
        (b"000000000000000100", False),
        (b"101", True),
        (b"9" * 19, True),
        (b"9" * 100_000, True),
        (b"", False),
        (b"-101", False),
        (b"1e9", False),
        ("٣٣٣".encode(), False),
    ],
)
def test_a_length_is_held_to_the_most(length: bytes, more: bool) -> None:
    assert declares_more(length, 100) == more
