"""docs/events.md lists every event with its fields."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import fields

from muster.domain import events
from muster.domain.events import Event
from muster.ports.journal import RecordedEvent
from muster.runtime.cli.events_command import events as commands
from tests.docs.markdown_tables import rows_by_heading, text_by_heading

EVENTS = {event.__name__: event for event in get_args(Event)}
EVERY_EVENT = pytest.mark.parametrize("name", sorted(EVENTS))


def test_no_event_is_left_out_of_the_union() -> None:
    defined = {
        name
        for name, value in vars(events).items()
        if isinstance(value, type)
        and issubclass(value, Struct)
        and value.__module__ == events.__name__
    }
    assert defined == EVENTS.keys()


def test_the_sections_are_the_events() -> None:
    sections = list(rows_by_heading("events.md"))
    about = ["Events", "What stands around an event", "Parked events", "Replays"]
    assert sections[:4] == about
    assert sections[4:] == list(EVENTS)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [("Parked events", ["parked", "retry", "drop"]), ("Replays", ["replay", "status"])],
)
def test_the_commands(heading: str, expected: list[str]) -> None:
    documented = [command for command, _ in rows_by_heading("events.md")[heading]]
    assert [command.split()[2] for command in documented] == expected
    assert set(expected) <= set(commands.commands)


def test_no_command_is_left_out() -> None:
    assert set(commands.commands) == {"parked", "retry", "drop", "replay", "status"}


@EVERY_EVENT
def test_an_event_is_described_as_its_code_says(name: str) -> None:
    docstring = EVENTS[name].__doc__
    assert docstring
    assert text_by_heading("events.md")[name].strip() == docstring


@EVERY_EVENT
def test_the_fields_of_an_event(name: str) -> None:
    documented = [field for field, _ in rows_by_heading("events.md")[name]]
    assert documented == [field.encode_name for field in fields(EVENTS[name])]


def test_the_fields_around_an_event() -> None:
    documented = [field for field, _ in rows_by_heading("events.md")["What stands around an event"]]
    assert documented == [field.name for field in fields(RecordedEvent)]


@EVERY_EVENT
def test_an_event_carries_no_names(name: str) -> None:
    """Identifiers and outcomes only: nothing here is somebody's name or address."""
    components = msgspec.json.schema_components([EVENTS[name]])[1]
    for field, schema in components[name]["properties"].items():
        is_outcome = field in ("event", "version") or "$ref" in schema
        assert is_outcome or field.endswith("_id"), field
