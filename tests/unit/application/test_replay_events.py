"""Who may have events told once more."""

from __future__ import annotations

import pytest

from muster.application.access import Forbidden, Permission, Principal
from muster.application.replay_events import ReplayEvents
from muster.application.use_case import Caller
from muster.domain.scopes import Scope
from muster.ports.event_replays import EventRange
from muster.testing.examples import new_id
from tests.unit.application.conftest import House

pytestmark = pytest.mark.anyio


async def test_who_is_bound_is_refused(house: House) -> None:
    """Also who holds the permission, such as a franchise's service."""
    bound = Principal("service", frozenset(Permission), Scope(franchise_id=new_id()))
    with pytest.raises(Forbidden, match="the whole company's"):
        await house.dispatcher.dispatch(
            ReplayEvents(None, EventRange()), Caller(bound, "correlation-1")
        )
