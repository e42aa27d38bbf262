"""The sealer of a server: it seals, writes checkpoints elsewhere, and survives failures."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from muster.domain.audit_chain import SealedEntry, StreamHead
from muster.domain.audit_checkpoints import Checkpoint, line_of, read_line, sign
from muster.plugin_api.redaction import redacted
from muster.ports.audit import AuditChain, Unchained
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.runtime.audit_sealing import CHECKPOINT_FILE, AuditSealer
from muster.runtime.audit_verification import read_checkpoints
from muster.runtime.settings import AuditSettings
from muster.testing.clock import FakeClock
from muster.testing.example_records import an_audit_entry
from muster.testing.examples import AN_INSTANT, new_id
from muster_memory.audit import MemoryAuditChain
from muster_memory.store import MemoryStore
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory

pytestmark = pytest.mark.anyio

KEY = bytes(32)


class Flaky(AuditChain):
    """A chain that cannot be reached for some time."""

    def __init__(self, inner: AuditChain, failures: int) -> None:
        self.inner = inner
        self.failures = failures

    async def seal(self, limit: int) -> int:
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailable("It is away.")
        return await self.inner.seal(limit)

    async def heads(self) -> tuple[StreamHead, ...]:
        return await self.inner.heads()

    def sealed(self) -> AsyncIterator[Sequence[SealedEntry]]:
        return self.inner.sealed()

    async def unchained(self, limit: int) -> tuple[Unchained, ...]:
        return await self.inner.unchained(limit)

    async def waiting(self) -> int:
        return await self.inner.waiting()


class House:
    def __init__(self, directory: Path | None = None, failures: int = 0) -> None:
        self.store = MemoryStore()
        self.chain = Flaky(MemoryAuditChain(self.store), failures)
        self.clock = FakeClock(AN_INSTANT)
        place = None if directory is None else str(directory)
        self.settings = AuditSettings(seal_seconds=0.05, checkpoint_directory=place)
        self.sealer = self.started_again()

    def started_again(self) -> AuditSealer:
        return AuditSealer(self.chain, self.key, self.clock, self.settings)

    async def key(self) -> bytes:
        return KEY

    async def append(self, count: int = 1) -> None:
        async with MemoryUnitOfWorkFactory(self.store)() as unit:
            await unit.audit.append([an_audit_entry() for _ in range(count)])
            await unit.commit()

    async def sealed(self, count: int) -> None:
        await until(lambda: len(self.store.seals) >= count)


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.005)


def lines(directory: Path) -> list[Checkpoint]:
    return [read_line(line, KEY) for line in (directory / CHECKPOINT_FILE).open()]


async def test_what_is_committed_is_sealed_while_it_runs() -> None:
    house = House()
    await house.append()
    async with house.sealer.running():
        await house.sealed(1)
        await house.append(2)
        await house.sealed(3)


async def test_it_seals_once_more_at_its_end(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.sealer.running():
        await house.append(2)
    assert len(house.store.seals) == 2
    assert [one.count for one in lines(tmp_path)[-1].heads] == [2]


async def test_checkpoints_say_what_has_grown(tmp_path: Path) -> None:
    """Each line what has grown since the one before, and none where nothing has."""
    house = House(tmp_path / "made" / "when missing")
    assert await house.sealer.checkpoint() is None
    await house.append(2)
    await house.chain.seal(10)
    with capture_logs() as logs:
        written = await house.sealer.checkpoint()
    assert written is not None
    assert (written.at, written.heads) == (AN_INSTANT, await house.chain.heads())
    assert await house.sealer.checkpoint() is None
    franchise = new_id()
    async with MemoryUnitOfWorkFactory(house.store)() as unit:
        await unit.audit.append([an_audit_entry(franchise_id=franchise)])
        await unit.commit()
    await house.chain.seal(10)
    later = await house.sealer.checkpoint()
    assert later is not None
    assert [(one.stream, one.count) for one in later.heads] == [(franchise, 1)]
    assert lines(tmp_path / "made" / "when missing") == [written, later]
    # What redaction takes out of a line could not be compared with the trail.
    (line,) = (msgspec.json.encode(redacted(one)) for one in logs)
    assert b'"event":"audit_checkpoint"' in line
    assert read_line(line, KEY) == written


async def test_a_checkpoint_is_due_after_its_time(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.append()
    async with house.sealer.running():
        await until((tmp_path / CHECKPOINT_FILE).exists)
        await house.append()
        await house.sealed(2)
        assert len(lines(tmp_path)) == 1
        house.clock.advance(timedelta(seconds=60))
        await until(lambda: len(lines(tmp_path)) == 2)


async def test_a_store_that_is_away_is_said_once_and_waited_for() -> None:
    house = House(failures=3)
    await house.append()
    with capture_logs() as logs:
        async with house.sealer.running():
            await house.sealed(1)
    (said,) = [line for line in logs if line["event"] == "audit_sealing_failed"]
    # An outage is told of in one line; a traceback would say nothing more.
    assert (said["error"], "exc_info" in said) == ("It is away.", False)


async def test_a_directory_that_cannot_be_written_stops_no_sealing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    house = House(tmp_path / "file")
    await house.append()
    with capture_logs() as logs:
        async with house.sealer.running():
            await house.sealed(1)
            await house.append()
            await house.sealed(2)
    assert "audit_sealing_failed" in [line["event"] for line in logs]


async def test_a_line_that_a_crash_tore_costs_no_other_line(tmp_path: Path) -> None:
    """Wherever it was torn: what is written next begins a line of its own."""
    house = House(tmp_path)
    await house.append()
    await house.chain.seal(10)
    torn = sign(AN_INSTANT, [*await house.chain.heads(), StreamHead(new_id(), 1, bytes(32))], KEY)
    text = line_of(torn).encode()
    file = tmp_path / CHECKPOINT_FILE
    for end in range(len(text) + 1):
        file.write_bytes(text[:end])
        written = await house.started_again().checkpoint()
        whole = [torn] if end >= len(text) - 1 else []
        assert read_checkpoints([file], KEY) == ([*whole, written], [])


async def test_a_line_that_found_no_room_is_written_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.append()
    await house.chain.seal(10)
    file = tmp_path / CHECKPOINT_FILE
    with capture_logs(), files_of_at_most(20), pytest.raises(OSError, match="20 of"):
        await house.sealer.checkpoint()
    assert file.stat().st_size == 20
    written = await house.sealer.checkpoint()
    assert written is not None
    assert read_checkpoints([file], KEY) == ([written], [])


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that is full: what does not fit is left out."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("foreign", [b"no checkpoint\n", b'{"at": 1}\n', b'{"at": 1}', b"}\n"])
def test_what_is_neither_torn_nor_blank_is_told(tmp_path: Path, foreign: bytes) -> None:
    file = tmp_path / CHECKPOINT_FILE
    file.write_bytes(b"\n  \n" + foreign)
    found, faults = read_checkpoints([file], KEY)
    assert (found, [fault.message for fault in faults]) == (
        [],
        [f"{file}, line 3: it is no checkpoint"],
    )
