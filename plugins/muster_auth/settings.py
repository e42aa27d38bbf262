"""The settings of accounts and tokens."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Struct

from muster.plugin_api import Role, setting
from muster_auth.sealed_secrets import decoded_key

__all__ = ["AuthSettings"]


_LINK = re.compile(r"https?://.*\{token\}.*")


class AuthSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long tokens live, what a password must be, and what guessing costs."""

    access_token_seconds: Annotated[
        int, setting("How long an access token lives, in seconds.", ge=30, le=3600)
    ] = 600
    refresh_grace_seconds: Annotated[
        float,
        setting(
            "For how many seconds a refresh token that was just used gets the same successor "
            "once more, so that two tabs may race; 0 is strict.",
            ge=0,
            le=60,
        ),
    ] = 10.0
    session_days: Annotated[
        int, setting("After how many days one has to log in again.", ge=1, le=366)
    ] = 30
    issuer: Annotated[
        str, setting("Who issues tokens, as their 'iss' says.", min_length=1, max_length=200)
    ] = "muster"
    audience: Annotated[
        str, setting("For whom tokens are, as their 'aud' says.", min_length=1, max_length=200)
    ] = "muster-api"
    password_min_length: Annotated[
        int, setting("The fewest characters of a new password.", ge=8, le=64)
    ] = 15
    password_min_length_with_second_factor: Annotated[
        int,
        setting("The same for an account that has a second factor.", ge=8, le=64),
    ] = 8
    require_second_factor: Annotated[
        tuple[Role, ...],
        setting("The roles whose accounts log in with a second factor only."),
    ] = ()
    secrets_key: Annotated[
        str | None,
        setting(
            "The key that seals secrets in the database, 32 bytes in base64; unset, one is made "
            "and kept in a file.",
            secret=True,
        ),
    ] = None
    older_secrets_keys: Annotated[
        tuple[str, ...],
        setting("Keys that sealed secrets before, which they still open.", secret=True),
    ] = ()
    secrets_key_file: Annotated[
        str | None,
        setting(
            "The file of the key while none is set, made where there is none; with the embedded "
            "PostgreSQL beside its data, else in a place of the user's by default."
        ),
    ] = None
    argon2_memory_kib: Annotated[
        int, setting("How much memory hashing a password takes, in KiB.", ge=7168, le=1_048_576)
    ] = 19_456
    argon2_passes: Annotated[
        int, setting("How often hashing a password goes over that memory.", ge=1, le=20)
    ] = 2
    argon2_lanes: Annotated[int, setting("How many lanes hashing a password has.", ge=1, le=8)] = 1
    hash_threads: Annotated[
        int, setting("How many passwords one process hashes at the same time.", ge=1, le=64)
    ] = 2
    hash_queue: Annotated[
        int, setting("How many more may wait for that; further ones are answered 429.", ge=0)
    ] = 32
    lockout_failures: Annotated[
        int,
        setting("After how many failed attempts in a while an identifier is locked.", ge=1, le=100),
    ] = 10
    lockout_minutes: Annotated[
        int, setting("How long a failed attempt counts, in minutes.", ge=1, le=1440)
    ] = 15
    api_key_days: Annotated[int, setting("The most days that an API key lives.", ge=1, le=3660)] = (
        366
    )
    api_key_overlap_seconds: Annotated[
        int,
        setting(
            "How long an API key lives beside its successor, in seconds, unless the rotation says.",
            ge=0,
            le=2_592_000,
        ),
    ] = 86_400
    lockout_address_failures: Annotated[
        int,
        setting(
            "After how many failed attempts in that while a client's address, of IPv6 its /64, "
            "is locked; 0 never.",
            ge=0,
        ),
    ] = 100
    invitation_days: Annotated[
        int, setting("After how many days an invitation can be accepted no more.", ge=1, le=90)
    ] = 7
    invitation_link: Annotated[
        str | None,
        setting(
            "The page of the front end that accepts an invitation, with '{token}' where the token "
            "goes, best behind a '#'; unset, the token itself is mailed."
        ),
    ] = None
    password_reset_link: Annotated[str | None, setting("The same for a forgotten password.")] = None
    password_reset_minutes: Annotated[
        int,
        setting("For how many minutes a forgotten password can be replaced.", ge=5, le=1440),
    ] = 60
    password_resets_per_hour: Annotated[
        int,
        setting("How often in an hour that can be asked for one identifier.", ge=1, le=100),
    ] = 3

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: A key cannot be used, which is not quoted; or a link leads nowhere.
        """
        for link in (self.invitation_link, self.password_reset_link):
            if link is not None and not _LINK.fullmatch(link):
                raise ValueError(f"{link!r} is no link; write https://… with '{{token}}' in it")
        for key in (self.secrets_key, *self.older_secrets_keys):
            if key is not None:
                decoded_key(key)

    def shortest_password(self, *, second_factor: bool) -> int:
        """Return the fewest characters of a new password.

        Args:
            second_factor: Whether the account has one.
        """
        if second_factor:
            return self.password_min_length_with_second_factor
        return self.password_min_length
