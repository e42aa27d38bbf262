"""Bookings through one server process, next to the same statements sent alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from msgspec import Struct

from bench.companion import Companion
from bench.deployment import Deployment, Server, deployed, serving
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.load import Load, LoadResult, generator, post
from bench.machine import cpu_seconds, cpu_seconds_of_children
from bench.purchases import Town, request_body, roster, towns
from bench.recording import Recorder
from bench.replay import Replay, Replayer, Sent
from bench.report import say, table, write

__all__ = ["POOL_SIZE", "BookingsPlan", "measure_bookings", "place", "staffed"]

POOL_SIZE = 10
"""Connections of one server's pool, by default."""

_WARMING = 64
"""Bookings that a server places before any is timed: once in each town at least."""

Generator = Companion[Load, LoadResult]


class BookingsPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        clients: Concurrent clients.
        sessions: Sessions of each booking.
        candidates: Trainers of each zone.
        rounds: Turns of server and statements.
        bookings: In each turn; a quarter of them with 500 candidates or more.
        seed: Bookings in each database from the start, so that PostgreSQL knows its tables:
            on empty ones it makes plans that a connection keeps for too long.
    """

    clients: tuple[int, ...]
    sessions: tuple[int, ...]
    candidates: tuple[int, ...]
    rounds: int
    bookings: int
    seed: int

    def each(self, candidates: int, clients: int) -> int:
        """Return the bookings of one turn."""
        wanted = self.bookings // 4 if candidates >= 500 else self.bookings
        return max(wanted, 2 * clients)


class BookingsFound(Struct, frozen=True):
    """One case; rates in bookings per second, processor time in milliseconds for each."""

    clients: int
    sessions: int
    candidates: int
    bookings_each_round: int
    statements: int
    server: Spread
    alone: Spread
    ratio: Spread
    waits: Latencies
    waits_alone: Latencies
    server_cpu_ms: Spread
    postgres_cpu_ms: Spread
    postgres_cpu_ms_alone: Spread
    alone_cpu_ms: Spread
    generator_cpu_share: Spread


class _Case(Struct, frozen=True):
    seed: str
    clients: int
    sessions: int
    candidates: int
    streams: list[list[list[Sent]]]
    bodies: list[list[bytes]]
    warming: list[bytes]


class _Turn(Struct, frozen=True):
    result: LoadResult
    cpu_ms: float
    postgres_ms: float


def measure_bookings(plan: BookingsPlan, name: str) -> None:
    """Measure every case, print the table and write it."""
    found: list[BookingsFound] = []
    with deployed() as deployment, Companion(generator) as load:
        for candidates in plan.candidates:
            places = staffed(deployment, candidates)
            for sessions in plan.sessions:
                for case in _cases(plan, deployment, places, sessions, candidates):
                    found.append(_measured(deployment, load, case))
                    _tell(found[-1])
    _print(found, plan)
    write(name, found)


def staffed(deployment: Deployment, candidates: int) -> list[Town]:
    """Give the towns trainers, and return the towns."""
    places = towns(candidates)
    deployment.give_trainers(roster(places, candidates))
    return places


def place(
    load: Generator,
    server: Server,
    bodies: list[bytes],
    clients: int,
    seconds: float | None = None,
) -> LoadResult:
    """Place bookings, each of which must be assigned."""
    requests = [post("/v1/bookings", body) for body in bodies]
    marker = b'"status":"ASSIGNED"'
    return load.ask(Load(server.address, requests, clients, 201, marker, seconds))


def _cases(
    plan: BookingsPlan, deployment: Deployment, places: list[Town], sessions: int, candidates: int
) -> Iterator[_Case]:
    """Record one case's bookings for all numbers of clients alike."""
    each = plan.each(candidates, max(plan.clients))
    bodies = [
        [request_body(turn * each + number, places, sessions) for number in range(each)]
        for turn in range(plan.rounds)
    ]
    first = plan.rounds * each
    warming = [request_body(first + number, places, sessions) for number in range(_WARMING)]
    say(f"Recording {first} bookings: {sessions} sessions, {candidates} candidates")
    after = first + _WARMING
    seed = _seeded(
        deployment,
        [request_body(number, places, sessions) for number in range(after, after + plan.seed)],
    )
    database = deployment.new_database(seed)
    with Companion(Recorder(deployment.environ(database))) as record:
        # Once in each town, so that no recorded booking asks for trainers.
        record.ask(warming[: len(places)])
        streams = [record.ask(turn) for turn in bodies]
    deployment.drop(database)
    for clients in plan.clients:
        yield _Case(seed, clients, sessions, candidates, streams, bodies, warming)
    deployment.drop(seed)


def _seeded(deployment: Deployment, bodies: list[bytes]) -> str:
    """Return a database that holds some bookings and that nobody uses."""
    database = deployment.new_database()
    if not bodies:
        return database
    with Companion(Recorder(deployment.environ(database))) as record:
        record.ask(bodies)
    deployment.analyze(database)
    return database


def _measured(deployment: Deployment, load: Generator, case: _Case) -> BookingsFound:
    connections = min(case.clients, POOL_SIZE)
    served, alone = (deployment.new_database(case.seed) for _ in range(2))
    turns: list[tuple[_Turn, _Turn]] = []
    with ExitStack() as stack:
        stack.callback(deployment.drop, served)
        stack.callback(deployment.drop, alone)
        server = stack.enter_context(serving(deployment, served))
        replay = stack.enter_context(Companion(Replayer(alone, connections)))
        place(load, server, case.warming, case.clients)
        replay.ask(Replay(case.streams[0], connections, warming=True))
        for bodies, streams in zip(case.bodies, case.streams, strict=True):
            with _watched(deployment, server) as through:
                result = place(load, server, bodies, case.clients)
            first = through(result)
            with _watched(deployment, None) as bare:
                result = replay.ask(Replay(streams, connections))
            turns.append((first, bare(result)))
    return _found(case, turns)


class _Watch:
    """Processor time of a server and of PostgreSQL between two moments."""

    def __init__(self, deployment: Deployment, server: Server | None) -> None:
        self._postmaster = deployment.postmaster
        self._server = server
        self._began = self._now()
        self._ended = self._began

    def stop(self) -> None:
        self._ended = self._now()

    def __call__(self, result: LoadResult) -> _Turn:
        own, postgres = (
            (ended - began) * 1000 / len(result.waits)
            for ended, began in zip(self._ended, self._began, strict=True)
        )
        if self._server is None:
            own = result.cpu_seconds * 1000 / len(result.waits)
        return _Turn(result, own, postgres)

    def _now(self) -> tuple[float, float]:
        own = cpu_seconds(self._server.pid) if self._server else 0.0
        return own, cpu_seconds_of_children(self._postmaster)


@contextmanager
def _watched(deployment: Deployment, server: Server | None) -> Iterator[_Watch]:
    watch = _Watch(deployment, server)
    yield watch
    watch.stop()


def _found(case: _Case, turns: list[tuple[_Turn, _Turn]]) -> BookingsFound:
    served, alone = [turn[0] for turn in turns], [turn[1] for turn in turns]
    rates, bare = [turn.result.rate for turn in served], [turn.result.rate for turn in alone]
    return BookingsFound(
        clients=case.clients,
        sessions=case.sessions,
        candidates=case.candidates,
        bookings_each_round=len(case.bodies[0]),
        statements=max(len(booking) for booking in case.streams[0]),
        server=spread_of(rates),
        alone=spread_of(bare),
        ratio=ratios(rates, bare),
        waits=latencies_of([wait for turn in served for wait in turn.result.waits]),
        waits_alone=latencies_of([wait for turn in alone for wait in turn.result.waits]),
        server_cpu_ms=spread_of([turn.cpu_ms for turn in served]),
        postgres_cpu_ms=spread_of([turn.postgres_ms for turn in served]),
        postgres_cpu_ms_alone=spread_of([turn.postgres_ms for turn in alone]),
        alone_cpu_ms=spread_of([turn.cpu_ms for turn in alone]),
        generator_cpu_share=spread_of([turn.result.cpu_share for turn in served]),
    )


def _tell(case: BookingsFound) -> None:
    say(
        f"{case.clients} clients, {case.sessions} sessions, {case.candidates} candidates: "
        f"server {case.server}, alone {case.alone}, ratio {case.ratio}; round by round "
        + ", ".join(f"{one:.2f}" for one in case.ratio.rounds)
    )


def _print(found: list[BookingsFound], plan: BookingsPlan) -> None:
    table(
        f"Bookings per second, PostgreSQL durable; median (least – most) of {plan.rounds} rounds",
        (
            "clients · sessions · candidates", "server", "statements alone", "ratio",
            "p50 / p95 / p99 ms", "alone p50 ms", "CPU ms a booking: server + PostgreSQL",
            "alone: driver + PostgreSQL", "load generator",
        ),
        [
            (
                f"{case.clients} · {case.sessions} · {case.candidates:,}",
                case.server,
                case.alone,
                case.ratio,
                f"{case.waits.p50:.1f} / {case.waits.p95:.1f} / {case.waits.p99:.1f}",
                f"{case.waits_alone.p50:.1f}",
                f"{case.server_cpu_ms.median:.2f} + {case.postgres_cpu_ms.median:.2f}",
                f"{case.alone_cpu_ms.median:.2f} + {case.postgres_cpu_ms_alone.median:.2f}",
                f"{case.generator_cpu_share.median:.0%} of a core",
            )
            for case in found
        ],
    )  # fmt: skip
