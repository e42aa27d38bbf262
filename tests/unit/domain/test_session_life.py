"""The life of a session: the table of the law, written out again and asked cell by cell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.errors import IllegalState
from muster.domain.new_times import at_new_time
from muster.domain.session_life import LIFE, SessionCommand, after_command, handed_over, moved
from muster.domain.sessions import Session, SessionStatus
from muster.testing.examples import A_MONDAY, a_purchase, new_id, sessions_for

# "session state | commands → next state"; "hand over" is assigned and a new trainer, "close"
# is booking cancelled or expired. In brackets: repeating what led here, which changes nothing.
LAW = """
    PLANNED   | hand over → SCHEDULED; close → CANCELLED
    SCHEDULED | complete → COMPLETED; no show → NO_SHOW; cancel → CANCELLED; close → CANCELLED
    SCHEDULED | move → SCHEDULED; strand → STRANDED; hand over → SCHEDULED
    STRANDED  | hand over → SCHEDULED; cancel → CANCELLED; close → CANCELLED
    COMPLETED | complete → COMPLETED; void → VOIDED; (restore) → COMPLETED
    VOIDED    | restore → COMPLETED; (void) → VOIDED
    NO_SHOW   | make up → REPLACED; (no show) → NO_SHOW
    CANCELLED | make up → REPLACED; (cancel) → CANCELLED
    REPLACED  |
"""


def law() -> dict[tuple[SessionStatus, SessionCommand], SessionStatus]:
    cells = {}
    for line in LAW.strip().splitlines():
        state, _, commands = line.partition("|")
        for one in filter(None, map(str.strip, commands.split(";"))):
            command, _, after = one.partition(" → ")
            name = command.strip("()").replace(" ", "_").upper()
            cells[SessionStatus[state.strip()], SessionCommand[name]] = SessionStatus[after]
    return cells


LEADS_TO = law()
CELLS = [(state, command) for state in SessionStatus for command in SessionCommand]
NOT_BEFORE_IT_STARTS = {SessionCommand.COMPLETE, SessionCommand.NO_SHOW}


def session(status: SessionStatus) -> Session:
    return sessions_for(a_purchase(), "Asia/Kolkata", status, new_id())[0]


def test_every_state_is_in_the_table() -> None:
    assert set(LIFE) == set(SessionStatus)
    assert {(state, command) for state in LIFE for command in LIFE[state]} == set(LEADS_TO)


@pytest.mark.parametrize(("state", "command"), CELLS)
def test_a_command_leads_where_the_law_says(state: SessionStatus, command: SessionCommand) -> None:
    before = session(state)
    begun = before.plan.starts_at
    if (state, command) not in LEADS_TO:
        with pytest.raises(IllegalState, match=state.value) as refused:
            after_command(before, command, begun)
        assert command.value in refused.value.message
        return
    after = after_command(before, command, begun)
    assert after == replace(before, status=LEADS_TO[state, command])
    assert (after is before) == (after == before)


@given(
    st.sampled_from(CELLS),
    st.sampled_from([timedelta(microseconds=1), timedelta(minutes=40), timedelta(days=9)])
    | st.just(timedelta()),
    st.booleans(),
)
def test_nothing_is_held_or_missed_before_it_starts(
    cell: tuple[SessionStatus, SessionCommand], apart: timedelta, early: bool
) -> None:
    """ "complete (not before it starts)", "no-show (not before it starts)"; repeating is free."""
    state, command = cell
    before = session(state)
    now = before.plan.starts_at + (-apart if early else apart)
    too_early = (
        command in NOT_BEFORE_IT_STARTS
        and state is SessionStatus.SCHEDULED
        and now < before.plan.starts_at
    )
    if cell in LEADS_TO and not too_early:
        assert after_command(before, command, now).status is LEADS_TO[cell]
    else:
        with pytest.raises(IllegalState):
            after_command(before, command, now)


@pytest.mark.parametrize("state", SessionStatus)
def test_handing_over_changes_the_trainer_and_moving_the_time(state: SessionStatus) -> None:
    before, trainer = session(state), new_id()
    now, plan = before.plan.starts_at, at_new_time(before.plan, A_MONDAY, "06:15")
    if (state, SessionCommand.HAND_OVER) in LEADS_TO:
        after = replace(before, status=SessionStatus.SCHEDULED, trainer_id=trainer)
        assert handed_over(before, trainer, now) == after
    else:
        with pytest.raises(IllegalState):
            handed_over(before, trainer, now)
    if (state, SessionCommand.MOVE) in LEADS_TO:
        assert moved(before, plan, now) == replace(before, plan=plan)
    else:
        with pytest.raises(IllegalState):
            moved(before, plan, now)
