"""The sample service's HTTP: the bulk contract, and routes to fill it and to count its calls."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.trainers import Trainer
from muster_trainer_http.bulk_wire import PageEnd, write_trainer
from muster_trainer_http.sandbox.faults import (
    NO_FAULTS,
    FaultsRefused,
    answer_wrongly,
    read_faults,
)
from muster_trainer_http.sandbox.listing import details_of, listing_page, read_listing_query
from muster_trainer_http.sandbox.queries import QueryRefused, read_query
from muster_trainer_http.sandbox.roster import Roster, RosterRefused, read_trainers
from muster_trainer_http.sandbox.staff import Staff

__all__ = ["Sandbox"]

_MAX_ROSTER_BYTES = 256_000_000
# 500 ids in one question make a line of 19 kB.
_MAX_LINE_BYTES = 65_536
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Page(Struct, frozen=True, rename="camel"):
    data: list[msgspec.Raw]
    page: PageEnd
    as_of: datetime


class Sandbox:
    """A running sample service; entering the context returns its URL.

    Attributes:
        roster: The trainers given to it; may be changed while it runs.
        calls: How many calls came to each route of the contract (``bulk``, ``listing``,
            ``details``, ``health``), answered or refused.
        faults: What is wrong with it; may be changed while it runs.
    """

    def __init__(
        self,
        trainers: Iterable[Trainer] = (),
        *,
        generate: int = 0,
        token: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Describe a service; it starts when the context is entered.

        Args:
            trainers: The first roster.
            generate: How many trainers to make up for a zone and course that the roster
                does not know.
            token: The bearer token that every route but ``/health`` asks for.
            host: Where it listens.
            port: Where it listens; 0 takes a free one.
        """
        self.roster = Roster(trainers)
        self.calls: Counter[str] = Counter()
        self.faults = NO_FAULTS
        self._staff = Staff(self.roster, generate)
        self._token = token
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> str:
        """Listen, and return the URL.

        Raises:
            OSError: The address cannot be listened on.
        """
        runner = web.AppRunner(
            self._application(),
            access_log=None,
            shutdown_timeout=1,
            max_line_size=_MAX_LINE_BYTES,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening and close every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        # The contract's own routes are an application of their own, so that what disturbs
        # them never disturbs the routes by which a test steers the sandbox.
        contract = web.Application(middlewares=[self._disturbed, self._authorized])
        contract.router.add_get("/trainers/bulk", self._bulk, name="bulk")
        contract.router.add_get("/trainers", self._listing, name="listing")
        contract.router.add_get("/trainers/{trainer_id}", self._details, name="details")
        steering = web.Application(
            middlewares=[self._authorized], client_max_size=_MAX_ROSTER_BYTES
        )
        steering.router.add_put("/trainers", self._replace_roster)
        steering.router.add_post("/trainers", self._add_to_roster)
        steering.router.add_put("/faults", self._set_faults)
        steering.router.add_delete("/faults", self._end_faults)
        steering.router.add_get("/calls", self._show_calls)
        steering.router.add_delete("/calls", self._forget_calls)
        application = web.Application(
            middlewares=[self._counted], client_max_size=_MAX_ROSTER_BYTES
        )
        application.router.add_get("/health", self._health, name="health")
        application.add_subapp("/api/v1", contract)
        application.add_subapp("/sandbox", steering)
        return application

    @web.middleware
    async def _counted(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        # Before anything else, so that a call counts whatever becomes of it.
        name = request.match_info.route.name
        if name is not None:
            self.calls[name] += 1
        return await handler(request)

    @web.middleware
    async def _disturbed(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        faults, times = self.faults, self.faults.times
        if times is not None:
            self.faults = replace(faults, times=times - 1) if times > 1 else NO_FAULTS
        return await answer_wrongly(request, faults) or await handler(request)

    @web.middleware
    async def _authorized(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if self._token is not None:
            shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(shown, f"Bearer {self._token}".encode()):
                return _refusal(401, "the bearer token is missing or wrong")
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:
        return _json({"status": "ok"})

    async def _bulk(self, request: web.Request) -> web.Response:
        try:
            query = read_query(request.query)
        except QueryRefused as refused:
            return _refusal(400, str(refused))
        page = self._staff.page(query)
        data = [write_trainer(trainer) for trainer in page.trainers]
        return _json(_Page(data, PageEnd(page.next_cursor), datetime.now(UTC)))

    async def _listing(self, request: web.Request) -> web.Response:
        try:
            number, limit = read_listing_query(request.query)
        except QueryRefused as refused:
            return _refusal(400, str(refused))
        return _json(listing_page(self.roster, number, limit))

    async def _details(self, request: web.Request) -> web.Response:
        details = details_of(self.roster, request.match_info["trainer_id"])
        return _refusal(404, "nobody has this id") if details is None else _json(details)

    async def _replace_roster(self, request: web.Request) -> web.Response:
        return await self._change_roster(request, self.roster.replace)

    async def _add_to_roster(self, request: web.Request) -> web.Response:
        return await self._change_roster(request, self.roster.add)

    async def _change_roster(
        self, request: web.Request, change: Callable[[Iterable[Trainer]], None]
    ) -> web.Response:
        try:
            change(read_trainers(await request.read()))
        except RosterRefused as refused:
            return _refusal(400, str(refused))
        return _json({"trainers": len(self.roster)})

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            self.faults = read_faults(await request.read())
        except FaultsRefused as refused:
            return _refusal(400, str(refused))
        return _json(self.faults)

    async def _end_faults(self, request: web.Request) -> web.Response:
        self.faults = NO_FAULTS
        return _json(self.faults)

    async def _show_calls(self, request: web.Request) -> web.Response:
        return _json({name: self.calls[name] for name in ("bulk", "listing", "details", "health")})

    async def _forget_calls(self, request: web.Request) -> web.Response:
        self.calls.clear()
        return await self._show_calls(request)


def _json(content: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(content), status=status, content_type="application/json"
    )


def _refusal(status: int, message: str) -> web.Response:
    return _json({"error": {"message": message}}, status)
