"""The notifiers by mail, into a directory and to a real server, held to the suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from muster.ports.notifier import Notice, Notifier
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT
from muster.testing.suites.notifier import NotifierSuite, PostOffice
from muster_mail.file_notifier import FileNotifier
from muster_mail.settings import MailSettings, Tls
from muster_mail.smtp_notifier import SmtpNotifier
from tests.integration.mail.mail_server import MailServer, mail_server, notice_of, read


class Directory(PostOffice):
    def __init__(self, path: Path) -> None:
        self.path = path

    async def arrived(self) -> Sequence[Notice]:
        return [notice_of(read(file.read_bytes())) for file in self.path.glob("*")]

    async def close(self) -> None:
        self.path.write_text("a file where a directory was meant")


class TestIntoADirectory(NotifierSuite):
    @pytest.fixture
    def office(self, tmp_path: Path) -> Directory:
        return Directory(tmp_path / "mail")

    @pytest.fixture
    def notifier(self, office: Directory) -> Notifier:
        return FileNotifier(office.path, "muster@example.in", FakeClock(AN_INSTANT))


class TestToAServer(NotifierSuite):
    @pytest.fixture
    async def office(self) -> AsyncIterator[MailServer]:
        async with mail_server() as server:
            yield server

    @pytest.fixture
    def notifier(self, office: MailServer) -> Notifier:
        settings = MailSettings(port=office.port, tls=Tls.NONE, sender="muster@example.in")
        return SmtpNotifier("127.0.0.1", settings, FakeClock(AN_INSTANT))
