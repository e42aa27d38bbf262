"""The settings of the trainer directory over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from muster.plugin_api import setting

__all__ = ["TrainerHttpSettings"]


class TrainerHttpSettings(Struct, frozen=True, kw_only=True):
    """Where the trainer service is, how long it may take, how long its answers are used."""

    url: Annotated[
        str | None,
        setting(
            "Where the trainer service is, http or https, without credentials; "
            "unset starts the sample service",
            env="TRAINER_SERVICE_URL",
        ),
    ] = None
    token: Annotated[
        str | None,
        setting(
            "The bearer token that Muster shows to the trainer service",
            env="TRAINER_SERVICE_TOKEN",
            secret=True,
        ),
    ] = None
    dialect: Annotated[
        Literal["bulk", "listing"],
        setting(
            "Which of its two contracts the trainer service speaks", env="TRAINER_SERVICE_DIALECT"
        ),
    ] = "bulk"
    snapshot_fresh_seconds: Annotated[
        float,
        setting(
            "For how many seconds an answer is used without asking again; "
            "never longer than its greatest age",
            env="TRAINER_SNAPSHOT_FRESH",
            ge=0,
            le=86_400,
        ),
    ] = 30
    snapshot_max_age_seconds: Annotated[
        float,
        setting(
            "How many seconds old an answer may be while the service cannot be asked",
            env="TRAINER_SNAPSHOT_MAX_AGE",
            ge=0,
            le=604_800,
        ),
    ] = 900
    refresh_asked_within_seconds: Annotated[
        float,
        setting(
            "For how many seconds after it was asked a question's answer is kept young by a job; "
            "0 is never",
            ge=0,
            le=604_800,
        ),
    ] = 3_600
    refresh_after_seconds: Annotated[
        float,
        setting(
            "How many seconds old an answer is when the job asks anew; "
            "never more than half of the greatest age",
            gt=0,
            le=604_800,
        ),
    ] = 300
    refresh_questions: Annotated[
        int, setting("How many questions one run of that job asks at most", ge=1, le=10_000)
    ] = 100
    refresh_at_once: Annotated[
        int, setting("How many questions that job asks at the same time", ge=1, le=100)
    ] = 4
    connect_seconds: Annotated[
        float, setting("How many seconds a connection may take to open", gt=0, le=60)
    ] = 1
    page_seconds: Annotated[
        float, setting("How many seconds one call may take, to its last byte", gt=0, le=60)
    ] = 3
    question_seconds: Annotated[
        float, setting("How many seconds all calls of one question may take", gt=0, le=120)
    ] = 8
    retries: Annotated[
        int, setting("How often a call that failed in passing is made again", ge=0, le=10)
    ] = 3
    retry_seconds: Annotated[
        float,
        setting(
            "How many seconds to wait at most before the first retry, then twice as many",
            ge=0,
            le=60,
        ),
    ] = 0.2
    breaker_failures: Annotated[
        int,
        setting("After how many failed questions in a row the service is left alone", ge=1),
    ] = 5
    breaker_seconds: Annotated[
        float,
        setting("For how many seconds it is left alone before one question tries", gt=0, le=3_600),
    ] = 10
    page_limit: Annotated[int, setting("How many trainers one call asks for", ge=1, le=500)] = 500
    detail_calls: Annotated[
        int, setting("How many details the listing dialect asks for at the same time", ge=1, le=100)
    ] = 8
    max_trainers: Annotated[
        int, setting("More trainers than this in one answer are not believed", ge=1)
    ] = 50_000
    max_body_bytes: Annotated[int, setting("How many bytes of one response are read", ge=1_000)] = (
        10_000_000
    )
    pool_size: Annotated[
        int, setting("How many connections to the trainer service may be open", ge=1, le=1_000)
    ] = 20
    process_copy_trainers: Annotated[
        int, setting("How many trainers of remembered answers a process holds in memory", ge=0)
    ] = 20_000
    store_seconds: Annotated[
        float,
        setting("How many seconds to wait for the stored answers before going on", gt=0, le=60),
    ] = 1

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: The URL or the token cannot be used; neither is quoted.
        """
        if self.url is not None:
            _check_url(self.url)
        if self.token is not None and not _can_stand_in_a_header(self.token):
            raise ValueError("the token must be visible ASCII characters, without spaces")


def _check_url(url: str) -> None:
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the URL must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the URL must not hold credentials; they go into the token")
    if parts.query or parts.fragment:
        raise ValueError("the URL must end with its path, without ? and #")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = url.isascii() and url.isprintable() and " " not in url and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("this is not a URL, or its port is not from 1 to 65535")
    return parts


def _can_stand_in_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable() and token != "" and " " not in token
