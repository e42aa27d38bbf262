"""docs/certificates.md draws the states as the rules have them, and its number can be read."""

from __future__ import annotations

import re
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from muster.application.access import PUBLIC_PERMISSIONS, Permission
from muster.domain.certificate_names import NameDisplay, displayed_name
from muster.domain.certificate_numbers import read_certificate_number
from muster.domain.certificates import (
    CertificateStatus,
    restored,
    revoked,
    successor_of,
    superseded,
    suspended,
)
from muster.domain.errors import IllegalState
from muster.domain.sessions import SessionStatus
from muster.http.shapes.certificates import VerifiedShape
from muster.testing.example_certificates import a_certificate, a_completed_booking
from muster.testing.examples import AN_INSTANT, a_zone, new_id
from tests.docs.markdown_tables import DOCS, rows_by_heading

PAGE = (DOCS / "certificates.md").read_text()
WHOLE = a_completed_booking(a_zone())
VOIDED = replace(
    WHOLE, sessions=(replace(WHOLE.sessions[0], status=SessionStatus.VOIDED), *WHOLE.sessions[1:])
)


def changes() -> set[tuple[str, str]]:
    """Every change of state that the rules allow."""
    found = {("[*]", "VALID")}
    for status in CertificateStatus:
        heir = new_id() if status is CertificateStatus.SUPERSEDED else None
        one = a_certificate(WHOLE, status=status, superseded_by=heir)
        after = [*suspended([one], AN_INSTANT), *restored(WHOLE, [one], AN_INSTANT)]
        with suppress(IllegalState):
            after.append(revoked(one, "Forged.", AN_INSTANT))
        with suppress(IllegalState):
            after.append(superseded(one, new_id(), AN_INSTANT))
        found |= {(status.value, then.status.value) for then in after if then.status is not status}
    for booking in (WHOLE, VOIDED):
        old = a_certificate(WHOLE)
        new = successor_of(old, booking, new_id(), "Torn.", AN_INSTANT, old.number)
        found.add(("[*]", new.status.value))
    return found


def test_the_diagram_is_what_the_rules_allow() -> None:
    drawn = set(re.findall(r"^ +(\S+) --> (\w+)", PAGE, re.MULTILINE))
    final = set(re.findall(r"^ +(\S+) --> \[\*\]", PAGE, re.MULTILINE))
    assert drawn == changes()
    assert final == {status.value for status in CertificateStatus} - {one for one, _ in drawn}


def test_the_answer_is_one() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    answer = msgspec.json.decode(shown, type=VerifiedShape)
    assert read_certificate_number(answer.number) == answer.number
    assert set(re.findall(r"CERT-[\w-]+", PAGE)) == {answer.number}


def test_the_names_are_shown_so() -> None:
    rows = rows_by_heading("certificates.md")["Who may verify, and what is shown"]
    told = dict(row for row in rows if len(row) == 2 and row[0] in NameDisplay.__members__)
    assert told == {
        display.value: displayed_name("Asha Rao", display) or "null" for display in NameDisplay
    }


def test_every_permission_is_told() -> None:
    known = {one.value for one in Permission if one.value.startswith("certificates:")}
    told = set(re.findall(r"`(certificates:\w+)`", PAGE))
    assert told == known - {one.value for one in PUBLIC_PERMISSIONS}
