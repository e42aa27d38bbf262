"""One machine, or one household, is one client to whoever counts."""

from __future__ import annotations

import pytest

from muster.plugin_api import counted_address


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("/run/muster.sock", None),
        ("", None),
        ("192.0.2.1:80", None),
    ],
)
def test_what_a_client_is_counted_under(client: str, counted: str | None) -> None:
    assert counted_address(client) == counted
