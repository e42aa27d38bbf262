"""What the directory has done since the process began, for the status route."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from muster_trainer_http.breaker import BreakerState
from muster_trainer_http.failures import FailureKind

__all__ = ["DirectoryActivity"]


class DirectoryActivity(Struct, kw_only=True, rename="camel"):
    """Counters of one process; every question ends in exactly one of the four outcomes.

    Attributes:
        questions: Questions that the core asked.
        answers_from_service: Outcome: the service was asked and answered.
        answers_from_process_copy: Outcome: a snapshot in memory answered.
        answers_from_store: Outcome: a snapshot of the store answered.
        unanswered: Outcome: nobody could answer, or nobody waited any longer.
        calls: HTTP calls made for questions; health checks are not counted.
        trainers_left_out: Trainers that did not validate, counted once for each answer.
        store_failures: Times the snapshot store failed or took too long.
        last_success_at: UTC instant at which the newest answer of the service was asked for.
        last_failure_at: UTC instant of the newest failure of the service.
        last_failure_kind: What that failure was.
        breaker: How the breaker stood when it was last looked at.
    """

    questions: int = 0
    answers_from_service: int = 0
    answers_from_process_copy: int = 0
    answers_from_store: int = 0
    unanswered: int = 0
    calls: int = 0
    trainers_left_out: int = 0
    store_failures: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure_kind: FailureKind | None = None
    breaker: BreakerState = BreakerState.CLOSED
