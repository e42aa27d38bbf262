"""Refresh tokens: one successor however many ask, and death to what is older."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.auth.stage import Client, create, logged_in, refused, run
from tests.http.api import Api

OTHER_AGENT = "curl/8.9"
LATER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0"


def generation(url: str) -> int:
    (row,) = run(url, "SELECT generation FROM auth_sessions")
    found: int = row["generation"]
    return found


def dead(url: str) -> bool:
    (row,) = run(url, "SELECT ended_because FROM auth_sessions")
    return bool(row["ended_because"] == "reuse")


@pytest.fixture
def client(api: Api, database_url: str) -> Client:
    create(database_url, "meera")
    return logged_in(api, "meera")


def test_each_refresh_gives_a_new_token(client: Client, database_url: str) -> None:
    seen = {client.refresh_token}
    for _ in range(5):
        assert client.refresh().status == 200
        assert client.me().status == 200
        seen.add(client.refresh_token)
    assert len(seen) == 6
    assert generation(database_url) == 6


def test_no_token_is_stored(client: Client, database_url: str) -> None:
    tokens = {client.refresh_token}
    for _ in range(3):
        client.refresh()
        tokens.add(client.refresh_token)
    rows = run(database_url, "SELECT t::text AS told FROM auth_refresh_tokens AS t")
    assert len(rows) == 4
    for token in tokens:
        hidden = token.encode().hex()
        assert not any(token in row["told"] or hidden in row["told"] for row in rows)
    salts = run(database_url, "SELECT FROM auth_refresh_tokens WHERE successor_salt IS NOT NULL")
    assert len(salts) == 1, "only of the immediate predecessor is there anything left to derive"


def test_the_predecessor_gets_the_same_successor_for_a_while(
    client: Client, database_url: str
) -> None:
    first = client.refresh_token
    client.refresh()
    second = client.refresh_token
    for _ in range(3):
        assert client.refresh(first).status == 200
        assert client.refresh_token == second
        assert client.me().status == 200
    assert generation(database_url) == 2


def test_the_grace_is_never_renewed(client: Client, database_url: str) -> None:
    first = client.refresh_token
    client.refresh()
    client.refresh(first)
    assert client.me().status == 200
    run(database_url, "UPDATE auth_refresh_tokens SET used_at = used_at - interval '10.1 s'")
    assert refused(client.refresh(first))
    assert dead(database_url)
    assert refused(client.me())
    assert refused(client.refresh())


def test_what_is_older_ends_the_family(client: Client, database_url: str) -> None:
    """Three rotations in one second: the generation counts, no clock does."""
    first = client.refresh_token
    for _ in range(3):
        assert client.refresh().status == 200
    run(database_url, "UPDATE auth_refresh_tokens SET used_at = now() WHERE used_at IS NOT NULL")
    assert client.me().status == 200
    assert refused(client.refresh(first))
    assert dead(database_url)
    assert refused(client.me())
    assert refused(client.refresh())


def test_a_family_dies_alone(client: Client, api: Api, database_url: str) -> None:
    create(database_url, "another")
    other, same = logged_in(api, "another"), logged_in(api, "meera")
    first = client.refresh_token
    client.refresh()
    client.refresh()
    assert refused(client.refresh(first))
    assert refused(client.me())
    assert other.me().status == same.me().status == 200


@pytest.mark.parametrize(
    ("agent", "device"), [(OTHER_AGENT, "laptop"), (LATER_AGENT, "phone"), ("", "")]
)
def test_another_client_is_reuse(
    client: Client, api: Api, database_url: str, agent: str, device: str
) -> None:
    thief = Client(api, agent, device)
    assert refused(thief.refresh(client.refresh_token))
    assert dead(database_url)
    assert refused(client.refresh())


def test_another_client_is_reuse_within_the_grace(
    client: Client, api: Api, database_url: str
) -> None:
    first = client.refresh_token
    client.refresh()
    assert refused(Client(api, OTHER_AGENT).refresh(first))
    assert dead(database_url)


def test_an_update_of_the_browser_is_no_other_client(client: Client, api: Api) -> None:
    later = Client(api, LATER_AGENT)
    assert later.refresh(client.refresh_token).status == 200


@pytest.mark.parametrize("token", ["x", "mr_" + "A" * 43, "a.b.c", "nul\0", "ü"])
def test_what_was_never_a_token_ends_nothing(client: Client, token: str) -> None:
    assert refused(Client(client.api).refresh(token))
    assert client.refresh().status == 200


def test_many_at_once_on_one_server(client: Client, database_url: str) -> None:
    first = client.refresh_token

    def refreshed(_: int) -> str:
        racer = Client(client.api)
        answer = racer.refresh(first)
        assert answer.status == 200, answer
        return racer.refresh_token

    with ThreadPoolExecutor(20) as threads:
        assert len(set(threads.map(refreshed, range(40)))) == 1
    assert generation(database_url) == 2
