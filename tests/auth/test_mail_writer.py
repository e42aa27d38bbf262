"""The job of a mail beside what happens meanwhile: it writes to nobody whom it should not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from muster.plugin_api import Caller, Role, Scope, command_line
from muster.ports.entropy import ENTROPY
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import AskedAgain, JobLease, LeaseLost
from muster.runtime.bootstrap import Application, bootstrap
from muster_auth.account_desk import AccountDesk
from muster_auth.accounts import Account
from muster_auth.invitations import Invitee
from muster_auth.mailed_tokens import TokenPurpose, mailed_token_hash
from muster_auth.plugin import AuthPlugin
from muster_jobs.queue import PostgresJobQueue
from tests.auth.mailbox import token_in
from tests.auth.stage import PLUGINS, create, run, settings

pytestmark = pytest.mark.anyio

RAVI, MEERA = "ravi@example.in", "meera@example.in"
TOKENS = "SELECT token_hash FROM auth_invitations"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Stage:
    """An app in which nobody works on jobs but the test."""

    def __init__(self, application: Application, url: str, mail: Path) -> None:
        self.url = url
        self._ports = application.ports
        self._mail = mail
        (self._plugin,) = (
            one.instance
            for one in application.hooks.plugins
            if isinstance(one.instance, AuthPlugin)
        )

    @property
    def desk(self) -> AccountDesk:
        return self._plugin._open_desk()

    @property
    def caller(self) -> Caller:
        return command_line(self._ports.get(ENTROPY))

    async def invite(self) -> UUID:
        invitee = Invitee(RAVI, "Ravi", Role.COMPANY_ADMIN, Scope())
        return (await self.desk.invitations.invite(invitee, self.caller)).account.id

    async def take(self, kind: str = "mail-invitation", after: int = 0) -> JobLease:
        now = datetime.now(UTC) + timedelta(seconds=after)
        until = now + timedelta(seconds=30)
        (taken,) = await self._ports.get(JOB_QUEUE).take([f"auth/{kind}"], now, until, 9, "test")
        return taken.lease

    def letters(self) -> list[str]:
        return [file.read_text() for file in self._mail.glob("*.eml")]


@pytest.fixture
async def stage(clean_database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    mail = tmp_path / "mail"
    environ = settings(clean_database, MUSTER_MAIL__DIRECTORY=str(mail))
    application = bootstrap(environ, PLUGINS)
    async with application.running():
        yield Stage(application, clean_database, mail)


async def test_a_worker_that_lost_its_job_writes_nothing(stage: Stage) -> None:
    """Another has it by now, whose letter would be void."""
    invited = await stage.invite()
    lost = await stage.take()
    lease = await stage.take(after=31)
    assert await stage.desk.mail.invitation(invited, lease) == 1
    stored = run(stage.url, TOKENS)
    with pytest.raises(LeaseLost):
        await stage.desk.mail.invitation(invited, lost)
    assert run(stage.url, TOKENS) == stored
    assert len(stage.letters()) == 1


async def test_who_is_invited_again_meanwhile_gets_one_letter(stage: Stage) -> None:
    invited = await stage.invite()
    lease = await stage.take()
    await stage.invite()
    with pytest.raises(AskedAgain):
        await stage.desk.mail.invitation(invited, lease)
    assert (run(stage.url, TOKENS), stage.letters()) == ([], [])


async def test_a_letter_is_void_as_soon_as_somebody_is_invited_again(stage: Stage) -> None:
    """They may be invited as something else now."""
    invited = await stage.invite()
    assert await stage.desk.mail.invitation(invited, await stage.take()) == 1
    await stage.invite()
    assert run(stage.url, TOKENS) == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE auth_accounts SET disabled = true WHERE identifier = 'ravi@example.in'",
        "UPDATE auth_accounts SET password_hash = 'x'",
        "DELETE FROM auth_accounts WHERE identifier = 'ravi@example.in'",
    ],
    ids=["disabled", "accepted", "gone"],
)
async def test_who_is_not_invited_any_more_gets_no_letter(stage: Stage, meanwhile: str) -> None:
    invited = await stage.invite()
    lease = await stage.take()
    run(stage.url, meanwhile)
    assert await stage.desk.mail.invitation(invited, lease) == 0
    assert (run(stage.url, TOKENS), stage.letters()) == ([], [])


async def test_who_disables_an_account_while_its_letter_is_written_voids_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait for the letter's unit, or it would store a token behind their back."""
    create(stage.url, MEERA)
    invited = await stage.invite()
    lease = await stage.take()
    hold = PostgresJobQueue.hold
    disabling: list[asyncio.Task[Account]] = []

    async def slow(*args: Any, **kwargs: Any) -> None:
        ask = stage.desk.administration.disable(invited, stage.caller)
        disabling.append(asyncio.create_task(ask))
        while not run(stage.url, "SELECT FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
            assert not disabling[0].done(), "nobody waited for the letter"
        await hold(*args, **kwargs)

    monkeypatch.setattr(PostgresJobQueue, "hold", slow)
    assert await stage.desk.mail.invitation(invited, lease) == 1
    await disabling[0]
    assert run(stage.url, TOKENS) == []


async def test_each_letter_of_a_forgotten_password_voids_the_one_before(stage: Stage) -> None:
    """Also where the job is done again after its row was cleaned away."""
    create(stage.url, MEERA)
    await stage.desk.resets.ask(MEERA, stage.caller)
    lease = await stage.take("mail-password-reset")
    run(stage.url, "DELETE FROM auth_password_resets")
    for _ in range(2):
        assert await stage.desk.mail.password_reset(MEERA, lease) == 1
    tokens = {token_in(letter) for letter in stage.letters()}
    hashes = {mailed_token_hash(TokenPurpose.PASSWORD_RESET, token) for token in tokens}
    (row,) = run(stage.url, "SELECT token_hash FROM auth_password_resets")
    assert len(tokens) == 2
    assert row["token_hash"] in hashes
