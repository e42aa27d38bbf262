"""Deleting what has had its time: nobody asks for it any more, and it only takes room.

Whether something is still good is asked wherever it is used; nothing here decides that. So it
does not matter when this is done, or that a server sees more or less of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from muster.plugin_api import Dispatches, Job, JobPriority, JobType, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWorkFactory
from muster_auth.password_resets import RESET_WINDOW
from muster_auth.settings import AuthSettings

__all__ = ["Everything", "Forgetting", "clean_up_type", "what_is_forgotten"]

_MOST = 1_000
"""Rows of one unit, so that each is short."""

_MOST_SESSIONS = 10
"""With each go its refresh tokens, of which there may be thousands."""


class Everything(Struct, frozen=True):
    """Whatever there is to be deleted."""


class Forgetting(Struct, frozen=True):
    """What is deleted of one kind.

    Attributes:
        kind: As the job's result tells of it.
        statement: Deletes those that are over longest, but what somebody holds: that is left for
            the next time, so nobody waits in a circle.
        before: UTC instant: the statement's first argument.
        most: How many at once: its second.
        others: Further ones.
    """

    kind: str
    statement: str
    before: datetime
    most: int = _MOST
    others: tuple[datetime, ...] = ()


def what_is_forgotten(settings: AuthSettings, now: datetime) -> Iterator[Forgetting]:
    """Return what is deleted at an instant.

    Args:
        settings: How long failed attempts count.
        now: UTC instant.
    """
    counted = now - timedelta(minutes=settings.lockout_minutes)
    asked = now - RESET_WINDOW
    sessions = _delete("auth_sessions", "id", "expires_at")
    yield Forgetting("sessions", sessions, now, _MOST_SESSIONS)
    yield Forgetting("revocations", _delete("auth_revocations", "jti", "expires_at"), now)
    yield Forgetting("failures", _delete("auth_failures", "id", "at"), counted)
    yield Forgetting("logins", _delete("auth_pending_logins", "hash", "expires_at"), now)
    yield Forgetting("nonces", _delete("auth_nonces", "key_id, nonce", "kept_until"), now)
    yield Forgetting("invitations", _delete("auth_invitations", "account_id", "expires_at"), now)
    yield Forgetting(
        "resets",
        # A token may be good for longer than it is counted who asked for one.
        _delete("auth_password_resets", "identifier_hash", "since", "AND expires_at <= $3"),
        asked,
        others=(now,),
    )


def _delete(table: str, key: str, over: str, condition: str = "") -> str:
    return f"""
        DELETE FROM {table} WHERE ({key}) IN (
            SELECT {key} FROM {table} WHERE {over} <= $1 {condition} ORDER BY {over} LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
    """  # noqa: S608 - constants


def clean_up_type(settings: AuthSettings) -> JobType[Everything]:
    """Return the job.

    Args:
        settings: Of the plugin.
    """

    async def clean_up(
        job: Job[Everything], ports: PortLookup, dispatcher: Dispatches
    ) -> dict[str, int]:
        units, now = ports.get(UNIT_OF_WORK), ports.get(CLOCK).now()
        return {one.kind: await _forgotten(units, one) for one in what_is_forgotten(settings, now)}

    return JobType(
        name="clean-up",
        payload=Everything,
        handle=clean_up,
        unique_key=lambda _: "all",
        schedule="*/10 * * * *",
        timeout_seconds=600.0,
        priority=JobPriority.LOW,
    )


async def _forgotten(units: UnitOfWorkFactory, what: Forgetting) -> int:
    forgotten = 0
    while True:
        async with units() as unit:
            told = await unit.connection.execute(
                what.statement, what.before, what.most, *what.others
            )
            await unit.commit()
        gone = int(told.removeprefix("DELETE "))
        forgotten += gone
        if gone < what.most:
            return forgotten
