"""Slots as rows: the one place where a row becomes a slot, and slots become columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from muster.domain.slots import Slot, SlotState

__all__ = ["SLOT_COLUMNS", "slot_columns", "slot_from"]

SLOT_COLUMNS = """id, trainer_id, state, date, timeslot, time_zone, lower(during) AS starts_at,
    upper(during) AS ends_at, booking_id, session_id, reason, block_id"""
"""What ``slot_from`` reads."""


def slot_columns(slots: Sequence[Slot]) -> tuple[list[Any], ...]:
    """Return the values of slots by column, in the order of ``SLOT_COLUMNS``."""
    return (
        [slot.id for slot in slots],
        [slot.trainer_id for slot in slots],
        [slot.state.value for slot in slots],
        [slot.local_date for slot in slots],
        [slot.timeslot for slot in slots],
        [slot.time_zone for slot in slots],
        [slot.starts_at for slot in slots],
        [slot.ends_at for slot in slots],
        [slot.booking_id for slot in slots],
        [slot.session_id for slot in slots],
        [slot.reason for slot in slots],
        [slot.block_id for slot in slots],
    )


def slot_from(row: asyncpg.Record) -> Slot:
    """Return the slot of a row with ``SLOT_COLUMNS``."""
    return Slot(
        id=row["id"],
        trainer_id=row["trainer_id"],
        state=SlotState(row["state"]),
        local_date=row["date"],
        timeslot=row["timeslot"],
        time_zone=row["time_zone"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        booking_id=row["booking_id"],
        session_id=row["session_id"],
        reason=row["reason"],
        block_id=row["block_id"],
    )
