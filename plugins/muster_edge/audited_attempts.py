"""Refused attempts in the audit trail: so few that nobody can make it grow as they like.

The log has more of them. An entry is written after the answer, in a unit of its own: whoever is
refused has changed nothing, and does not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from muster.domain.errors import DomainError
from muster.plugin_api import AuditNotes, Caller, Identifiers
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_edge.counters import Charge
from muster_edge.limit_table import Limit
from muster_edge.limits import address_key
from muster_edge.process_counters import ProcessCounters

__all__ = ["ENTERED_OF_ALL", "ENTERED_OF_ONE", "AuditedAttempts"]

ENTERED_OF_ONE = Limit(1, 3600)
"""How many entries there are of one address, in each process."""

ENTERED_OF_ALL = Limit(60, 3600)
"""How many there are of all addresses together, in each process."""

_MOST_SOURCES = 10_000
_log = structlog.get_logger(__name__)


class AuditedAttempts:
    """Enters refused attempts, without what was sent."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        clock: Clock,
        entropy: Entropy,
        monotonic: Callable[[], float],
    ) -> None:
        """Enter nothing yet.

        Args:
            units: Open units of work.
            clock: When it was.
            entropy: Names entries.
            monotonic: Returns seconds that never go back.
        """
        self._units = units
        self._identifiers = Identifiers(clock, entropy)
        self._notes = AuditNotes(clock, entropy, "request")
        self._entered = ProcessCounters(monotonic, _MOST_SOURCES)
        self._writing: set[asyncio.Task[None]] = set()

    async def enter(self, caller: Caller, **told: Any) -> None:
        """Have an attempt entered, unless there are enough; does not wait for it. A command.

        Args:
            caller: Whose request was refused.
            **told: Of it, in plain JSON values, without what was sent.
        """
        of_one = Charge(f"one:{address_key(caller.address)}", ENTERED_OF_ONE)
        if (await self._entered.charge([of_one, Charge("all", ENTERED_OF_ALL)])).passed:
            task = asyncio.create_task(self._write(caller, told))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write(self, caller: Caller, told: dict[str, Any]) -> None:
        try:
            async with self._units() as unit:
                request_id = self._identifiers.new()
                await self._notes.note(unit, caller, "RefuseAttempt", request_id, **told)
                await unit.commit()
        except DomainError as error:
            # The database is away, mostly: a traceback for each would tell nothing more.
            _log.warning("attempt_not_entered", error=error.message)
        except Exception as error:  # noqa: BLE001 - nobody waits for it who could be told
            _log.warning("attempt_not_entered", exc_info=error)
