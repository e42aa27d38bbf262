"""Origins to the letter; preflights before anything is routed."""

from __future__ import annotations

import pytest

from muster.runtime.settings_tree import SettingsInvalid
from tests.unit.edge.asking import ECHO, edge, from_peer

APP = "https://app.example.org"
ORIGINS = f"{APP},http://localhost:5173"
STRANGERS = [
    "https://app.example.org.evil.test",
    "https://evil.app.example.org",
    "http://app.example.org",
    "https://app.example.org:8443",
    "HTTPS://APP.EXAMPLE.ORG",
    "null",
    "",
]
ASKING = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


def test_a_named_origin_may_read_answers() -> None:
    with edge(cors_origins=ORIGINS) as client:
        for path in (ECHO, "/nowhere"):
            answer = client.get(path, headers={"origin": APP})
            assert answer.headers["access-control-allow-origin"] == APP
            assert answer.headers["vary"] == "Origin"
            exposed = answer.headers["access-control-expose-headers"].split(", ")
            wanted = ["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Correlation-ID"]
            assert exposed == wanted
            assert "access-control-allow-credentials" not in answer.headers


def test_refusals_may_be_read_too() -> None:
    with edge(cors_origins=ORIGINS, limits="read=1/60") as client:
        answers = [client.get(ECHO, headers={"origin": APP}) for _ in range(2)]
    assert answers[1].status_code == 429
    assert answers[1].headers["access-control-allow-origin"] == APP


@pytest.mark.parametrize("stranger", STRANGERS)
def test_no_other_origin_may(stranger: str) -> None:
    with edge(cors_origins=ORIGINS, cors_credentials="true") as client:
        answer = client.get(ECHO, headers={"origin": stranger})
        asked = client.options(ECHO, headers={"origin": stranger, **ASKING})
    assert answer.status_code == 200
    assert asked.status_code == 204
    for one in (answer, asked):
        assert not [name for name in one.headers if name.startswith("access-control-")]
        assert "Origin" in one.headers["vary"]


def test_answers_without_an_origin_vary_too() -> None:
    with edge(cors_origins=ORIGINS) as client:
        assert client.get(ECHO).headers["vary"] == "Origin"


def test_preflights_are_answered_before_routing_and_counted_nowhere() -> None:
    with edge(cors_origins=ORIGINS, limits="read=1/60,write=1/60", cors_credentials="1") as client:
        for path in ("/v1/zones", "/nowhere", "/v1/zones"):
            answer = client.options(path, headers={"origin": APP, **ASKING})
            assert answer.status_code == 204
            assert answer.headers["access-control-allow-origin"] == APP
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert "POST" in answer.headers["access-control-allow-methods"].split(", ")
            allowed = answer.headers["access-control-allow-headers"].split(", ")
            assert {"Authorization", "Content-Type"} <= set(allowed)
            assert answer.headers["access-control-max-age"] == "600"
            assert answer.headers["vary"] == "Origin, Access-Control-Request-Method"
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("settings", "status"),
    [({"deny": "192.0.2.0/24"}, 403), ({"admin_deny": "192.0.2.7"}, 403), ({"hosts": "a"}, 421)],
)
def test_preflights_pass_the_gates_first(settings: dict[str, str], status: int) -> None:
    with edge(cors_origins=ORIGINS, **settings) as client:
        sent = {"origin": APP, **ASKING, **from_peer("192.0.2.7")}
        answer = client.options("/admin/audit", headers=sent)
        assert answer.status_code == status
        assert "access-control-allow-methods" not in answer.headers


def test_an_options_that_is_no_preflight_is_routed() -> None:
    with edge(cors_origins=ORIGINS) as client:
        assert "GET" in client.options("/v1/zones", headers={"origin": APP}).headers["allow"]


def test_without_origins_nothing_of_it_is_there() -> None:
    with edge() as client:
        answer = client.options("/v1/zones", headers={"origin": APP, **ASKING})
        assert "GET" in answer.headers["allow"]
        assert "vary" not in client.get(ECHO, headers={"origin": APP}).headers


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.example.org",
        "https://app.example.org/",
        "https://app.example.org/path",
        "https://app.example.org:443",
        "https://user@app.example.org",
        "https://app.example.org?x",
        "HTTPS://app.example.org",
        "https://App.example.org",
        "ftp://app.example.org",
        "app.example.org",
        "https://",
        "https://app.example.org:http",
        "https://müller.example",
    ],
)
def test_what_is_no_exact_origin_stops_the_start(origin: str) -> None:
    with pytest.raises(SettingsInvalid):
        edge(cors_origins=origin)


def test_ports_and_ipv6_are_origins() -> None:
    for origin in ("http://[::1]:8080", "https://10.0.0.1:8443"):
        with edge(cors_origins=origin) as client:
            answer = client.get(ECHO, headers={"origin": origin})
            assert answer.headers["access-control-allow-origin"] == origin
