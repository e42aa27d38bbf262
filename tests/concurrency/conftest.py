"""Two real servers on one real database, and one sample trainer service."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import aiohttp
import pytest

from .clients import Clients, Deployment

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@contextmanager
def process(arguments: Sequence[str], environ: dict[str, str]) -> Iterator[str]:
    """Run a command of Muster; give its address as soon as it says it."""
    command = [sys.executable, "-m", "muster.runtime.cli", *arguments]
    child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        said = child.stdout.readline()
        found = _ADDRESS.search(said)
        assert found, f"{arguments} did not start: {said!r}"
        yield found.group()
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
        child.communicate()


@pytest.fixture(scope="session")
def deployment(shared_database_url: str) -> Iterator[Deployment]:
    environ = {name: value for name, value in os.environ.items() if "MUSTER" not in name}
    environ |= {
        "DATABASE_URL": shared_database_url,
        "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http",
        "MUSTER_LOG__LEVEL": "WARNING",
        "MUSTER_HTTP__DRAIN_SECONDS": "0",
    }
    with ExitStack() as stack:
        trainers = stack.enter_context(
            process(["trainer-sandbox", "--port", "0", "--generate", "0"], environ)
        )
        environ["TRAINER_SERVICE_URL"] = trainers
        servers = [
            stack.enter_context(process(["serve", "--port", "0"], environ)) for _ in range(2)
        ]
        yield Deployment(shared_database_url, trainers, servers)


@pytest.fixture
async def clients(deployment: Deployment, anyio_backend: str) -> AsyncIterator[Clients]:
    timeout = aiohttp.ClientTimeout(total=60)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield Clients(session, deployment)
