"""Faults to plant in the PostgreSQL adapter: in its statements, and in its tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec import Struct

from muster.domain.slots import Slot
from muster_postgres import schedule, zone_locator, zones
from muster_postgres.connection import PostgresConnection
from muster_postgres.schedule import PostgresSchedule
from muster_postgres.slot_rows import slot_columns

_LOOK = "AND held.during && (SELECT range_agg(during) FROM wanted)"


class Guard(Struct, frozen=True):
    """A guard of the table of slots, and the statements that take it away and put it back."""

    drop: str
    restore: str


OVERLAP = Guard(
    "ALTER TABLE schedule_slots DROP CONSTRAINT schedule_slots_overlap_excl",
    "ALTER TABLE schedule_slots ADD CONSTRAINT schedule_slots_overlap_excl "
    "EXCLUDE USING gist (trainer_id WITH =, during WITH &&) WHERE (live)",
)
TIMESLOT = Guard(
    "DROP INDEX schedule_slots_timeslot_key",
    "CREATE UNIQUE INDEX schedule_slots_timeslot_key "
    "ON schedule_slots (trainer_id, date, timeslot) WHERE live",
)
SESSION = Guard(
    "DROP INDEX schedule_slots_session_id_key",
    "CREATE UNIQUE INDEX schedule_slots_session_id_key "
    "ON schedule_slots (session_id) WHERE live AND session_id IS NOT NULL",
)


def nothing(patch: pytest.MonkeyPatch) -> None:
    """The statements are whole; a guard alone is gone."""


def claims_without_a_look(patch: pytest.MonkeyPatch) -> None:
    """A claim does not look again under the lock; the guards must tell it."""
    assert _LOOK in schedule._CLAIM
    patch.setattr(schedule, "_CLAIM", schedule._CLAIM.replace(_LOOK, "AND false"))


def claims_without_a_count(patch: pytest.MonkeyPatch) -> None:
    """A claim is content with whatever went in."""

    async def claim(self: PostgresSchedule, slots: Sequence[Slot]) -> bool:
        (trainer_id,) = {slot.trainer_id for slot in slots}
        done = await self._connection.execute(schedule._CLAIM, *slot_columns(slots), trainer_id)
        return done != "INSERT 0 0"

    patch.setattr(PostgresSchedule, "claim", claim)


def claims_by_halves(patch: pytest.MonkeyPatch) -> None:
    """A lost claim does not go back to its savepoint."""
    whole = PostgresSchedule.claim
    execute = PostgresConnection.execute

    async def keep(self: PostgresConnection, query: str, *args: object) -> str:
        if query.startswith("ROLLBACK TO"):
            return ""
        return await execute(self, query, *args)

    async def claim(self: PostgresSchedule, slots: Sequence[Slot]) -> bool:
        with patch.context() as within:
            within.setattr(PostgresConnection, "execute", keep)
            return await whole(self, slots)

    patch.setattr(PostgresSchedule, "claim", claim)


def zones_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """The version of a zone is read, and not held."""
    patch.setattr(zones, "_VERSION_IN_FORCE", zones._VERSION_IN_FORCE.replace("FOR SHARE", ""))


def archived_zones_serve(patch: pytest.MonkeyPatch) -> None:
    """An archived zone is still the nearest."""
    around = zone_locator._AROUND.replace("status = 'ACTIVE'", "status <> ''")
    patch.setattr(zone_locator, "_AROUND", around)


def freeing_everything(patch: pytest.MonkeyPatch) -> None:
    """A release frees the slots of sessions that were held, too."""
    patch.setattr(schedule, "_HOLDING_NONE", ["CANCELLED", "COMPLETED", "SCHEDULED"])
