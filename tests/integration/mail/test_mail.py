"""Mail as it leaves: encrypted, signed in, refused, late, and into files of the owner's alone."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from muster.ports.notifier import NOTIFIER, Notice, NoticeRefused, NotifierUnavailable
from muster.runtime.bootstrap import bootstrap
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT, new_id
from muster_mail.file_notifier import FileNotifier
from muster_mail.plugin import MailPlugin
from muster_mail.settings import MailSettings, Tls
from muster_mail.smtp_notifier import SmtpNotifier
from tests.integration.mail.mail_server import PASSWORD, USER, mail_server

CLOCK = FakeClock(AN_INSTANT)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def notice(recipient: str = "meera@example.in") -> Notice:
    return Notice(new_id(), recipient, "Hello", "Hello.")


def to(port: int, tls: Tls = Tls.NONE, **settings: object) -> SmtpNotifier:
    section = MailSettings(port=port, tls=tls, sender="muster@example.in", **settings)  # type: ignore[arg-type]
    return SmtpNotifier("127.0.0.1", section, CLOCK)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(AN_INSTANT - timedelta(days=10_000))
        .not_valid_after(AN_INSTANT + timedelta(days=10_000))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("mail") / "server.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + signed.public_bytes(encoding))
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # wrapped in TLS
@pytest.mark.anyio
@pytest.mark.parametrize("mode", [Tls.TLS, Tls.STARTTLS])
async def test_mail_is_encrypted_and_signed_in(
    mode: Tls, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with mail_server(tls, wrapped=mode is Tls.TLS, login=True) as server:
        await to(server.port, mode, user=USER, password=PASSWORD).send(notice())
        assert server.sessions == [(True, True)]
        with pytest.raises(NotifierUnavailable, match="SMTPAuthenticationError"):
            await to(server.port, mode, user=USER, password="wrong").send(notice())
        assert len(server.messages) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("mode", [Tls.TLS, Tls.STARTTLS])
async def test_a_server_that_nobody_vouches_for_gets_nothing(
    mode: Tls, tls: ssl.SSLContext
) -> None:
    async with mail_server(tls, wrapped=mode is Tls.TLS) as server:
        with pytest.raises(NotifierUnavailable):
            await to(server.port, mode).send(notice())
        assert not server.messages


@pytest.mark.anyio
async def test_without_encryption_there_nothing_is_sent() -> None:
    async with mail_server() as server:
        with pytest.raises(NotifierUnavailable, match="SMTPException"):
            await to(server.port, Tls.STARTTLS).send(notice())
        assert not server.messages


@pytest.mark.anyio
async def test_a_refused_recipient_is_told_from_one_that_is_busy() -> None:
    async with mail_server() as server:
        server.answers = {
            "gone@example.in": "550 5.1.1 <gone@example.in> is unknown",
            "busy@example.in": "451 4.2.0 <busy@example.in> is greylisted",
        }
        with pytest.raises(NoticeRefused) as gone:
            await to(server.port).send(notice("gone@example.in"))
        with pytest.raises(NotifierUnavailable) as busy:
            await to(server.port).send(notice("busy@example.in"))
        assert (gone.value.message, busy.value.message) == (
            "The mail server refuses the mail: 550.",
            "The mail server does not take the mail now: 451.",
        )
        assert gone.value.__suppress_context__
        assert not server.messages


@pytest.mark.anyio
async def test_a_mail_says_what_it_is() -> None:
    async with mail_server() as server:
        told = notice()
        await to(server.port).send(told)
        (message,) = server.messages
        assert server.recipients == [told.recipient]
        assert message["Message-ID"] == f"<{told.id}@example.in>"
        assert message["From"] == "muster@example.in"
        assert message["Date"].datetime == AN_INSTANT.replace(microsecond=0)
        assert message["Auto-Submitted"] == "auto-generated"


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that takes connections and never says a word."""
    gone = asyncio.Event()

    async def stay(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    server = await asyncio.start_server(stay, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        gone.set()


@pytest.mark.anyio
async def test_a_silent_server_is_given_up(silent_port: int) -> None:
    with pytest.raises(NotifierUnavailable, match="Timeout"):
        await to(silent_port, timeout_seconds=0.2).send(notice())


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "data" / "mail"
    told = notice()
    asyncio.run(FileNotifier(directory, "muster@example.in", CLOCK).send(told))
    (file,) = directory.iterdir()
    assert file.name == f"{told.id}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_file_can_be_read_by_a_person(tmp_path: Path) -> None:
    link = "https://app.example.in/invitation#token=" + "A" * 100
    told = Notice(new_id(), "meera@example.in", "Grüße", f"नमस्ते\n{link}")
    asyncio.run(FileNotifier(tmp_path, "muster@example.in", CLOCK).send(told))
    (file,) = tmp_path.iterdir()
    written = file.read_text("utf-8")
    assert {"Subject: Grüße", "नमस्ते", link} <= set(written.splitlines())


def test_the_settings_choose_where_mail_goes(tmp_path: Path) -> None:
    def notifier(**settings: str) -> object:
        return bootstrap(settings, [MailPlugin]).ports.get(NOTIFIER)

    assert isinstance(notifier(MUSTER_MAIL__DIRECTORY=str(tmp_path)), FileNotifier)
    assert isinstance(notifier(MUSTER_MAIL__HOST="mail.example.in"), SmtpNotifier)
    assert isinstance(notifier(), FileNotifier)
