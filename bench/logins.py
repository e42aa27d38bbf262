"""Whether times tell who has an account, and how the server does while many log in."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.client import HTTPConnection
from multiprocessing import get_context
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from argon2 import PasswordHasher
from msgspec import Struct

from bench.deployment import SEALED, Server, deployed, serving
from bench.figures import Latencies, latencies_of
from bench.report import say, table, write

__all__ = ["LoginsPlan", "measure_logins"]

_ATTEMPTS = 10
"""As many as are evaluated before an identifier is locked."""

_PASSWORD = "three green parrots sing"
_AUTH = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,auth,mail,jobs",
    # All of them come from one address, which would be locked and tell nothing.
    "MUSTER_AUTH__LOCKOUT_ADDRESS_FAILURES": "0",
    # Nothing is to be done beside the logins.
    "MUSTER_JOBS__WORK_IN_SERVER": "false",
    **SEALED,
}
_ACCOUNT = """
    INSERT INTO auth_accounts (id, identifier, display_name, role, password_hash, version,
        created_at, updated_at)
    VALUES ($1, $2, $2, 'company_admin', $3, 1, now(), now())
"""


class LoginsPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        logins: Of each kind, interleaved.
        parallel: How many log in at once while /health is asked.
        rounds: How often they do.
    """

    logins: int
    parallel: int
    rounds: int


class LoginsFound(Struct, frozen=True):
    """What was found; milliseconds.

    Attributes:
        auc: How often an unknown account took longer than a wrong password; 0.5 is chance.
        unknown: Logins to accounts that nobody has.
        wrong: Logins with wrong passwords.
        health_idle: While nobody logs in.
        health: While many do.
        statuses: What those who logged in at once were answered.
    """

    auc: float
    unknown: Latencies
    wrong: Latencies
    health_idle: Latencies
    health: Latencies
    statuses: dict[str, int]


def measure_logins(plan: LoginsPlan, name: str) -> None:
    """Measure, print the table and write it."""
    with deployed() as deployment:
        database = deployment.new_database()
        tried = [f"account-{number}" for number in range(-(-plan.logins // _ATTEMPTS))]
        entering = [f"entering-{number}" for number in range(plan.parallel)]
        asyncio.run(_fill(database, tried + entering))
        with serving(deployment, database, _AUTH) as server:
            say(f"{plan.logins} logins of each kind")
            unknown, wrong = _interleaved(server, plan.logins)
            idle = _health(server, 2.0)
            say(f"{plan.parallel} logins at once, {plan.rounds} times")
            flooded, statuses = _flooded(server, plan)
    found = LoginsFound(
        _auc(unknown, wrong),
        latencies_of(unknown),
        latencies_of(wrong),
        latencies_of(idle),
        latencies_of(flooded),
        statuses,
    )
    table(
        f"Logins; AUC of unknown over wrong {found.auc:.3f}; at once {statuses}",
        ("", "p50 ms", "p95 ms", "p99 ms"),
        [
            (label, f"{one.p50:.1f}", f"{one.p95:.1f}", f"{one.p99:.1f}")
            for label, one in (
                ("unknown account", found.unknown),
                ("wrong password", found.wrong),
                ("/health, idle", found.health_idle),
                ("/health amid logins", found.health),
            )
        ],
    )
    write(name, found)


async def _fill(database: str, identifiers: Sequence[str]) -> None:
    hashed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(_PASSWORD)
    connection = await asyncpg.connect(database)
    try:
        rows = [(uuid4(), identifier, hashed) for identifier in identifiers]
        await connection.executemany(_ACCOUNT, rows)
    finally:
        await connection.close()


def _interleaved(server: Server, logins: int) -> tuple[list[float], list[float]]:
    connection = _connected(server)
    waits: dict[str, list[float]] = {"stranger": [], "account": []}
    chance = random.Random(1)
    for number in range(logins):
        kinds = list(waits)
        chance.shuffle(kinds)
        for kind in kinds:
            begun = time.perf_counter()
            status = _log_in(connection, f"{kind}-{number // _ATTEMPTS}", "not the password")
            waits[kind].append(time.perf_counter() - begun)
            assert status == 401, status
    return waits["stranger"], waits["account"]


def _flooded(server: Server, plan: LoginsPlan) -> tuple[list[float], dict[str, int]]:
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        flood = other.submit(_flood, server, plan.parallel, plan.rounds)
        waits: list[float] = []
        while not flood.done():
            waits += _health(server, 0.2)
        return waits, flood.result()


def _flood(server: Server, parallel: int, rounds: int) -> dict[str, int]:
    def one(number: int) -> int:
        return _log_in(_connected(server), f"entering-{number}", _PASSWORD)

    with ThreadPoolExecutor(parallel) as threads:
        statuses = [status for _ in range(rounds) for status in threads.map(one, range(parallel))]
    return {str(status): count for status, count in sorted(Counter(statuses).items())}


def _health(server: Server, seconds: float) -> list[float]:
    connection, waits = _connected(server), []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        waits.append(time.perf_counter() - begun)
        time.sleep(0.005)
    connection.close()
    return waits


def _log_in(connection: HTTPConnection, identifier: str, password: str) -> int:
    body = json.dumps({"identifier": identifier, "password": password})
    connection.request("POST", "/plugins/auth/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _connected(server: Server) -> HTTPConnection:
    return HTTPConnection(urlsplit(server.address).netloc, timeout=60)


def _auc(these: Sequence[float], those: Sequence[float]) -> float:
    """Return how often one of these is greater than one of those; ties count half."""
    greater = sum((this > that) + (this == that) / 2 for this in these for that in those)
    return greater / (len(these) * len(those))
