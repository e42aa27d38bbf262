"""The ways in which the trainer service can fail to answer."""

from __future__ import annotations

from enum import Enum

__all__ = ["CallFailed", "FailureKind"]


class FailureKind(Enum):
    """What went wrong, as status and logs name it."""

    CONNECTION = "connection"
    TIMEOUT = "timeout"
    STATUS = "status"
    REDIRECT = "redirect"
    TOO_LARGE = "tooLarge"
    NOT_THE_CONTRACT = "notTheContract"
    ENDLESS_PAGES = "endlessPages"
    NO_VALID_TRAINER = "noValidTrainer"
    BREAKER_OPEN = "breakerOpen"


class CallFailed(Exception):
    """The trainer service did not answer a call as its contract says.

    Attributes:
        kind: What went wrong.
        message: The end of a sentence that begins with "The trainer service"; it names
            no address and quotes nothing that the service sent.
        passing: Whether the same call may well be answered a moment later.
        retry_after: In how many seconds the service asks to be called again, if it does.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        passing: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Say what went wrong."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.passing = passing
        self.retry_after = retry_after
