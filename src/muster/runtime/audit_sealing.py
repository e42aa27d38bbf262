"""Sealing the audit trail after the commit, and its signed checkpoints: a task of each server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from io import SEEK_END, FileIO
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from muster.domain.audit_checkpoints import Checkpoint, line_of, sign
from muster.ports.audit import AuditChain
from muster.ports.clock import Clock
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict
from muster.runtime.settings import AuditSettings

__all__ = ["CHECKPOINT_FILE", "AuditSealer", "sealed_whole"]

CHECKPOINT_FILE = "audit-checkpoints.jsonl"
"""What the file of checkpoints is called in its directory."""

_MOST_AT_ONCE = 5_000
_GRACE_SECONDS = 5.0

_log = structlog.get_logger(__name__)


async def sealed_whole(chain: AuditChain) -> int:
    """Seal until nothing waits or another server is at it; return how many were sealed."""
    whole = 0
    while done := await chain.seal(_MOST_AT_ONCE):
        whole += done
    return whole


class AuditSealer:
    """Gives committed entries their place in the chain, and remembers elsewhere how far it was."""

    def __init__(
        self,
        chain: AuditChain,
        key: Callable[[], Awaitable[bytes]],
        clock: Clock,
        settings: AuditSettings,
    ) -> None:
        """Seal a trail.

        Args:
            chain: Of the trail.
            key: Returns the key that signs checkpoints; asked for while the app runs.
            clock: For the instants of checkpoints.
            settings: How often, and where checkpoints are kept.
        """
        self._chain = chain
        self._key = key
        self._clock = clock
        self._settings = settings
        self._told: dict[UUID, int] = {}
        self._ending = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Seal while the context is open, and once more at its end."""
        task = asyncio.create_task(self._run(), name="audit sealer")
        try:
            yield
        finally:
            self._ending.set()
            await asyncio.wait([task], timeout=_GRACE_SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def checkpoint(self) -> Checkpoint | None:
        """Write down how far the streams are that have grown since the last time.

        Returns:
            What was written; ``None`` where none has grown.
        """
        heads = [
            head
            for head in await self._chain.heads()
            if head.count > self._told.get(head.stream, 0)
        ]
        if not heads:
            return None
        checkpoint = sign(self._clock.now(), heads, await self._key())
        # The log is a second place, and the only one where no directory is set.
        _log.info("audit_checkpoint", **msgspec.to_builtins(checkpoint))
        if self._settings.checkpoint_directory is not None:
            place = Path(self._settings.checkpoint_directory) / CHECKPOINT_FILE
            await asyncio.to_thread(_append, place, line_of(checkpoint))
        self._told.update((head.stream, head.count) for head in heads)
        return checkpoint

    async def _run(self) -> None:
        due, failing = self._clock.now(), False
        while not self._ending.is_set():
            failing = await self._tried(lambda: sealed_whole(self._chain), failing)
            if (now := self._clock.now()) >= due and not failing:
                failing = await self._tried(self.checkpoint, failing)
                due = self._after(now)
            await self._rest()
        if not failing and not await self._tried(lambda: sealed_whole(self._chain), failing):
            await self._tried(self.checkpoint, failing)

    def _after(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._settings.checkpoint_seconds)

    async def _tried(self, work: Callable[[], Awaitable[object]], failing: bool) -> bool:
        """Do some work and return whether it failed; said once, not once a second."""
        try:
            await work()
        except (DatabaseUnavailable, TransactionConflict) as error:
            if not failing:
                _log.warning("audit_sealing_failed", error=error.message)
            return True
        except Exception as error:  # noqa: BLE001 - a sealer that ends would never seal again
            if not failing:
                _log.warning("audit_sealing_failed", exc_info=error)
            return True
        return False

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._settings.seal_seconds):
                await self._ending.wait()
        except TimeoutError:
            return


def _append(place: Path, line: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    # One write of a whole line: other servers append to the same file.
    with place.open("a+b", buffering=0) as file:
        text = (b"\n" if _is_torn(file) else b"") + line.encode()
        written = file.write(text)
    if written != len(text):
        raise OSError(f"{written} of {len(text)} bytes of a checkpoint were written to {place}")


def _is_torn(file: FileIO) -> bool:
    """Return whether a crash, or a full disk, left a line without its end."""
    if not file.tell():
        return False
    file.seek(-1, SEEK_END)
    return file.read(1) != b"\n"
