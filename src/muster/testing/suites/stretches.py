"""Stretches of time for the schedule's suites: plans and blocks at any instant."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from muster.domain.local_time import local_of, timeslot_of
from muster.domain.sessions import SESSION_LENGTH, PlannedSession, SessionMode
from muster.domain.slots import Slot, SlotState
from muster.testing.examples import new_id

__all__ = ["NOON", "a_block", "a_plan"]

NOON = datetime(2027, 1, 11, 12, 0, tzinfo=UTC)
"""The instant around which the suites place their slots."""


def a_plan(starts_at: datetime, time_zone: str = "UTC", number: int = 1) -> PlannedSession:
    """Return a lesson planned at an instant.

    Args:
        starts_at: UTC instant.
        time_zone: IANA key of the wall clock.
        number: Its number.
    """
    local = local_of(starts_at, ZoneInfo(time_zone))
    return PlannedSession(
        number=number,
        mode=SessionMode.OFFLINE,
        local_date=local.date(),
        local_time=timeslot_of(local),
        time_zone=time_zone,
        starts_at=starts_at,
        ends_at=starts_at + SESSION_LENGTH,
        time_adjusted=False,
        movable=False,
    )


def a_block(trainer_id: UUID, starts_at: datetime, time_zone: str = "UTC") -> Slot:
    """Return a new slot of 40 minutes that blocks a trainer's time.

    Args:
        trainer_id: Whose time.
        starts_at: UTC instant.
        time_zone: IANA key of the wall clock.
    """
    plan = a_plan(starts_at, time_zone)
    return Slot(
        id=new_id(),
        trainer_id=trainer_id,
        state=SlotState.BLOCKED,
        local_date=plan.local_date,
        timeslot=plan.local_time,
        time_zone=time_zone,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        reason="Leave – «Urlaub»",
        block_id=new_id(),
    )
