"""What the adapter sends for real bookings, statement by statement, with every argument."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import asyncpg
import msgspec
from msgspec import Struct

from bench.replay import Sent
from muster.application.access import Permission, Principal
from muster.application.place_booking import PlaceBooking
from muster.application.use_case import Caller
from muster.domain.bookings import BookingStatus
from muster.http.shapes.purchases import NewBooking
from muster.runtime.bootstrap import bootstrap
from muster_postgres.connection import PostgresConnection

__all__ = ["Recorder", "recorder"]

_CALLER = Caller(Principal("open-access", frozenset(Permission)), "0198c0de-bench")
_sent: list[Sent] = []


class Recorder(Struct, frozen=True):
    """Opens a recorder, for a companion; its questions are bodies of requests.

    Attributes:
        environ: Of the app; its database is filled by what is recorded.
    """

    environ: dict[str, str]

    def __call__(self) -> Any:
        """Open it."""
        return recorder(self.environ)


@asynccontextmanager
async def recorder(
    environ: dict[str, str],
) -> AsyncIterator[Callable[[list[bytes]], Awaitable[list[list[Sent]]]]]:
    """Compose the app in this process, with the adapter's connection class wrapped."""
    with (
        patch("muster_postgres.database.PostgresConnection", _Recorded),
        patch("muster_postgres.unit_of_work.PostgresConnection", _Recorded),
    ):
        # The trainers are asked for once: what is recorded is bookings alone.
        application = bootstrap(environ | {"TRAINER_SNAPSHOT_FRESH": "900"})
        async with application.running():
            dispatcher = application.dispatcher()

            async def record(bodies: list[bytes]) -> list[list[Sent]]:
                recorded = []
                for body in bodies:
                    _sent.clear()
                    purchase = msgspec.json.decode(body, type=NewBooking).purchase()
                    placed = await dispatcher.dispatch(PlaceBooking(purchase), _CALLER)
                    assert placed.booking.status is BookingStatus.ASSIGNED
                    recorded.append(list(_sent))
                return recorded

            yield record


class _Recorded(PostgresConnection):
    """The adapter's connection, writing down what goes through it."""

    async def execute(self, query: str, *args: Any) -> str:
        done = await super().execute(query, *args)
        _sent.append(Sent("execute", query, args, done))
        return done

    async def fetch(self, query: str, *args: Any) -> Sequence[asyncpg.Record]:
        rows = await super().fetch(query, *args)
        _sent.append(Sent("fetch", query, args, None))
        return rows

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        row = await super().fetchrow(query, *args)
        _sent.append(Sent("fetchrow", query, args, None))
        return row
