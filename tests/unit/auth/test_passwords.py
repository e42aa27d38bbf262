"""What a password must be; and what nobody has to do to theirs."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_auth.errors import PasswordRefused, TooManyLogins
from muster_auth.fingerprints import agent_family
from muster_auth.hashing import PasswordHashing
from muster_auth.identifiers import canonical
from muster_auth.passwords import accepted_password
from muster_auth.settings import AuthSettings

CHEAP = AuthSettings(argon2_memory_kib=7168, argon2_passes=1, hash_threads=1, hash_queue=1)


def code(password: str, shortest: int = 15, about: tuple[str, ...] = ()) -> str | None:
    """The code of the only fault, if there is one."""
    try:
        accepted_password(password, shortest=shortest, about=about)
    except PasswordRefused as refused:
        (fault,) = refused.faults
        assert fault.path == "newPassword"
        return fault.code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "three green parrots sing",
        "onlylowercaselettersinit",
        "               x        ",
        "пароль на русском языке",
        "鸚鵡三隻綠色唱歌在樹上啊啊很好聽",
        "🦜🌳🎵 parrots in a tree",
        "parrots " * 16,
        "x" * 64 + "y" * 64,
    ],
)
def test_a_long_password_of_any_characters_will_do(password: str) -> None:
    assert code(password) is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("fourteen chars", "PASSWORD_TOO_SHORT"),
        ("ﬃﬃﬃﬃﬃ", "PASSWORD_COMMON"),
        ("three green\0 parrots sing", "PASSWORD_UNREADABLE"),
        ("three green \ud800 parrots", "PASSWORD_UNREADABLE"),
        ("parrot" * 200, "PASSWORD_TOO_LONG"),
        ("passwordpassword", "PASSWORD_COMMON"),
        ("PasswordPasswordPass", "PASSWORD_COMMON"),
        ("ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", "PASSWORD_COMMON"),
        ("aaaaaaaaaaaaaaaa", "PASSWORD_COMMON"),
        ("abc1abc1abc1abc1", "PASSWORD_COMMON"),
        ("abcdefghijklmnop", "PASSWORD_COMMON"),
        ("123456789012345", "PASSWORD_COMMON"),
        ("987654321098765", "PASSWORD_COMMON"),
        ("qwertyuiopasdfgh", "PASSWORD_COMMON"),
        ("meera.nair@example.in", "PASSWORD_ABOUT_OWNER"),
        ("MeeraNair-2026!", "PASSWORD_ABOUT_OWNER"),
        ("muster-muster-1!", "PASSWORD_ABOUT_OWNER"),
    ],
)
def test_what_is_guessed_first_will_not(password: str, fault: str) -> None:
    assert code(password, about=("meera.nair@example.in", "Meera Nair")) == fault


@pytest.mark.parametrize("password", ["iloveyou", "Baseball", "superman", "trustno1"])
def test_the_list_counts_where_shorter_ones_are_allowed(password: str) -> None:
    assert code(password, shortest=8) == "PASSWORD_COMMON"


@given(st.text(min_size=15, max_size=200))
def test_whatever_is_accepted_is_normal_and_whole(password: str) -> None:
    try:
        accepted = accepted_password(password, shortest=15, about=())
    except PasswordRefused:
        return
    assert accepted_password(accepted, shortest=15, about=()) == accepted
    accepted.encode()


@given(st.text(max_size=50))
def test_a_canonical_identifier_is_its_own(identifier: str) -> None:
    assert canonical(canonical(identifier)) == canonical(identifier)
    assert canonical(f"  {identifier.upper()}\n") == canonical(identifier.upper())


def test_a_hash_is_of_the_whole_password() -> None:
    async def run() -> None:
        hashing = PasswordHashing(CHEAP)
        long = "parrot " * 140
        async with hashing.turn() as turn:
            stored = await turn.hash(long)
            assert stored.startswith("$argon2id$v=19$m=7168,t=1,p=1$")
            assert await turn.verify(stored, long)
            assert not await turn.verify(stored, long[:-1])
            assert not await turn.verify(None, "nobody's password")
            assert not await turn.verify("no hash at all", long)
        assert not hashing.is_outdated(stored)
        assert PasswordHashing(AuthSettings()).is_outdated(stored)
        hashing.close()

    asyncio.run(run())


def test_the_defaults_are_those_of_owasp() -> None:
    async def run() -> str:
        hashing = PasswordHashing(AuthSettings())
        async with hashing.turn() as turn:
            return await turn.hash("three green parrots sing")

    assert "$m=19456,t=2,p=1$" in asyncio.run(run())


def test_whoever_would_wait_too_long_is_refused_at_once() -> None:
    async def run() -> None:
        hashing = PasswordHashing(CHEAP)
        entered = asyncio.Event()
        leave = asyncio.Event()

        async def stay() -> None:
            async with hashing.turn():
                entered.set()
                await leave.wait()

        first, second = asyncio.create_task(stay()), asyncio.create_task(stay())
        await entered.wait()
        with pytest.raises(TooManyLogins):
            async with hashing.turn():
                raise AssertionError("a third came in")
        leave.set()
        await asyncio.gather(first, second)
        async with hashing.turn():
            pass
        hashing.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"),
        ("Mozilla/5.0 … Chrome/141.0.0.0 Safari/537.36 Edg/141.0", "Edge"),
        ("Mozilla/5.0 … Chrome/141.0.0.0 Safari/537.36", "Chrome"),
        ("Mozilla/5.0 (iPhone …) Version/19.0 Mobile Safari/604.1", "Safari"),
        ("okhttp/5.1.0", "okhttp"),
        ("curl/8.9", "curl"),
        ("", "unknown"),
        ("\x00\xff", "unknown"),
    ],
)
def test_an_agent_is_known_without_its_version(agent: str, family: str) -> None:
    assert agent_family(agent) == family
