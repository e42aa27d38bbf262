"""``muster auth`` as real processes on a real database."""

from __future__ import annotations

import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from muster.runtime.cli import muster
from tests.auth.mailbox import Mailbox
from tests.auth.service_stage import eventually_dead
from tests.auth.stage import (
    CHEAP,
    ENABLED,
    PASSWORD,
    Client,
    create,
    eventually_refused,
    logged_in,
    refused,
    run,
    settings,
)
from tests.e2e.processes import MUSTER, environ
from tests.http.api import Api


class CommandLine:
    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.settings = {
            **ENABLED,
            **CHEAP,
            "DATABASE_URL": url,
            "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        }

    def __call__(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MUSTER, "auth", *arguments],
            env=environ(self.home, self.settings),
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def command(tmp_path: Path, database_url: str) -> CommandLine:
    return CommandLine(tmp_path, database_url)


def test_a_first_administrator(api: Api, command: CommandLine) -> None:
    done = command("create-admin", "Root@Example.in", "--password-stdin", said=f"{PASSWORD}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert logged_in(api, "root@example.in").me().json["role"] == "company_admin"
    again = command("create-admin", "root@example.in", "--password-stdin", said=f"{PASSWORD}\n")
    assert again.returncode == 1
    assert "Another account has this identifier." in again.stderr


def test_an_account_of_a_trainer(api: Api, command: CommandLine) -> None:
    trainer = str(uuid4())
    made = ("create-account", "ravi", "--role", "trainer", "--password-stdin")
    unbound = command(*made, said=PASSWORD)
    assert unbound.returncode == 1
    assert "needs the id of a trainer" in unbound.stderr
    common = command(*made, "--trainer", trainer, said="passwordpassword")
    assert common.returncode == 1
    assert "Many people use it" in common.stderr
    assert command(*made, "--trainer", trainer, said=PASSWORD).returncode == 0
    assert logged_in(api, "ravi").me().json["trainerId"] == trainer


def test_a_token_for_a_script(api: Api, command: CommandLine) -> None:
    printed = command("token", "--role", "company_admin")
    assert printed.returncode == 0, printed.stderr
    script = Client(api)
    script.access = printed.stdout.strip()
    assert script.get("/v1/franchises").status == 200
    assert command("token", "--role", "client").returncode == 1
    assert command("token", "--role", "emperor").returncode == 2


def test_keys_are_rotated(api: Api, command: CommandLine, database_url: str) -> None:
    before = run(database_url, "SELECT kid FROM auth_signing_keys WHERE retired_at IS NULL")
    done = command("rotate-keys")
    assert done.returncode == 0, done.stderr
    (after,) = run(database_url, "SELECT kid FROM auth_signing_keys WHERE retired_at IS NULL")
    assert after["kid"] in done.stdout
    assert after not in before


def test_an_api_key_for_a_service(api: Api, command: CommandLine) -> None:
    made = command("create-key", "billing", "--permission", "franchises:read", "--days", "30")
    assert (made.returncode, made.stderr) == (0, "")
    key_id, key = (line.partition(": ")[2] for line in made.stdout.splitlines())
    service = Client(api)
    service.access = key
    assert service.get("/v1/franchises").status == 200
    assert command("revoke-key", key_id).returncode == 0
    assert eventually_dead(lambda: service.get("/v1/franchises"))


def test_an_api_key_that_cannot_be(command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "public.pem").write_text("nonsense")
    signs = ("--public-key", str(tmp_path / "public.pem"))
    made = command("create-key", "billing", "--permission", "zones:read", "--days", "30", *signs)
    assert made.returncode == 1
    assert "no Ed25519 public key" in made.stderr


def test_accounts_are_administered(api: Api, database_url: str, mailbox: Mailbox) -> None:
    environ = settings(database_url)

    def command(*arguments: str) -> Result:
        # In this process, for a start of its own takes a command seconds.
        return CliRunner().invoke(muster, ["auth", *arguments], env=environ)

    invited = command("invite", "ravi@example.in", "--role", "company_admin")
    assert invited.exit_code == 0, invited.stderr
    token = mailbox.token_to("ravi@example.in")
    accepted = Client(api).post("invitations/accept", {"token": token, "password": PASSWORD})
    assert accepted.status == 204
    last = command("disable", "RAVI@example.in")
    assert last.exit_code == 1
    assert "the last account that can administer accounts" in last.stderr
    create(database_url, "meera")
    inside = logged_in(api, "meera")
    trainer = str(uuid4())
    for arguments in (
        ("set-role", "meera", "--role", "trainer", "--trainer", trainer),
        ("disable", "meera"),
    ):
        done = command(*arguments)
        assert done.exit_code == 0, done.output
    assert eventually_refused(inside)
    assert refused(Client(api).log_in("meera"))
    assert command("enable", "meera").exit_code == 0
    assert logged_in(api, "meera").me().json["trainerId"] == trainer
    assert "There is no such account." in command("enable", "nobody").stderr
