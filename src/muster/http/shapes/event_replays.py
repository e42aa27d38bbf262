"""Replays of events as clients ask for them and see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from muster.application.replay_events import ReplayEvents
from muster.http.shapes.fields import Instant, Word, in_utc
from muster.ports.event_replays import EventRange, Replay

__all__ = ["NewReplay", "ReplayShape", "replay_shape"]

Position = Annotated[int, Meta(ge=1, le=2**53 - 1)]
"""As large as every JSON reader can tell exactly."""


class NewReplay(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={
        "from_": "from",
        "first_position": "firstPosition",
        "last_position": "lastPosition",
    },
):
    """A range of events to tell once more; every bound that is given holds."""

    subscriber: Annotated[
        Word | None, Meta(description="Who is told, as plugin/subscriber; null is everybody.")
    ]
    from_: Annotated[Instant | None, Meta(description="What happened before it is left out.")] = (
        None
    )
    to: Annotated[Instant | None, Meta(description="What happened then or later is left out.")] = (
        None
    )
    first_position: Position | None = None
    last_position: Position | None = None

    def command(self) -> ReplayEvents:
        """Return the command that this asks for."""
        wanted = EventRange(
            in_utc(self.from_), in_utc(self.to), self.first_position, self.last_position
        )
        return ReplayEvents(self.subscriber, wanted)


class ReplayShape(Struct, frozen=True, rename="camel"):
    """A replay; up to ``position`` everything was told, or parked."""

    id: UUID
    subscriber: str
    first_position: int
    last_position: int
    position: int
    asked_at: datetime


def replay_shape(replay: Replay) -> ReplayShape:
    """Show a replay."""
    order = replay.order
    return ReplayShape(
        id=order.id,
        subscriber=order.subscriber,
        first_position=order.span.first,
        last_position=order.span.last,
        position=replay.position,
        asked_at=order.asked_at,
    )
