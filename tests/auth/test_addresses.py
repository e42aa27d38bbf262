"""Failures are counted by address, too: whoever guesses at many accounts is locked at last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from muster.plugin_api import Caller
from muster_auth.authentication import Authentication
from muster_auth.networks import counted_network
from tests.auth.stage import Client, create, in_app, logged_in, refused, run
from tests.http.api import Api

MOST = "MUSTER_AUTH__LOCKOUT_ADDRESS_FAILURES"
POOL = {"MUSTER_POSTGRES__POOL_MAX_SIZE": "50"}


def guessed(url: str, addresses: Sequence[str | None], most: int) -> list[bool]:
    """Whether guesses at as many accounts were evaluated; all at once, all wrong."""

    async def guess(auth: Authentication, address: str | None) -> bool:
        attempt = await auth.workings.lockout.attempt(
            f"nobody {uuid4()}", Caller(None, "c", address)
        )
        if attempt is not None:
            await auth.workings.lockout.failed(attempt)
        return attempt is not None

    async def guesses(auth: Authentication) -> list[bool]:
        return await asyncio.gather(*(guess(auth, address) for address in addresses))

    return in_app(url, guesses, **{MOST: str(most), **POOL})


def test_no_more_than_so_many_are_evaluated(api: Api, database_url: str) -> None:
    assert sum(guessed(database_url, ["192.0.2.1"] * 100, most=15)) == 15
    assert not any(guessed(database_url, ["192.0.2.1", "::ffff:192.0.2.1"], most=15))
    assert all(guessed(database_url, ["192.0.2.2", None], most=15))


def test_a_household_shares_its_count(api: Api, database_url: str) -> None:
    household = [f"2001:db8::{number:x}" for number in range(100)]
    assert sum(guessed(database_url, household, most=15)) == 15
    assert all(guessed(database_url, ["2001:db8:0:1::1"], most=15))


def test_it_can_be_switched_off(api: Api, database_url: str) -> None:
    assert all(guessed(database_url, ["192.0.2.1"] * 50, most=0))
    assert not run(database_url, "SELECT FROM auth_failures WHERE address_hash IS NOT NULL")


def test_a_locked_address_is_answered_like_a_wrong_password(api: Api, database_url: str) -> None:
    create(database_url, "meera")
    inside = logged_in(api, "meera")
    wrong = Client(api).log_in("meera", "a wrong password is long")
    run(
        database_url,
        "INSERT INTO auth_failures (id, identifier_hash, at, settled, address_hash)"
        " SELECT gen_random_uuid(), '\\x00', now(), true, $1 FROM generate_series(1, 99)",
        counted_network("127.0.0.1"),
    )
    locked = Client(api).log_in("meera")
    assert refused(locked)
    assert locked.error["message"] == wrong.error["message"]
    assert inside.me().status == inside.refresh().status == 200
    run(database_url, "DELETE FROM auth_failures WHERE identifier_hash = '\\x00'")
    assert Client(api).log_in("meera").status == 200
