"""Mails that are asked for: a job stands with the change that asks for it, or with none of it.

This is the one place through which the plugin asks to write to people. A job names whom to write
to and never holds a token: whoever does it makes one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import structlog
from msgspec import Struct

from muster.plugin_api import (
    JOB_TYPES,
    Caller,
    Dispatches,
    Identifiers,
    Job,
    JobPriority,
    JobRetries,
    JobType,
    PortLookup,
    order_of,
)
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.notifier import NoticeRefused
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.identifiers import counted_as
from muster_auth.mail_writer import MailWriter

__all__ = ["InvitationMail", "MailOrders", "PasswordResetMail", "mail_types"]

P = TypeVar("P", bound=Struct)

_log = structlog.get_logger(__name__)

_INVITATION = "mail-invitation"
_PASSWORD_RESET = "mail-password-reset"  # noqa: S105 - the name of a job
_RETRIES = JobRetries(most=16, longest_seconds=900.0)
"""A mail server may be away for an hour, whatever the chance in the pauses."""

_LONGEST_SENDING_SECONDS = 150.0
"""More than any notifier's own patience."""


class InvitationMail(Struct, frozen=True):
    """An invitation that is to be written.

    Attributes:
        account_id: Who is invited.
    """

    account_id: UUID


class PasswordResetMail(Struct, frozen=True):
    """A forgotten password's mail that is to be written, if somebody has an account there.

    Attributes:
        address: Canonical. Personal data, under a key that is redacted wherever it is shown.
    """

    address: str


class MailOrders:
    """Asks for mails, within the units of those who change something."""

    def __init__(self, ports: PortLookup) -> None:
        """Ask in the queue of an app.

        Raises:
            CompositionError: It has none.
        """
        self._queue = ports.get(JOB_QUEUE)
        self._types = ports.get(JOB_TYPES).by_name()
        self._clock = ports.get(CLOCK)
        self._identifiers = Identifiers(self._clock, ports.get(ENTROPY))

    async def invitation(self, unit: UnitOfWork, account_id: UUID, caller: Caller) -> None:
        """Ask for an invitation, as a unit's last step; one that waits does for it."""
        await self._ask(unit, _INVITATION, InvitationMail(account_id), caller)

    async def password_reset(self, unit: UnitOfWork, address: str, caller: Caller) -> None:
        """Ask for a forgotten password's mail; as ``invitation``, of one address.

        Args:
            unit: Whose last step it is.
            address: Canonical; of an account or of nobody.
            caller: Who asks.
        """
        await self._ask(unit, _PASSWORD_RESET, PasswordResetMail(address), caller)

    async def _ask(self, unit: UnitOfWork, kind: str, payload: Struct, caller: Caller) -> None:
        name, now = f"auth/{kind}", self._clock.now()
        order = order_of(
            name,
            self._types[name],
            payload,
            id_=self._identifiers.new(),
            at=now,
            correlation_id=caller.correlation_id,
        )
        await self._queue.enqueue(unit, [order], now)


def mail_types(writer: Callable[[], MailWriter]) -> Sequence[JobType[Any]]:
    """Return the kinds of mails.

    Args:
        writer: Returns that of the running app.
    """

    async def invitation(
        job: Job[InvitationMail], ports: PortLookup, dispatcher: Dispatches
    ) -> dict[str, Any]:
        try:
            return {"mails": await writer().invitation(job.payload.account_id, job.lease)}
        except NoticeRefused as refused:
            _log_refused(job, refused)
            return {"mails": 0, "refused": refused.message}

    async def password_reset(
        job: Job[PasswordResetMail], ports: PortLookup, dispatcher: Dispatches
    ) -> None:
        # Without a result: by it whoever reads jobs would learn who has an account.
        try:
            await writer().password_reset(job.payload.address, job.lease)
        except NoticeRefused as refused:
            _log_refused(job, refused)

    return [
        _mail_type(_INVITATION, InvitationMail, invitation, lambda mail: str(mail.account_id)),
        _mail_type(
            _PASSWORD_RESET,
            PasswordResetMail,
            password_reset,
            lambda mail: counted_as(mail.address).hex(),
        ),
    ]


def _log_refused(job: Job[Any], refused: NoticeRefused) -> None:
    """Tell of a mail that can never be sent, which to try again would not change."""
    _log.warning("notice_refused", job_id=str(job.lease.job_id), error=refused.message)


def _mail_type(
    name: str,
    payload: type[P],
    handle: Callable[[Job[P], PortLookup, Dispatches], Awaitable[Any]],
    unique_key: Callable[[P], str],
) -> JobType[P]:
    return JobType(
        name=name,
        payload=payload,
        handle=handle,
        unique_key=unique_key,
        retries=_RETRIES,
        timeout_seconds=_LONGEST_SENDING_SECONDS,
        priority=JobPriority.HIGH,
        queue="mail",
    )
