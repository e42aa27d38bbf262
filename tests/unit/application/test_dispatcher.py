"""The dispatcher: permission, one unit, retries, events and audit with the commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from muster.application.access import (
    ANYBODY,
    PUBLIC_PERMISSIONS,
    SENSITIVE_PERMISSIONS,
    Forbidden,
    Permission,
    Principal,
    SignatureRequired,
    Unauthenticated,
    authorize,
)
from muster.application.dispatcher import MAX_ATTEMPTS, Dispatcher
from muster.application.use_case import (
    Caller,
    CommandCase,
    Deed,
    DirectCommandCase,
    QueryCase,
    Request,
    Work,
)
from muster.application.zones import GetZone, ListZones
from muster.domain.errors import DomainError
from muster.domain.events import FranchiseCreated
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.unit_of_work import TransactionConflict
from muster.testing.examples import a_franchise

from .conftest import CALLER, House

pytestmark = pytest.mark.anyio


class Try(Request[int], frozen=True):
    conflicts: int


class Unheard(Request[str], frozen=True):
    pass


class Tries(CommandCase[Try, str]):
    """Stores a franchise, then meets conflicts; counts how often it is run."""

    handles = Try
    permission = Permission.FRANCHISES_WRITE

    def __init__(self) -> None:
        self.prepared = 0
        self.performed = 0
        self.franchise = a_franchise()

    async def prepare(self, command: Try, scope: Scope) -> str:
        self.prepared += 1
        return "prepared"

    async def perform(self, command: Try, prepared: str, work: Work) -> int:
        assert prepared == "prepared"
        self.performed += 1
        await work.unit.franchises.add(self.franchise)
        work.record(
            FranchiseCreated(self.franchise.id), Deed("franchise", self.franchise.id, None, {})
        )
        if self.performed <= command.conflicts:
            raise TransactionConflict("Lost.")
        return self.performed


def dispatcher(house: House, *cases: Any, pauses: list[float] | None = None) -> Dispatcher:
    async def pause(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    return Dispatcher(cases, house.ports.units, house.ports.clock, house.ports.entropy, pause)


async def stored_franchises(house: House, case: Tries) -> bool:
    return await house.ports.franchises.get(case.franchise.id) is not None


async def test_a_conflict_runs_the_whole_unit_again_and_prepares_once(house: House) -> None:
    case, pauses = Tries(), []  # type: ignore[var-annotated]
    answer = await dispatcher(house, case, pauses=pauses).dispatch(Try(4), CALLER)
    assert (answer, case.prepared, len(pauses)) == (5, 1, 4)
    assert await stored_franchises(house, case)
    assert all(0 <= pause <= 0.005 * 2**attempt for attempt, pause in enumerate(pauses, start=1))


async def test_after_five_conflicts_nothing_is_stored(house: House) -> None:
    case = Tries()
    with pytest.raises(TransactionConflict):
        await dispatcher(house, case).dispatch(Try(MAX_ATTEMPTS), CALLER)
    assert case.performed == MAX_ATTEMPTS
    assert not await stored_franchises(house, case)


async def test_events_and_audit_entries_commit_with_the_change(house: House) -> None:
    case = Tries()
    await dispatcher(house, case).dispatch(Try(1), CALLER)
    (event,) = house.store.events.all()
    (entry,) = house.store.audit.all()
    assert event.event == FranchiseCreated(case.franchise.id)
    assert event.correlation_id == entry.correlation_id == CALLER.correlation_id
    assert (entry.actor, entry.action) == ("tester", "Try")


@pytest.mark.parametrize("permissions", [[], [Permission.ZONES_READ]])
async def test_who_lacks_the_permission_runs_nothing(
    house: House, permissions: Iterable[Permission]
) -> None:
    case = Tries()
    with pytest.raises(Forbidden):
        await dispatcher(house, case).dispatch(
            Try(0), Caller(Principal("somebody", frozenset(permissions)), "c")
        )
    assert case.prepared == 0


async def test_nobody_runs_nothing(house: House) -> None:
    with pytest.raises(Unauthenticated):
        await dispatcher(house, Tries()).dispatch(Try(0), Caller(None, "c"))


async def test_every_use_case_of_the_core_is_denied_by_default(house: House) -> None:
    nobody = Caller(Principal("nobody", frozenset()), "c")
    for kind, permission in house.dispatcher.requests.items():
        assert isinstance(permission, Permission)
        if permission in PUBLIC_PERMISSIONS:
            continue
        empty = kind(*[None for _ in kind.__struct_fields__])
        with pytest.raises(Forbidden):
            await house.dispatcher.dispatch(empty, nobody)
    assert {GetZone, ListZones} < house.dispatcher.requests.keys()


@pytest.mark.parametrize("principal", [None, Principal("nobody", frozenset())])
def test_a_public_permission_is_everybodys(principal: Principal | None) -> None:
    for permission in Permission:
        if permission in PUBLIC_PERMISSIONS:
            assert authorize(principal, permission) == (principal or ANYBODY)
        else:
            with pytest.raises((Unauthenticated, Forbidden)):
                authorize(principal, permission)


def test_a_service_signs_what_is_sensitive() -> None:
    everything = frozenset(Permission)
    signed = Principal("service", everything)
    unsigned = Principal("service", everything, unsigned=True)
    for permission in Permission:
        assert authorize(signed, permission) is signed
        if permission in SENSITIVE_PERMISSIONS:
            with pytest.raises(SignatureRequired):
                authorize(unsigned, permission)
        else:
            assert authorize(unsigned, permission) is unsigned
    assert not SENSITIVE_PERMISSIONS & PUBLIC_PERMISSIONS


def test_who_lacks_a_sensitive_permission_is_not_told_to_sign() -> None:
    with pytest.raises(Forbidden):
        authorize(Principal("service", frozenset(), unsigned=True), Permission.KEYS_MANAGE)


def test_nothing_public_changes_anything(house: House) -> None:
    class Opens(Tries):
        permission = Permission.CERTIFICATES_VERIFY

    with pytest.raises(TypeError, match="changes something"):
        dispatcher(house, Opens())


def test_a_use_case_without_a_permission_is_not_registered(house: House) -> None:
    class Open(DirectCommandCase[Unheard]):
        handles = Unheard

        async def perform(self, command: Unheard, prepared: None, work: Work) -> str:
            raise AssertionError("never registered")

    with pytest.raises(TypeError, match="declares no permission"):
        dispatcher(house, Open())


def test_two_use_cases_for_one_request_are_refused(house: House) -> None:
    with pytest.raises(TypeError, match="another use case handles Try"):
        dispatcher(house, Tries(), Tries())


async def test_a_query_opens_no_unit(house: House) -> None:
    class Answers(QueryCase[Unheard]):
        handles = Unheard
        permission = Permission.ZONES_READ

        async def answer(self, query: Unheard, scope: Scope) -> str:
            return "answer"

    def refuse(scope: Scope = EVERYTHING) -> Any:
        raise AssertionError("a query opens no unit")

    silent = Dispatcher([Answers()], refuse, house.ports.clock, house.ports.entropy)
    assert await silent.dispatch(Unheard(), CALLER) == "answer"


async def test_a_refusal_leaves_nothing(house: House) -> None:
    class Refused(DomainError):
        code = "ILLEGAL_STATE"

    class Refuses(Tries):
        async def perform(self, command: Try, prepared: str, work: Work) -> int:
            await super().perform(command, prepared, work)
            raise Refused("no")

    case = Refuses()
    with pytest.raises(Refused):
        await dispatcher(house, case).dispatch(Try(0), CALLER)
    assert not await stored_franchises(house, case)
