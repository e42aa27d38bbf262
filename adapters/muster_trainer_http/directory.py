"""The adapter behind the port ``TrainerDirectory``: one question, within its time."""

from __future__ import annotations

import asyncio

import structlog

from muster.domain.receipts import DirectorySource
from muster.ports.clock import Clock
from muster.ports.trainer_directory import (
    DirectoryAnswer,
    TrainerDirectory,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.breaker import Breaker, BreakerOpen
from muster_trainer_http.dialect import Dialect, ServiceAnswer
from muster_trainer_http.failures import CallFailed, FailureKind

__all__ = ["HttpTrainerDirectory"]

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_REASONS_LOGGED = 5


class HttpTrainerDirectory(TrainerDirectory):
    """Asks the trainer service over HTTP, every time."""

    def __init__(
        self,
        dialect: Dialect,
        clock: Clock,
        question_seconds: float,
        breaker: Breaker,
        activity: DirectoryActivity,
    ) -> None:
        """Take what a question needs.

        Args:
            dialect: Asks the service.
            clock: Dates the answers.
            question_seconds: How long all calls of one question may take.
            breaker: Refuses questions while the service keeps failing.
            activity: Where successes and failures are noted.
        """
        self._dialect = dialect
        self._clock = clock
        self._question_seconds = question_seconds
        self._breaker = breaker
        self._activity = activity

    async def candidates(self, question: TrainerQuestion) -> DirectoryAnswer:
        """Ask the service; see the port.

        ``as_of`` is the instant before the first call, so an answer is never older than
        it says.
        """
        asked_at = self._clock.now()
        try:
            answer = await self._guarded(question)
        except CallFailed as failed:
            if failed.kind is not FailureKind.BREAKER_OPEN:
                self._activity.last_failure_at = self._clock.now()
                self._activity.last_failure_kind = failed.kind
            log.warning(
                "trainer_service_unavailable",
                kind=failed.kind.value,
                reason=failed.message,
                zone_id=str(question.zone_id),
            )
            raise TrainerDirectoryUnavailable(f"The trainer service {failed.message}.") from None
        self._activity.last_success_at = asked_at
        if answer.left_out:
            self._note_left_out(answer, question)
        return DirectoryAnswer(answer.trainers, asked_at, DirectorySource.LIVE)

    async def _guarded(self, question: TrainerQuestion) -> ServiceAnswer:
        try:
            permit = self._breaker.admit()
        except BreakerOpen:
            raise CallFailed(
                FailureKind.BREAKER_OPEN, "failed again and again and is left alone for a moment"
            ) from None
        try:
            answer = await self._ask(question)
        except CallFailed as failed:
            if failed.kind is FailureKind.NO_VALID_TRAINER:
                # The service is well; that one operator's data are not must stop no other.
                self._breaker.succeeded(permit)
            else:
                self._breaker.failed(permit)
            raise
        except BaseException:
            self._breaker.abandoned(permit)
            raise
        self._breaker.succeeded(permit)
        return answer

    async def _ask(self, question: TrainerQuestion) -> ServiceAnswer:
        try:
            async with asyncio.timeout(self._question_seconds):
                return await self._dialect.ask(question)
        except TimeoutError:
            raise CallFailed(FailureKind.TIMEOUT, "did not answer all pages in time") from None

    def _note_left_out(self, answer: ServiceAnswer, question: TrainerQuestion) -> None:
        count = answer.left_out.total()
        self._activity.trainers_left_out += count
        log.warning(
            "trainers_left_out",
            count=count,
            reasons=dict(answer.left_out.most_common(_REASONS_LOGGED)),
            zone_id=str(question.zone_id),
        )
