"""The route that has events told once more."""

from __future__ import annotations

from litestar import Controller, post
from litestar.params import JSONBody

from muster.http.edge import HttpRequest, ask
from muster.http.shapes.common import Listing
from muster.http.shapes.event_replays import NewReplay, ReplayShape, replay_shape
from muster.plugin_api.pages import whole

__all__ = ["Events"]


class Events(Controller):
    """What has happened, as plugins are told of it."""

    path = "/admin/events"
    tags = ("Administration",)

    @post(
        "/replay",
        status_code=202,
        operation_id="replayEvents",
        summary="Tell subscribers of a range of events once more",
    )
    async def replay(self, request: HttpRequest, data: JSONBody[NewReplay]) -> Listing[ReplayShape]:
        """Begin a replay for each subscriber; one that runs already is the answer.

        The list is empty where no event lies in the range.
        """
        running = await ask(request, data.command())
        return whole(running, replay_shape)
