"""The settings: defaults, and what cannot be meant."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from muster_trainer_http.settings import TrainerHttpSettings


def test_the_defaults() -> None:
    settings = TrainerHttpSettings()
    assert (settings.connect_seconds, settings.page_seconds, settings.question_seconds) == (1, 3, 8)
    assert (settings.snapshot_fresh_seconds, settings.snapshot_max_age_seconds) == (30, 900)
    assert (settings.page_limit, settings.max_body_bytes) == (500, 10_000_000)
    assert msgspec.convert({}, TrainerHttpSettings) == settings


@pytest.mark.parametrize(
    "url",
    [
        "http://trainers",
        "https://trainers.example.org/base/",
        "http://127.0.0.1:8100",
        "http://[::1]:8100",
    ],
)
def test_a_url_that_will_do(url: str) -> None:
    assert TrainerHttpSettings(url=url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "trainers.example.org",
        "ftp://trainers.example.org",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://host:0",
        "http://host:70000",
        "http://host:eighty",
        "http://[::1",
        "http://host/?a=b",
        "http://host/#top",
        "http://ho st/",
        "http://host/\r\nX: y",
        "http://user:hunter2@host/",
        "http://hunter2@host/",
    ],
)
def test_a_url_that_will_not(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as refused:
        TrainerHttpSettings(url=url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "naïve"])
def test_a_token_that_cannot_stand_in_a_header(token: str) -> None:
    with pytest.raises(ValueError, match="token") as refused:
        TrainerHttpSettings(token=token)
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize(
    "section",
    [
        {"page_limit": 501},
        {"page_limit": 0},
        {"connect_seconds": 0},
        {"question_seconds": -1},
        {"snapshot_max_age_seconds": -1},
        {"pool_size": 0},
        {"url": "nonsense"},
    ],
    ids=repr,
)
def test_a_section_out_of_range(section: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(section, TrainerHttpSettings)
