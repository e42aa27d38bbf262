"""Addresses past proxies, and who is let near, on a whole app."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar import Litestar, get
from litestar.exceptions import NotFoundException
from litestar.utils import normalize_path

from muster.runtime.settings_tree import SettingsInvalid
from muster_edge.gates import host_name, is_admin
from tests.unit.edge.asking import ECHO, SCHEME, edge, from_peer

PROXY = {"trusted_proxies": "10.0.0.0/8"}


def test_what_follows_sees_the_client_past_the_proxies() -> None:
    with edge(**PROXY) as client:
        sent = from_peer("10.0.0.1", x_forwarded_for="1.1.1.1, 192.0.2.7, 10.0.0.2")
        assert client.get(ECHO, headers=sent).json() == {"client": "192.0.2.7", "scheme": "http"}


def test_nobody_is_believed_unless_trusted() -> None:
    claims = {
        "x_forwarded_for": "10.0.0.1",
        "x_forwarded_proto": "https",
        "forwarded": "for=1.1.1.1",
    }
    with edge(**PROXY) as client:
        answer = client.get(ECHO, headers=from_peer("192.0.2.7", **claims))
        assert answer.json() == {"client": "192.0.2.7", "scheme": "http"}
    with edge() as client:
        answer = client.get(ECHO, headers=from_peer("10.0.0.1", **claims))
        assert answer.json() == {"client": "10.0.0.1", "scheme": "http"}


def test_one_header_counts_and_the_other_does_not() -> None:
    both = from_peer(
        "10.0.0.1", x_forwarded_for="192.0.2.7", forwarded='for="[2001:db8::7]:80";proto=https'
    )
    with edge(**PROXY) as client:
        assert client.get(ECHO, headers=both).json() == {"client": "192.0.2.7", "scheme": "http"}
    with edge(**PROXY, forwarded_by="forwarded") as client:
        answer = client.get(ECHO, headers=both)
        assert answer.json() == {"client": "2001:db8::7", "scheme": "https"}


def test_a_mapped_address_is_the_ipv4_one() -> None:
    with edge(**PROXY) as client:
        sent = from_peer("::ffff:10.0.0.1", x_forwarded_for="::ffff:192.0.2.7")
        assert client.get(ECHO, headers=sent).json()["client"] == "192.0.2.7"


def test_whom_a_proxy_does_not_name_is_nobody() -> None:
    with edge(**PROXY, allow="10.0.0.0/8,192.0.2.0/24") as client:
        told = from_peer("10.0.0.1", x_forwarded_for="192.0.2.7")
        hidden = from_peer("10.0.0.1", x_forwarded_for="192.0.2.7, unknown")
        assert [client.get(ECHO, headers=sent).status_code for sent in (told, hidden)] == [200, 403]


@pytest.mark.parametrize(
    ("settings", "passing", "refused"),
    [
        ({"deny": "192.0.2.0/24"}, ["203.0.113.1"], ["192.0.2.7", "::ffff:192.0.2.7"]),
        ({"allow": "192.0.2.0/24"}, ["192.0.2.7", "::ffff:192.0.2.7"], ["203.0.113.1", "::1"]),
        ({"allow": "192.0.2.0/24", "deny": "192.0.2.7"}, ["192.0.2.8"], ["192.0.2.7"]),
        ({"allow": "2001:db8::/32"}, ["2001:DB8:0::1"], ["2001:db9::1", "192.0.2.7"]),
    ],
)
def test_lists_for_everything(
    settings: dict[str, str], passing: list[str], refused: list[str]
) -> None:
    with edge(**settings) as client:
        for peer in passing:
            assert client.get(ECHO, headers=from_peer(peer)).status_code == 200
        for peer in refused:
            answer = client.get(ECHO, headers=from_peer(peer))
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


def test_lists_for_administration_alone() -> None:
    with edge(admin_allow="192.0.2.0/24", admin_deny="192.0.2.7") as client:

        def status(path: str, peer: str) -> int:
            return client.get(path, headers=from_peer(peer)).status_code

        assert [status(ECHO, peer) for peer in ("192.0.2.7", "203.0.113.1")] == [200, 200]
        for path in ("/admin", "/admin/audit", "/admin//audit", "/%61dmin/audit"):
            assert status(path, "203.0.113.1") == status(path, "192.0.2.7") == 403
            assert status(path, "192.0.2.8") in (200, 404)
        assert status("/administration", "203.0.113.1") == 404


@get(["/admin", "/admin/{rest:path}"], sync_to_thread=False)
def administration() -> None: ...


ROUTER = Litestar([administration]).asgi_router


def is_routed_to_administration(path: str) -> bool:
    """What Litestar itself makes of a path."""
    try:
        ROUTER.handle_routing(path=normalize_path(path), method="GET")
    except NotFoundException:
        return False
    return True


@given(st.text(st.sampled_from("/admin aA%61."), max_size=14))
@example("/admin/")
def test_no_spelling_gets_round_the_list_of_administration(path: str) -> None:
    assert is_admin(f"/{path}") or not is_routed_to_administration(f"/{path}")
    assert is_routed_to_administration("//admin//a")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("api.example.org", 200),
        ("API.Example.ORG:8443", 200),
        ("api.example.org.", 200),
        ("[2001:db8::1]:80", 200),
        ("example.org", 421),
        ("api.example.org.evil.test", 421),
        ("api.example.org@evil.test", 421),
        ("192.0.2.1", 421),
    ],
)
def test_hosts_that_are_served(host: str, status: int) -> None:
    with edge(hosts="api.example.org,[2001:db8::1]") as client:
        answer = client.get(ECHO, headers={"host": host})
        assert answer.status_code == status
        assert status == 200 or answer.json()["error"]["code"] == "HOST_UNKNOWN"
        assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("sent", ["", ":80", "a b:80:90", "[::1", "a:b"])
def test_what_is_no_host(sent: str) -> None:
    assert host_name(sent) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"trusted_proxies": "10.0.0.1/8"},
        {"allow": "everybody"},
        {"admin_deny": "1.2.3"},
        {"hosts": "*.example.org"},
        {"hosts": "example.org:443"},
    ],
)
def test_settings_that_mean_nothing_stop_the_start(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid):
        edge(**settings)


def test_https_is_believed_of_a_proxy_and_of_the_connection() -> None:
    with edge(**PROXY) as client:
        by_proxy = from_peer("10.0.0.1", x_forwarded_for="192.0.2.7", x_forwarded_proto="https")
        itself = {**from_peer("192.0.2.7"), SCHEME: "https"}
        made_up = from_peer("192.0.2.7", x_forwarded_proto="https")
        told = [client.get(ECHO, headers=sent) for sent in (by_proxy, itself, made_up)]
        assert [answer.json()["scheme"] for answer in told] == ["https", "https", "http"]
        found = ["strict-transport-security" in answer.headers for answer in told]
        assert found == [True, True, False]
