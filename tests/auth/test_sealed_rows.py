"""What is stored is sealed; a key that does not fit stops the start, and keys can be replaced."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from muster.plugin_api import CompositionError
from muster_auth.accounts import account_by_identifier
from muster_auth.authentication import Authentication
from muster_auth.sealed_secrets import decoded_key, key_id
from tests.auth.stage import SECRETS_KEY, create, in_app, logged_in, run
from tests.http.api import Api

OTHER_KEY = b64encode(b"another key that seals the tests").decode()
KEY, OLDER = "MUSTER_AUTH__SECRETS_KEY", "MUSTER_AUTH__OLDER_SECRETS_KEYS"
SEALED = """
    SELECT sealed_secret AS sealed FROM auth_second_factors
    UNION ALL SELECT sealed_private_key FROM auth_signing_keys
"""


async def nothing(auth: Authentication) -> None:
    """Start, and end."""


async def begin_enrolment(auth: Authentication) -> None:
    async with auth.workings.units() as unit:
        account = await account_by_identifier(unit.connection, "meera")
        assert account is not None
        await auth.own_second_factor._factors.begin(unit.connection, account)
        await unit.commit()


async def reseal(auth: Authentication) -> int:
    return await auth.sealed_rows.reseal()


async def signing_keys(auth: Authentication) -> set[str]:
    return {key.as_pem(private=True).decode() for key in (await auth.keys.present()).keys.values()}


@pytest.fixture
def stored(api: Api, database_url: str) -> list[Any]:
    """A signing key and the secret of somebody's second factor."""
    create(database_url, "meera")
    logged_in(api, "meera")
    in_app(database_url, begin_enrolment)
    rows = run(database_url, SEALED)
    assert len(rows) == 2
    return rows


def test_no_private_key_stands_in_the_clear(stored: list[Any], database_url: str) -> None:
    for row in stored:
        assert row["sealed"].startswith(key_id(decoded_key(SECRETS_KEY)))
    (row,) = run(database_url, "SELECT k::text AS told FROM auth_signing_keys AS k")
    assert "PRIVATE KEY" not in row["told"]
    assert b"PRIVATE KEY".hex() not in row["told"]


def test_a_key_that_does_not_fit_stops_the_start(stored: list[Any], database_url: str) -> None:
    with pytest.raises(CompositionError) as refusal:
        in_app(database_url, nothing, **{KEY: OTHER_KEY})
    told = str(refusal.value)
    assert KEY in told
    assert key_id(decoded_key(SECRETS_KEY)).hex() in told
    assert SECRETS_KEY not in told
    assert OTHER_KEY not in told
    assert run(database_url, SEALED) == stored


def test_a_key_is_replaced(stored: list[Any], database_url: str) -> None:
    before = in_app(database_url, signing_keys)
    both = {KEY: OTHER_KEY, OLDER: SECRETS_KEY}
    assert in_app(database_url, signing_keys, **both) == before
    assert in_app(database_url, reseal, **both) == 2
    assert in_app(database_url, reseal, **both) == 0
    assert in_app(database_url, signing_keys, **{KEY: OTHER_KEY}) == before
    with pytest.raises(CompositionError):
        in_app(database_url, nothing)
    # As the other tests of this module find it.
    assert in_app(database_url, reseal, **{KEY: SECRETS_KEY, OLDER: OTHER_KEY}) == 2
