"""What is measured: a durable PostgreSQL, a trainer service and servers, all real processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType

import asyncpg
from msgspec import Struct
from sqlalchemy.engine import make_url

from bench.purchases import Town
from muster.runtime.embedded_postgres import running_postgres
from muster_postgres import migrations
from muster_postgres.zone_rows import zone_row

__all__ = ["SEALED", "Deployment", "Server", "deployed", "muster", "serving", "spoken"]

SEALED = {"MUSTER_AUTH__SECRETS_KEY": "QSBrZXkgb2YgdGhlIGJlbmNobWFyaywgMzIgYnl0ZXM="}
"""For servers with accounts: their secrets are thrown away with the database."""

_FOREIGN = ("MUSTER_", "TRAINER_", "DATABASE_URL", "REDIS_URL", "PG")
_TEMPLATE = "bench_template"

_ZONE = """
    INSERT INTO zones
        (id, name, folded_name, franchise_id, latitude, longitude, radius_km, time_zone,
         priority, status, version, created_at, updated_at, centre, reach, reach_chord)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            cube($14::float8[]), cube_enlarge(cube($14::float8[]), $15, 3), $15)
"""


class Server(Struct, frozen=True):
    """A process that listens."""

    address: str
    pid: int


class Deployment:
    """PostgreSQL and the trainer service, for as many servers and databases as wanted."""

    def __init__(self, home: Path, postgres: str, trainers: str) -> None:
        """Stand on what runs.

        Args:
            home: Where logs go.
            postgres: URL of any database of the server.
            trainers: URL of the sample trainer service.
        """
        self.home = home
        self.trainers = trainers
        self._postgres = postgres
        self._numbers = count(1)

    @property
    def postmaster(self) -> int:
        """The process that is the parent of all backends."""
        return int((self.home / "postgres/pgdata/postmaster.pid").read_text().split()[0])

    def new_database(self, like: str | None = None) -> str:
        """Return the URL of a new database.

        Args:
            like: URL of the one to copy, which nobody uses; by default one with every
                town's zone and nothing else.
        """
        name = f"bench_{next(self._numbers)}"
        template = make_url(like).database if like else _TEMPLATE
        asyncio.run(self._execute(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return self._on(name)

    def analyze(self, url: str) -> None:
        """Let PostgreSQL learn what a database holds, as autovacuum does in time."""
        asyncio.run(self._execute("VACUUM ANALYZE", url))

    def drop(self, url: str) -> None:
        """Drop a database."""
        asyncio.run(self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))

    def give_trainers(self, roster: bytes) -> None:
        """Make these the trainers that the service knows."""
        request = urllib.request.Request(
            f"{self.trainers}/sandbox/trainers", data=roster, method="PUT"
        )
        urllib.request.urlopen(request, timeout=60).close()

    def environ(self, database: str) -> dict[str, str]:
        """Return the environment of a server: addresses, open doors, and every default else.

        What accounts and the edge cost is measured by itself; beside bare statements they
        would hide what the core costs.
        """
        return _bare_environ() | {
            "DATABASE_URL": database,
            "TRAINER_SERVICE_URL": self.trainers,
            "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http",
            "MUSTER_HTTP__PORT": "0",
            "MUSTER_HTTP__DRAIN_SECONDS": "0",
        }

    async def make_template(self) -> None:
        """Migrate the database that others are copied from, and open the zones in it."""
        await self._execute(f"CREATE DATABASE {_TEMPLATE}")
        await migrations.upgrade_async(self._on(_TEMPLATE))
        connection = await asyncpg.connect(self._on(_TEMPLATE))
        try:
            await connection.executemany(_ZONE, [zone_row(Town(n).zone()) for n in range(64)])
            await connection.execute("ANALYZE zones")
        finally:
            await connection.close()

    async def _execute(self, statement: str, url: str | None = None) -> None:
        connection = await asyncpg.connect(url or self._postgres)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _on(self, name: str) -> str:
        return make_url(self._postgres).set(database=name).render_as_string(hide_password=False)


@contextmanager
def deployed(**settings: str) -> Iterator[Deployment]:
    """Start PostgreSQL, as durable as by default, and the trainer service; end both.

    Args:
        settings: Of PostgreSQL, over the defaults of the embedded one.
    """
    home = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    home.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home)
        postgres = stack.enter_context(
            running_postgres(home / "postgres", durable=True, settings=settings)
        )
        sandbox = ["trainer-sandbox", "--port", "0", "--generate", "0"]
        trainers = stack.enter_context(
            spoken(muster(sandbox), _bare_environ(), home / "sandbox.log", "trainer sandbox at ")
        )
        deployment = Deployment(home, postgres, trainers.address)
        asyncio.run(deployment.make_template())
        yield deployment


@contextmanager
def serving(
    deployment: Deployment, database: str, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """Keep one server process running on a database, with its log in a file."""
    with spoken(
        muster(["serve"]),
        deployment.environ(database) | dict(settings),
        deployment.home / "server.log",
        " listens at ",
    ) as server:
        yield server


@contextmanager
def spoken(
    command: Sequence[str], environ: Mapping[str, str], log: Path, before: str
) -> Iterator[Server]:
    """Keep a process running that says where it listens.

    Args:
        command: What to run.
        environ: Its whole environment.
        log: Takes its standard error.
        before: What stands before the address, on the first line that it writes.
    """
    with log.open("ab") as errors:
        child = subprocess.Popen(
            command, env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    try:
        assert child.stdout is not None
        said = child.stdout.readline().decode()
        if before not in said:
            raise RuntimeError(f"{command} did not start: {said}{log.read_text()[-2000:]}")
        yield Server(said.partition(before)[2].split()[0], child.pid)
    finally:
        child.terminate()
        child.communicate(timeout=30)


def muster(arguments: list[str]) -> list[str]:
    """Return the command `muster`, which also ends when this process does."""
    return [sys.executable, "-m", "muster.runtime.tethered", *arguments]


def _bare_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
