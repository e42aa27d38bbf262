"""Tokens say by their beginning what they are for, and are known in a log by their shape."""

from __future__ import annotations

from muster.plugin_api import redacted_text
from muster_auth.accounts import account_by_id
from muster_auth.authentication import Authentication
from muster_auth.mailed_tokens import TokenPurpose, mailed_token
from muster_auth.pending_logins import PendingLogins
from muster_auth.refresh_tokens import TOKEN_BITS, first_token
from tests.auth.stage import create, in_app


def test_each_begins_in_its_own_way_and_a_log_tells_no_more_of_it(clean_database: str) -> None:
    account_id = create(clean_database, "meera")

    async def tokens(auth: Authentication) -> list[str]:
        clock, entropy = auth.workings.clock, auth.workings.entropy
        async with auth.workings.units() as unit:
            account = await account_by_id(unit.connection, account_id)
            assert account is not None
            waiting = await PendingLogins(clock, entropy).begin(unit.connection, account)
        mailed = [mailed_token(purpose, entropy) for purpose in TokenPurpose]
        return [first_token(entropy.bits(TOKEN_BITS)), waiting, *mailed]

    found = in_app(clean_database, tokens)
    assert [token[:3] for token in found] == ["mr_", "mw_", "mi_", "mp_"]
    for token in found:
        told = redacted_text(f"opened https://muster.example/#{token}, it says")
        assert told == f"opened https://muster.example/#{token[:3]}[redacted], it says"
