"""The settings of accounts and tokens."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from muster.plugin_api import setting

__all__ = ["AuthSettings"]


_Link = Annotated[str, Meta(pattern=r"^https?://.*\{token\}")]


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
    invitation_days: Annotated[
        int, setting("After how many days an invitation can be accepted no more.", ge=1, le=90)
    ] = 7
    invitation_link: Annotated[
        _Link | None,
        setting(
            "The page of the front end that accepts an invitation, with '{token}' where the token "
            "goes, best behind a '#'; unset, the token itself is mailed."
        ),
    ] = None
    password_reset_link: Annotated[_Link | None, setting("The same for a forgotten password.")] = (
        None
    )
    password_reset_minutes: Annotated[
        int,
        setting("For how many minutes a forgotten password can be replaced.", ge=5, le=1440),
    ] = 60
    password_resets_per_hour: Annotated[
        int,
        setting("How often in an hour that can be asked for one identifier.", ge=1, le=100),
    ] = 3
