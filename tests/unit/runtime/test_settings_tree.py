"""The whole tree of settings: merged, validated at once, shown without secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Struct

from muster.plugin_api import CompositionError, setting
from muster.runtime.settings import HttpSettings
from muster.runtime.settings_tree import SettingsInvalid, core_sections, load_settings


class Plug(Struct, frozen=True):
    """A plugin's section, of a plugin that forgot to forbid unknown fields."""

    password: Annotated[str | None, setting("Opens the door", env="PLUG_PASSWORD", secret=True)] = (
        None
    )
    first: int = 1
    last: int = 2

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("first must not be above last")


SECTIONS: dict[str, type[Struct]] = {**core_sections(), "plug": Plug}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(environ, SECTIONS)
    assert str(refused.value) == "\n".join(refused.value.faults)
    return refused.value.faults


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "muster.toml"


def test_the_environment_goes_before_the_file_and_that_before_defaults(file: Path) -> None:
    file.write_text("[http]\nport = 1000\nworkers = 3\n")
    tree = load_settings({"MUSTER_CONFIG": str(file), "MUSTER_HTTP__PORT": "2000"}, SECTIONS)
    assert (tree.core.http.port, tree.core.http.workers) == (2000, 3)
    assert tree.core.http.host == HttpSettings().host
    sources = {shown.path: shown.source for shown in tree.show()}
    assert sources["http.port"] == "environment"
    assert sources["http.workers"] == str(file)
    assert sources["http.host"] == "default"


def test_every_fault_is_told_at_once_with_name_and_hint() -> None:
    assert faults(
        {
            "MUSTER_HTTP__PORT": "many",
            "MUSTER_HTTP__WORKERS": "0",
            "MUSTER_LOG__LEVEL": "LOUD",
            "MUSTER_LOG__LEVLE": "INFO",
            "MUSTER_ACCESS__OPEN": "sometimes",
        }
    ) == [
        "MUSTER_ACCESS__OPEN (access.open): Invalid enum value 'sometimes'. Who has every "
        "permission while no enabled plugin authenticates: 'loopback' (a server that listens on "
        "loopback only, else it does not start), 'everywhere' or 'nobody'.",
        "MUSTER_HTTP__PORT (http.port): Expected `int`, got `str`. "
        "Port to listen on; 0 picks a free one.",
        "MUSTER_HTTP__WORKERS (http.workers): Expected `int` >= 1. Server processes.",
        "MUSTER_LOG__LEVEL (log.level): This is not of the form that the field asks for. "
        "Least severe level logged: DEBUG, INFO, WARNING or ERROR.",
        "MUSTER_LOG__LEVLE: there is no such setting; did you mean MUSTER_LOG__LEVEL?",
    ]


def test_what_concerns_a_whole_section_is_told_by_its_name() -> None:
    assert faults({"MUSTER_PLUG__FIRST": "3"}) == ["plug: first must not be above last"]


def test_what_the_file_must_not_hold(file: Path) -> None:
    file.write_text(
        "loose = 1\n[http]\nprot = 1\n[nobody]\nsize = 1\n[plug]\nfrist = 1\nlast = 'x'\n"
    )
    assert faults({"MUSTER_CONFIG": str(file)}) == [
        "MUSTER_PLUG__LAST (plug.last): Expected `int`, got `str`.",
        "http.prot: there is no such setting; did you mean http.port?",
        f"loose: stands outside of a section in {file}",
        f"nobody: there is no such section in {file}",
        "plug.frist: there is no such setting; did you mean plug.first?",
    ]


def test_a_file_that_cannot_be_read(file: Path) -> None:
    assert faults({"MUSTER_CONFIG": str(file)}) == [
        f"MUSTER_CONFIG: {file} cannot be read (No such file or directory)"
    ]
    file.write_text("[http\n")
    (told,) = faults({"MUSTER_CONFIG": str(file)})
    assert told.startswith(f"MUSTER_CONFIG: {file} is no TOML (")


def test_strangers_are_passed_over_while_plugins_are_to_be_found(file: Path) -> None:
    file.write_text("[nobody]\nsize = 1\n")
    environ = {"MUSTER_CONFIG": str(file), "MUSTER_NOBODY__SIZE": "1"}
    load_settings(environ, core_sections(), ignore_unknown=True)


def test_secrets_are_shown_to_nobody() -> None:
    tree = load_settings({"PLUG_PASSWORD": "sesame"}, SECTIONS)
    shown = {one.path: one for one in tree.show()}
    assert shown["plug.password"].value == "********"
    assert shown["plug.password"].variable == "PLUG_PASSWORD"
    assert b"sesame" not in msgspec.json.encode(list(shown.values()))
    unset = {one.path: one.value for one in load_settings({}, SECTIONS).show()}
    assert unset["plug.password"] == "null"


def test_a_place_can_be_set() -> None:
    tree = load_settings({"MUSTER_EMBEDDED__DATA_DIRECTORY": "/srv/muster"}, SECTIONS)
    assert tree.core.embedded.data_directory == "/srv/muster"


def test_a_section_is_found_by_its_type() -> None:
    tree = load_settings({"MUSTER_PLUG__LAST": "5"}, SECTIONS)
    assert tree.section(Plug).last == 5

    class Stranger(Struct):
        pass

    with pytest.raises(CompositionError, match="No enabled plugin has settings of the type Stran"):
        tree.section(Stranger)
