"""Where settings come from, and in which words each source writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Struct

from muster.plugin_api import setting
from muster.runtime.settings_sources import environment_values, fields_of, file_values, perhaps


class Section(Struct, frozen=True):
    size: Annotated[int, setting("How many.", ge=1)] = 1
    names: Annotated[tuple[str, ...], setting("Which.")] = ()
    choices: Annotated[dict[str, str] | None, setting("What for what.")] = None
    token: Annotated[str | None, setting("Shown to others.", env="THE_TOKEN", secret=True)] = None
    plain: int = 0


FIELDS = fields_of({"part": Section})


def test_a_variable_follows_from_the_section_unless_the_setting_names_it() -> None:
    assert set(FIELDS) == {
        "MUSTER_PART__SIZE",
        "MUSTER_PART__NAMES",
        "MUSTER_PART__CHOICES",
        "THE_TOKEN",
        "MUSTER_PART__PLAIN",
    }
    token = FIELDS["THE_TOKEN"]
    assert (token.path, token.hint, token.secret) == ("part.token", "Shown to others.", True)
    assert (FIELDS["MUSTER_PART__PLAIN"].hint, FIELDS["MUSTER_PART__PLAIN"].secret) == ("", False)


def test_lists_and_tables_are_separated_by_commas() -> None:
    values, strangers = environment_values(
        {"MUSTER_PART__NAMES": "a, b,,c ", "MUSTER_PART__CHOICES": "x=1, y = 2"}, FIELDS
    )
    assert values == {"part": {"names": ["a", "b", "c"], "choices": {"x": "1", "y": "2"}}}
    assert strangers == []


def test_an_empty_variable_is_not_set() -> None:
    assert environment_values({"MUSTER_PART__SIZE": "", "THE_TOKEN": ""}, FIELDS) == ({}, [])


def test_only_what_begins_like_a_setting_can_be_a_mistake() -> None:
    values, strangers = environment_values(
        {"MUSTER_PART__SIEZ": "3", "MUSTER_CONFIG": "file", "PATH": "/bin"}, FIELDS
    )
    assert values == {}
    assert strangers == [
        "MUSTER_PART__SIEZ: there is no such setting; did you mean MUSTER_PART__SIZE?"
    ]


def test_no_guess_is_better_than_a_bad_one() -> None:
    assert perhaps("colour", ["size", "names"]) == ""


def test_a_file_is_toml(tmp_path: Path) -> None:
    file = tmp_path / "muster.toml"
    file.write_text("[part]\nsize = 2\n")
    assert file_values(file) == {"part": {"size": 2}}
    with pytest.raises(OSError, match="No such file"):
        file_values(tmp_path / "none.toml")


def test_who_sets_the_usual_variable_of_a_setting_with_a_name_of_its_own_is_told_that() -> None:
    values, strangers = environment_values({"MUSTER_PART__TOKEN": "x"}, FIELDS)
    assert values == {}
    assert strangers == [
        "MUSTER_PART__TOKEN: this setting has a name that other tools know; set THE_TOKEN"
    ]
