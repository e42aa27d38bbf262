"""Which windows a request falls into, and what is told of them, on a whole app."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.runtime.settings_tree import SettingsInvalid
from muster.testing import make_app
from muster_edge.counters import Charge
from muster_edge.limit_table import DEFAULT_LIMITS, Limit, LimitName, limit_table
from muster_edge.limits import address_key
from muster_edge.plugin import EdgePlugin
from muster_edge.process_counters import ProcessCounters
from tests.unit.edge.asking import ECHO, edge, from_peer

OFF = dict.fromkeys(DEFAULT_LIMITS, "off")


def limits(**chosen: str) -> str:
    return ",".join(f"{name}={value}" for name, value in {**OFF, **chosen}.items())


def test_headers_tell_the_policy_and_what_is_left() -> None:
    with edge(limits=limits(read="2/60", everything="5/3600")) as client:
        answers = [client.get(ECHO) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    for answer, left in zip(answers, [(1, 4), (0, 3), (0, 3)], strict=True):
        policy = answer.headers["ratelimit-policy"]
        assert policy == '"read";q=2;w=60, "everything";q=5;w=3600'
        read, everything = answer.headers["ratelimit"].split(", ")
        assert read.startswith(f'"read";r={left[0]};t=')
        assert 1 <= int(read.rpartition("=")[2]) <= 60
        assert everything.startswith(f'"everything";r={left[1]};t=')
    refused = answers[-1]
    error = refused.json()["error"]
    assert (error["code"], error["retryable"]) == ("RATE_LIMITED", True)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert error["correlationId"] == refused.headers["x-correlation-id"]


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("login", "POST", "/plugins/auth/login"),
        ("login", "POST", "/plugins/auth/invitations/accept"),
        ("write", "POST", "/plugins/auth/accounts/invite"),
        ("write", "POST", "/plugins/auth/keys"),
        ("verify", "GET", "/v1/certificates/MU-1"),
        ("verify", "GET", "/v1//certificates/MU-1/"),
        ("read", "GET", "/v1/certificates/MU-1/more"),
        ("read", "GET", "/nowhere"),
        ("read", "HEAD", "/v1/zones"),
        ("write", "POST", "/v1/certificates/MU-1/revoke"),
        ("write", "POST", "/v1/zones"),
        ("write", "DELETE", "/v1/zones/1"),
        ("write", "PUT", "/v1/authors"),
    ],
)
def test_each_class_has_its_own_window(name: str, method: str, path: str) -> None:
    others = {other: "1/60" for other in ("login", "verify", "read", "write") if other != name}
    with edge(limits=limits(**others)) as client:
        answers = [client.request(method, path) for _ in range(3)]
        assert 429 not in {answer.status_code for answer in answers}
    with edge(limits=limits(**{name: "1/60"})) as client:
        assert client.request(method, path).status_code != 429
        assert client.request(method, path).status_code == 429


def test_callers_are_told_apart_by_token_and_else_by_address() -> None:
    one, other = from_peer("192.0.2.1"), from_peer("192.0.2.2")
    with edge(limits=limits(read="1/60")) as client:

        def status(sent: Mapping[str, str]) -> int:
            return client.get(ECHO, headers=sent).status_code

        assert [status(one), status(one), status(other)] == [200, 429, 200]
        token = {"authorization": "Bearer a"}
        assert [status({**one, **token}), status({**other, **token})] == [200, 429]
        assert status({**other, "authorization": "Bearer b"}) == 200


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [("login", "POST", "/plugins/auth/login"), ("verify", "GET", "/v1/certificates/MU-1")],
)
def test_made_up_tokens_open_no_window_where_anybody_may_ask(
    name: str, method: str, path: str
) -> None:
    with edge(limits=limits(**{name: "3/60"})) as client:
        statuses = [
            client.request(method, path, headers={"authorization": f"Bearer {number}"}).status_code
            for number in range(5)
        ]
    assert [status == 429 for status in statuses] == [False] * 3 + [True] * 2


def test_an_address_has_a_ceiling_whatever_tokens_it_shows() -> None:
    with edge(limits=limits(address="3/60")) as client:
        statuses = [
            client.get(
                ECHO, headers=from_peer("192.0.2.1", authorization=f"Bearer {number}")
            ).status_code
            for number in range(5)
        ]
        assert statuses == [200, 200, 200, 429, 429]
        assert client.get(ECHO, headers=from_peer("192.0.2.2")).status_code == 200


def test_spoofed_addresses_open_no_window() -> None:
    with edge(limits=limits(read="2/60"), trusted_proxies="10.0.0.0/8") as client:
        statuses = [
            client.get(
                ECHO, headers=from_peer(peer, x_forwarded_for=f"198.51.100.{number}, 192.0.2.1")
            ).status_code
            for number, peer in enumerate(["10.0.0.1", "10.9.9.9", "10.0.0.1"])
        ]
        assert statuses == [200, 200, 429]
        direct = [
            client.get(ECHO, headers=from_peer("203.0.113.1", x_forwarded_for=f"1.1.1.{number}"))
            for number in range(3)
        ]
        assert [answer.status_code for answer in direct] == [200, 200, 429]


def test_a_flood_of_errors_closes_the_door_for_a_while() -> None:
    one, other = from_peer("192.0.2.1"), from_peer("192.0.2.2")
    with edge(limits=limits(errors="3/60")) as client:

        def status(path: str, sent: Mapping[str, str]) -> int:
            return client.get(path, headers=sent).status_code

        assert [status(ECHO, one) for _ in range(5)] == [200] * 5
        assert [status("/nowhere", one) for _ in range(4)] == [404] * 3 + [429]
        assert (status(ECHO, one), status(ECHO, other)) == (429, 200)


def test_what_operators_ask_is_never_limited() -> None:
    with edge(limits=limits(read="1/60", address="1/60", errors="1/60")) as client:
        for path in ("/health", "/ready", "/metrics"):
            answers = [client.get(path) for _ in range(3)]
            assert 429 not in {answer.status_code for answer in answers}
            assert "ratelimit" not in answers[0].headers


def test_a_table_may_be_changed_in_part() -> None:
    table = limit_table({"read": "7/8", "address": "off"})
    assert table[LimitName.READ] == Limit(7, 8)
    assert LimitName.ADDRESS not in table
    assert table[LimitName.LOGIN] == Limit(20, 60)


@pytest.mark.parametrize("wrong", ["reads=1/60", "read=0/60", "read=1/0", "read=1", "read=-1/60"])
def test_a_table_that_means_nothing_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingsInvalid):
        edge(limits=wrong)


def test_what_is_no_url_of_redis_stops_the_start_and_is_not_repeated() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        make_app([EdgePlugin], {"REDIS_URL": "http://:hidden@redis.test"})
    assert "redis://" in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_a_network_of_ipv6_is_one_address() -> None:
    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1") != address_key("192.0.2.2")
    assert address_key(None) == address_key("no address")


KNOWN = {"a": Limit(1, 2), "b": Limit(2, 5), "c": Limit(3, 10)}
steps = st.tuples(
    st.sampled_from([0.0, 1.0, 2.5, 10.0]),
    st.dictionaries(st.sampled_from(sorted(KNOWN)), st.integers(0, 1), min_size=1),
)


@given(st.lists(steps, max_size=40))
def test_process_windows_are_as_the_instants_of_requests_say(
    history: list[tuple[float, dict[str, int]]],
) -> None:
    """The oracle keeps the instants that counted, and finds the open window anew each time."""
    now = 0.0
    counters = ProcessCounters(lambda: now)
    counted: dict[str, list[float]] = {key: [] for key in KNOWN}

    def in_window(key: str) -> list[float]:
        window: list[float] = []
        for instant in counted[key]:
            if window and instant >= window[0] + KNOWN[key].seconds:
                window = []
            window.append(instant)
        return window if window and now < window[0] + KNOWN[key].seconds else []

    for pause, costs in history:
        now += pause
        passes = all(len(in_window(key)) < KNOWN[key].requests for key in costs)
        for key, cost in costs.items():
            counted[key] += [now] * (cost if passes else 0)
        charges = [Charge(key, KNOWN[key], cost) for key, cost in costs.items()]
        tally = asyncio.run(counters.charge(charges))
        assert tally.passed == passes
        assert [count.used for count in tally.counts] == [len(in_window(key)) for key in costs]


def test_no_number_of_addresses_is_too_much_to_remember() -> None:
    now = 0.0
    counters = ProcessCounters(lambda: now, most_windows=100)

    async def charge(number: int) -> None:
        await counters.charge([Charge(str(number), KNOWN["c"])])

    for number in range(1_000):
        asyncio.run(charge(number))
        assert len(counters) <= 100
    assert asyncio.run(counters.charge([Charge("999", KNOWN["c"], 0)])).counts[0].used == 1
    now = 11.0
    for number in range(1_000, 1_060):
        asyncio.run(charge(number))
    assert len(counters) <= 100
