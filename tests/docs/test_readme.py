"""README: its requests can be sent, its answer has the shape of an answer, its links lead."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from muster.http.body import read_json
from muster.http.shapes.bookings import BookingShape
from muster.http.shapes.purchases import NewBooking
from muster.http.shapes.zones import NewZone

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
A_DATE = "2026-12-01"


def test_the_requests_can_be_sent() -> None:
    shell = re.sub(r"'\$\(.*?\)'", A_DATE, README)
    zone, booking = re.findall(r"-d '(\{.*?\})'", shell, re.DOTALL)
    assert read_json(zone.encode(), NewZone).name == "Vijayawada"
    assert str(read_json(booking.encode(), NewBooking).start_date) == A_DATE


def test_the_answer_has_the_shape_of_an_answer() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    answer = msgspec.json.decode(shown, type=BookingShape)
    assert answer.status.value == "ASSIGNED"
    known = {field.encode_name for field in msgspec.structs.fields(BookingShape)}
    assert json.loads(shown).keys() <= known


def test_its_two_commands_are_one_line_each() -> None:
    commands = re.findall(r"^pip .*$", README, re.MULTILINE)
    assert [command.rpartition(" && ")[2] for command in commands] == ["just demo", "just test"]


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 5
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
