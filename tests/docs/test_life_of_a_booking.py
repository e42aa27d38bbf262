"""docs/life-of-a-booking.md draws the states as the rules have them, and names what there is."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec
from msgspec.structs import replace

from muster.application.access import Permission
from muster.application.cancel_booking import CancelsBooking
from muster.application.make_up_session import MakesUpSession
from muster.application.move_session import ReschedulesSession
from muster.application.offers import OffersStranded
from muster.application.reassign_booking import ReassignsBooking
from muster.application.retry_booking import RetriesBooking
from muster.application.session_outcomes import (
    CancelsSession,
    CompletesSession,
    MarksNoShow,
    RestoresSession,
    VoidsSession,
)
from muster.application.swap_trainers import SwapsTrainers
from muster.application.trainer_blocks import BlocksTrainer
from muster.application.use_case import CommandCase
from muster.domain.bookings import BookingStatus
from muster.domain.lifecycle import (
    WAITING,
    altered,
    assigned,
    cancelled,
    expired,
    outcome_of,
)
from muster.domain.receipts import ReceiptKind
from muster.domain.session_life import LIFE, SessionCommand
from muster.domain.sessions import SESSIONS_WITHOUT_SLOT, SessionStatus
from muster.http.catalogue import CATALOGUE
from muster.http.shapes.blocks import NewBlock
from muster.testing.examples import AN_INSTANT, a_booking, a_zone, new_id
from tests.docs.markdown_tables import DOCS, rows_by_heading
from tests.http.test_openapi import OPERATIONS

PAGE = (DOCS / "life-of-a-booking.md").read_text()
ROWS = rows_by_heading("life-of-a-booking.md")
OF_SESSIONS, OF_BOOKINGS = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
LATER = AN_INSTANT + timedelta(days=400)

# These change the time or the trainer of a session that stays as it is.
WITHIN_A_STATE = {SessionCommand.HAND_OVER, SessionCommand.MOVE}

CASES: dict[str, type[CommandCase[Any, Any]]] = {
    "POST /v1/sessions/{id}/complete": CompletesSession,
    "POST /v1/sessions/{id}/no-show": MarksNoShow,
    "POST /v1/sessions/{id}/cancel": CancelsSession,
    "POST /v1/sessions/{id}/void": VoidsSession,
    "POST /v1/sessions/{id}/restore": RestoresSession,
    "POST /v1/sessions/{id}/reschedule": ReschedulesSession,
    "POST /v1/sessions/{id}/make-up": MakesUpSession,
    "POST /v1/bookings/{id}/reassign": ReassignsBooking,
    "POST /v1/bookings/{id}/swap": SwapsTrainers,
    "POST /v1/bookings/{id}/offer": OffersStranded,
    "POST /v1/bookings/{id}/retry": RetriesBooking,
    "POST /v1/bookings/{id}/cancel": CancelsBooking,
    "POST /v1/trainers/{id}/blocks": BlocksTrainer,
}


def drawn(diagram: str) -> set[tuple[str, str, str]]:
    """The arrows of a diagram between states."""
    return set(re.findall(r"^ +(\S+) --> (\w+): (.+)$", diagram, re.MULTILINE))


def ends(diagram: str) -> set[str]:
    return set(re.findall(r"^ +(\w+) --> \[\*\]$", diagram, re.MULTILINE))


def test_sessions_live_as_drawn() -> None:
    arrows: dict[tuple[str, str], set[str]] = {}
    for before, commands in LIFE.items():
        for command, after in commands.items():
            if after is not before or command in WITHIN_A_STATE:
                arrows.setdefault((before.value, after.value), set()).add(command.value)
    assert {(one, two): set(by.split(", ")) for one, two, by in drawn(OF_SESSIONS)} == arrows
    assert ends(OF_SESSIONS) == {state.value for state, commands in LIFE.items() if not commands}


def test_sessions_have_slots_as_told() -> None:
    told = {row[0]: row[1] for row in ROWS["A session"]}
    without = {state.value for state in SESSIONS_WITHOUT_SLOT}
    assert told.keys() == {state.value for state in SessionStatus}
    assert {state for state, slot in told.items() if slot == "no"} == without
    assert {state for state, slot in told.items() if slot == "as before"} == {"REPLACED"}


def changes_of_bookings() -> set[tuple[str, str]]:
    """Every change of a booking's state that the rules allow."""
    found: set[tuple[BookingStatus | None, BookingStatus]] = {
        (None, outcome_of(served=served, known=known, found=is_found))
        for served, known, is_found in product((True, False), repeat=3)
    }
    unserved = a_booking(None)
    waiting = [a_booking(a_zone(), status=status) for status in WAITING]
    for booking in (unserved, *waiting, a_booking(a_zone(), trainer_id=new_id())):
        found.add((booking.status, cancelled(booking, AN_INSTANT).status))
    for booking in waiting:
        found.add((booking.status, expired(booking, LATER).status))
        found.add((booking.status, assigned(booking, new_id(), "Meera Rao").status))
    # Who was pending is in the line once somebody can be asked.
    found.add((BookingStatus.PENDING, outcome_of(served=True, known=True, found=False)))
    for one, other in product(set(SessionStatus) - {SessionStatus.PLANNED}, repeat=2):
        found |= changes_by_a_session(one, other)
    return {(one.value if one else "[*]", two.value) for one, two in found if one is not two}


def changes_by_a_session(
    first: SessionStatus, second: SessionStatus
) -> set[tuple[BookingStatus, BookingStatus]]:
    """What commands to the first of two sessions make of their booking."""
    booking = a_booking(a_zone(), trainer_id=new_id())
    one, other = booking.sessions[0], replace(booking.sessions[1], status=second)
    unlike = next(state for state in SessionStatus if state is not first)
    bare = replace(booking, sessions=(replace(one, status=unlike), other))
    before = altered(bare, [replace(one, status=first)], AN_INSTANT)
    if before.status is BookingStatus.CANCELLED:
        return set()
    found: set[tuple[BookingStatus, BookingStatus]] = set()
    for command, state in LIFE[first].items():
        after = [replace(one, status=state)]
        if command is SessionCommand.MAKE_UP:
            after.append(replace(one, id=new_id(), status=SessionStatus.SCHEDULED))
        found.add((before.status, altered(before, after, AN_INSTANT).status))
    return found


def test_bookings_live_as_drawn() -> None:
    arrows = changes_of_bookings()
    assert {(one, two) for one, two, _ in drawn(OF_BOOKINGS)} == arrows
    assert ends(OF_BOOKINGS) == {status.value for status in BookingStatus} - {
        one for one, _ in arrows
    }


def test_each_command_needs_the_permission_and_leaves_the_receipt_that_is_told() -> None:
    told = {row[0]: (row[1], row[2]) for row in ROWS["What may be done"]}
    assert told.keys() == CASES.keys()
    for request, (permission, kind) in told.items():
        case = CASES[request]
        assert permission == case.permission.value, request
        assert kind == getattr(case, "kind", ReceiptKind(kind)).value, request
    kinds = {kind for _, kind in told.values()}
    assert kinds == {kind.value for kind in ReceiptKind} - {"PLACE", "EXPIRE"}


def test_what_is_named_is_there() -> None:
    paths = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in OPERATIONS}
    named = re.findall(r"`(GET|POST|DELETE) (/v1/[^`]+)`", PAGE)
    assert {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in named} <= paths
    assert {row[0] for row in ROWS["Previews"]} == {
        f"POST {re.sub('{[a-zA-Z]+}', '{id}', path)}"
        for method, path in OPERATIONS
        if path.endswith("/preview")
    }
    assert set(re.findall(r"`(\w+:\w+)`", PAGE)) <= {one.value for one in Permission}
    codes = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE))
    states = {one.value for kind in (SessionStatus, BookingStatus, SessionCommand, ReceiptKind)
              for one in kind}  # fmt: skip
    assert codes - states <= CATALOGUE.keys()


def test_the_leave_can_be_sent() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert msgspec.json.decode(shown, type=NewBlock).command(new_id()).periods
