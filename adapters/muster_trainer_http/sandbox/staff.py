"""Everyone the sample service knows: the roster, and those made up where it is silent."""

from __future__ import annotations

from msgspec import Struct

from muster.domain.trainers import Trainer
from muster_trainer_http.sandbox.generated import sample_trainers
from muster_trainer_http.sandbox.queries import BulkQuery, cursor_after
from muster_trainer_http.sandbox.roster import Roster, matches

__all__ = ["Staff", "StaffPage"]


class StaffPage(Struct, frozen=True):
    """Some trainers by ascending ids, and the cursor of the page that follows."""

    trainers: list[Trainer]
    next_cursor: str | None


class Staff:
    """Answers the bulk contract's questions."""

    def __init__(self, roster: Roster, generate: int) -> None:
        """Take the roster.

        Args:
            roster: Who is known.
            generate: How many to make up for a zone and course that the roster does not know.
        """
        self.roster = roster
        self._generate = generate

    def page(self, query: BulkQuery) -> StaffPage:
        """Return the page that a question asks for."""
        found = sorted(
            (*self.roster.matching(query), *self._made_up(query)), key=lambda one: one.id.int
        )
        after = query.after
        rest = found if after is None else [one for one in found if one.id > after]
        trainers = rest[: query.limit]
        more = len(rest) > len(trainers)
        return StaffPage(trainers, cursor_after(trainers[-1].id) if more else None)

    def _made_up(self, query: BulkQuery) -> list[Trainer]:
        if query.zone_id is None or query.course_id is None:
            return []
        if self.roster.teaches(query.zone_id, query.course_id):
            return []
        made_up = sample_trainers(
            self._generate, query.franchise_id, query.zone_id, query.course_id
        )
        return [trainer for trainer in made_up if matches(trainer, query)]
