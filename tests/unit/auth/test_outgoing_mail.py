"""Mail on its way out: what fails, what is too much and what is late hurts nobody else."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from muster.ports.notifier import Notice, Notifier
from muster.testing.examples import new_id
from muster_auth import outgoing_mail
from muster_auth.outgoing_mail import OutgoingMail
from muster_memory.notifier import MemoryNotifier

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Stuck(Notifier):
    """Sends nothing until it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.begun = 0

    async def send(self, notice: Notice) -> None:
        self.begun += 1
        await self.may.wait()


class Faulty(Notifier):
    async def send(self, notice: Notice) -> None:
        raise RuntimeError(f"no such mailbox: {notice.recipient}")


def a_notice() -> Notice:
    return Notice(new_id(), "meera@example.in", "Hello", "Hello.")


async def test_what_is_handed_over_is_sent_once_nobody_waits() -> None:
    notifier = MemoryNotifier()
    mail = OutgoingMail(notifier)
    notice = a_notice()
    mail.hand_over(notice)
    assert notifier.kept == []
    await mail.settled()
    assert notifier.kept == [notice]


async def test_what_has_to_wait_is_not_begun_before() -> None:
    stuck = Stuck()
    stuck.may.set()
    mail = OutgoingMail(stuck)
    mail.hand_over(a_notice(), 0.05)
    mail.hand_over(a_notice())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert stuck.begun == 1
    await mail.settled()
    assert stuck.begun == 2


@pytest.mark.parametrize("faulty", [False, True])
async def test_what_fails_is_logged_without_the_recipient(faulty: bool) -> None:
    away = MemoryNotifier()
    away.available = False
    mail = OutgoingMail(Faulty() if faulty else away)
    notice = a_notice()
    with capture_logs() as logs:
        mail.hand_over(notice)
        await mail.settled()
    (line,) = logs
    assert (line["event"], line["notice_id"]) == ("notice_failed", str(notice.id))
    assert line["reason"] == ("RuntimeError" if faulty else "The notifier is away.")
    assert "example.in" not in str(logs)


async def test_a_few_at_a_time_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_mail, "_MOST", 10)
    stuck = Stuck()
    mail = OutgoingMail(stuck)
    with capture_logs() as logs:
        for _ in range(12):
            mail.hand_over(a_notice())
        await asyncio.sleep(0)
    assert stuck.begun == 4
    assert [line["event"] for line in logs] == ["notice_dropped"] * 2
    stuck.may.set()
    await mail.settled()
    assert stuck.begun == 10


async def test_what_is_late_at_the_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_mail, "_PATIENCE_SECONDS", 0)
    mail = OutgoingMail(Stuck())
    mail.hand_over(a_notice())
    with capture_logs() as logs:
        await mail.close()
    assert logs == [{"event": "notices_given_up", "notices": 1, "log_level": "error"}]
    await OutgoingMail(Stuck()).close()
