"""What the dispatcher tells whoever looks on, and when."""

from __future__ import annotations

from typing import Any

import pytest

from muster.application.access import Forbidden, Permission, Principal
from muster.application.dispatcher import MAX_PREPARATIONS, Dispatcher
from muster.application.use_case import (
    Caller,
    CommandCase,
    Deed,
    PreparationStale,
    QueryCase,
    Request,
    Work,
)
from muster.domain.errors import DomainError
from muster.domain.events import FranchiseCreated
from muster.domain.scopes import Scope
from muster.ports.observation import Committed, Repeat, Repeated, UseCaseActivity
from muster.ports.unit_of_work import TransactionConflict
from muster.testing.example_records import a_full_receipt
from muster.testing.examples import a_booking, a_franchise, a_zone
from tests.observed import A_TRACE, Diary, Seen

from .conftest import CALLER, House

pytestmark = pytest.mark.anyio

CONFLICT, STALE = Repeated(Repeat.CONFLICT), Repeated(Repeat.STALE)


class Ask(Request[str], frozen=True):
    pass


class Do(Request[str], frozen=True):
    conflicts: int = 0
    stale: int = 0
    refusal: DomainError | None = None


class Refused(DomainError):
    code = "ILLEGAL_STATE"


class Answers(QueryCase[Ask]):
    handles = Ask
    permission = Permission.ZONES_READ

    async def answer(self, query: Ask, scope: Scope) -> str:
        return "answer"


class Does(CommandCase[Do, None]):
    """Records an event and a receipt; is stale, meets conflicts or is refused first."""

    handles = Do
    permission = Permission.FRANCHISES_WRITE

    def __init__(self) -> None:
        self.performed = 0
        self.franchise = a_franchise()
        self.receipt = a_full_receipt(a_booking(a_zone()))

    async def prepare(self, command: Do, scope: Scope) -> None:
        return None

    async def perform(self, command: Do, prepared: None, work: Work) -> str:
        self.performed += 1
        if self.performed <= command.stale:
            raise PreparationStale
        await work.unit.franchises.add(self.franchise)
        work.record(
            FranchiseCreated(self.franchise.id), Deed("franchise", self.franchise.id, None, {})
        )
        work.receipts.append(self.receipt)
        if self.performed <= command.stale + command.conflicts:
            raise TransactionConflict("Lost.")
        if command.refusal is not None:
            raise command.refusal
        return "done"


def dispatcher(house: House, diary: Diary, *cases: Any) -> Dispatcher:
    async def pause(seconds: float) -> None:
        return None

    ports = house.ports
    return Dispatcher(cases, ports.units, ports.clock, ports.entropy, pause, observer=diary)


def the_use_case(diary: Diary) -> tuple[UseCaseActivity, Seen]:
    (only,) = diary.of(UseCaseActivity)
    only[1].await_end()
    return only


async def test_a_query_is_told_by_its_name(house: House) -> None:
    diary, query = Diary(), Ask()
    await dispatcher(house, diary, Answers()).dispatch(query, CALLER)
    activity, seen = the_use_case(diary)
    assert activity == UseCaseActivity("Ask", query, "correlation-1", rehearsal=False)
    assert (seen.facts, seen.error) == ([], None)


async def test_what_was_committed_is_told_once_it_is_stored(house: House) -> None:
    stored_by_then: list[int] = []
    diary = Diary(heard=lambda fact: stored_by_then.append(len([*house.store.events.all()])))
    case = Does()
    await dispatcher(house, diary, case).dispatch(Do(), CALLER)
    activity, seen = the_use_case(diary)
    assert activity.name == "Do"
    (told,) = seen.facts
    assert told == Committed([FranchiseCreated(case.franchise.id)], [case.receipt])
    assert stored_by_then == [1]


async def test_every_repeat_is_told_with_its_reason_and_the_last_commit_alone(house: House) -> None:
    diary = Diary()
    await dispatcher(house, diary, Does()).dispatch(Do(conflicts=2, stale=1), CALLER)
    _, seen = the_use_case(diary)
    *repeats, committed = seen.facts
    assert repeats == [STALE, CONFLICT, CONFLICT]
    assert isinstance(committed, Committed)
    assert len(committed.events) == 1, "what the lost attempts recorded was not committed"


async def test_what_keeps_being_stale_is_told_as_often_as_it_is_tried_again(house: House) -> None:
    diary = Diary()
    with pytest.raises(TransactionConflict):
        await dispatcher(house, diary, Does()).dispatch(Do(stale=MAX_PREPARATIONS), CALLER)
    _, seen = the_use_case(diary)
    assert seen.facts == [STALE] * (MAX_PREPARATIONS - 1)
    assert isinstance(seen.error, TransactionConflict)


async def test_a_refusal_is_passed_on_and_commits_nothing(house: House) -> None:
    diary, refusal = Diary(), Refused("no")
    with pytest.raises(Refused) as found:
        await dispatcher(house, diary, Does()).dispatch(Do(refusal=refusal), CALLER)
    _, seen = the_use_case(diary)
    assert found.value is refusal
    assert (seen.facts, seen.error) == ([], refusal)


async def test_who_may_not_is_told_too(house: House) -> None:
    diary = Diary()
    with pytest.raises(Forbidden):
        await dispatcher(house, diary, Does()).dispatch(
            Do(), Caller(Principal("somebody", frozenset()), "c")
        )
    activity, seen = the_use_case(diary)
    assert activity.correlation_id == "c"
    assert isinstance(seen.error, Forbidden)


async def test_a_rehearsal_is_told_as_such_and_commits_nothing(house: House) -> None:
    diary = Diary()
    await dispatcher(house, diary, Does()).rehearse(Do(stale=1), CALLER)
    activity, seen = the_use_case(diary)
    assert activity.rehearsal
    assert seen.facts == [STALE]


async def test_a_rehearsal_that_stays_stale_is_refused_like_the_command(house: House) -> None:
    diary = Diary()
    with pytest.raises(TransactionConflict):
        await dispatcher(house, diary, Does()).rehearse(Do(stale=MAX_PREPARATIONS), CALLER)
    _, seen = the_use_case(diary)
    assert seen.facts == [STALE] * (MAX_PREPARATIONS - 1), "the last try is not tried again"


@pytest.mark.parametrize("trace_context", [None, A_TRACE])
async def test_events_keep_the_trace_that_they_belong_to(
    house: House, trace_context: str | None
) -> None:
    await dispatcher(house, Diary(trace_context), Does()).dispatch(Do(), CALLER)
    (event,) = house.store.events.all()
    assert event.trace_context == trace_context
