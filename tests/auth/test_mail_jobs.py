"""Mails are jobs: what is asked for is sent, whoever is killed or away, and opens what it says."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from muster.runtime.cli import muster
from tests.auth.mailbox import token_in
from tests.auth.post_office import PostOffice, closed_port, mailing_to, post_office
from tests.auth.stage import CHEAP, ENABLED, PASSWORD, Client, create, logged_in, run
from tests.auth.stage import settings as app_settings
from tests.e2e.processes import call, eventually, running
from tests.http.api import JSON, Api
from tests.http.server_under_test import serving

MEERA, RAVI = "meera@example.in", "ravi@example.in"
NEW = "seven blue herons wade"
MAILS = "type LIKE 'auth/mail-%'"
SOON = {"MUSTER_JOBS__LEASE_SECONDS": "1"}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def url(clean_database: str) -> str:
    create(clean_database, MEERA)
    return clean_database


def ask(api: Api, identifier: str = MEERA) -> str:
    """Ask for a new password; return the correlation id."""
    answer = Client(api).post("password-reset", {"identifier": identifier})
    assert answer.status == 202
    return str(answer.headers["X-Correlation-Id"])


def confirmed(api: Api, token: str) -> int:
    return Client(api).post("password-reset/confirm", {"token": token, "newPassword": NEW}).status


def states(url: str) -> list[tuple[str, int]]:
    rows = run(url, f"SELECT state, attempts FROM jobs WHERE {MAILS} ORDER BY id")
    return [tuple(row) for row in rows]


def as_told(url: str) -> str:
    """Everything that stands in jobs."""
    return str([row["job"] for row in run(url, "SELECT jobs::text AS job FROM jobs")])


def test_a_server_that_is_killed_while_it_mails_loses_no_mail(
    url: str, office: PostOffice, tmp_path: Path
) -> None:
    served = {**app_settings(url), **SOON, **office.settings}
    office.hold()
    with running(tmp_path, "serve", settings=served, errors=tmp_path / "log") as server:
        address = server.address()
        asked = call(f"{address}/plugins/auth/password-reset", {"identifier": MEERA})
        assert asked.status == 202
        assert eventually(lambda: office.counter.begun == 1)
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
    assert states(url) == [("RUNNING", 1)]
    office.let_in()
    # What was brought by a process that is dead by now may have been taken all the same.
    lost = len(office.counter.messages)
    with serving(url, None, **{**ENABLED, **CHEAP, **SOON, **office.settings}) as other:
        token = token_in(office.letters(lost + 1)[-1])
        assert eventually(lambda: states(url) == [("DONE", 2)])
        assert token not in as_told(url)
        assert token not in (tmp_path / "log").read_text()
        assert confirmed(other.api, token) == 204


def test_a_mail_that_was_asked_for_waits_for_a_worker(url: str, office: PostOffice) -> None:
    idle = {**ENABLED, **CHEAP, **office.settings, "MUSTER_JOBS__WORK_IN_SERVER": "false"}
    with serving(url, None, **idle) as server:
        admin = logged_in(server.api, MEERA)
        body = {"identifier": RAVI, "displayName": "Ravi", "role": "company_admin"}
        assert admin.send("POST", "/plugins/auth/accounts/invite", body).status == 201
    assert (states(url), office.counter.begun) == ([("WAITING", 0)], 0)
    assert RAVI not in as_told(url)
    with serving(url, None, **{**ENABLED, **CHEAP, **office.settings}) as server:
        token = token_in(office.letters(1)[0])
        accepted = {"token": token, "password": PASSWORD}
        assert Client(server.api).post("invitations/accept", accepted).status == 204
    assert token not in as_told(url)


def test_a_mail_server_that_is_away_is_asked_again_and_then_a_person(
    url: str, office: PostOffice
) -> None:
    """Its letter is among the dead jobs, with its correlation id and without the address."""
    away = {**ENABLED, **CHEAP, **mailing_to(closed_port())}
    with serving(url, None, **away) as server:
        correlation_id = ask(server.api)
        assert eventually(lambda: states(url) == [("WAITING", 1)])
        (row,) = run(url, f"SELECT run_at > taken_at AS later, last_error FROM jobs WHERE {MAILS}")
        assert row["later"]
        assert row["last_error"].startswith("NotifierUnavailable: The mail server cannot be used")
        run(url, f"UPDATE jobs SET attempts = 16, run_at = now() WHERE {MAILS}")
        assert eventually(lambda: states(url) == [("DEAD", 17)])
    (dead,) = json.loads(jobs_command(url, "dead", "--json"))
    assert dead["correlationId"] == correlation_id
    assert dead["payload"] == {"address": "[redacted]"}
    assert MEERA not in jobs_command(url, "dead")
    jobs_command(url, "retry", "--all")
    with serving(url, None, **{**ENABLED, **CHEAP, **office.settings}) as server:
        assert confirmed(server.api, token_in(office.letters(1)[0])) == 204


def test_a_mail_that_is_sent_again_opens_what_it_says(url: str, office: PostOffice) -> None:
    """The first one was taken, and the server said that it was not."""
    office.counter.faults = 1
    with serving(url, None, **{**ENABLED, **CHEAP, **office.settings}) as server:
        ask(server.api)
        assert eventually(lambda: states(url) == [("WAITING", 1)])
        run(url, f"UPDATE jobs SET run_at = now() WHERE {MAILS}")
        first, second = (token_in(letter) for letter in office.letters(2))
        assert confirmed(server.api, first) == 400
        assert confirmed(server.api, second) == 204
    ids = {message["Message-ID"] for message in office.counter.messages}
    assert len(ids) == 2, "a program of mail would drop the one that works"


@pytest.mark.parametrize(
    ("left_out", "port"), [("jobs", "job_queue"), ("mail", "notifier")], ids=["jobs", "mail"]
)
def test_accounts_do_not_start_without_mail_and_jobs(
    left_out: str, port: str, database_url: str
) -> None:
    every = ("postgres", "trainer_http", "auth", "mail", "jobs")
    settings = {
        name: value
        for name, value in app_settings(database_url).items()
        if not name.startswith(f"MUSTER_{left_out.upper()}__")
    }
    settings["MUSTER_PLUGINS__ENABLED"] = ",".join(name for name in every if name != left_out)
    refused = CliRunner().invoke(muster, ["auth", "token", "--role", "company_admin"], env=settings)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"No enabled plugin provides the port '{port}'; enable one that does." in refused.stderr


def test_a_mail_that_is_refused_for_good_is_not_tried_again(url: str, office: PostOffice) -> None:
    """Whoever invited somebody sees it at the job; of a forgotten password only the log tells."""
    office.counter.answers = dict.fromkeys((MEERA, RAVI), "550 No such mailbox")
    settings = {**ENABLED, **CHEAP, **office.settings}
    with serving(url, None, **settings) as server, capture_logs() as lines:
        admin = logged_in(server.api, MEERA)
        body = {"identifier": RAVI, "displayName": "Ravi", "role": "company_admin"}
        assert admin.send("POST", "/plugins/auth/accounts/invite", body).status == 201
        ask(server.api)
        ask(server.api, "nobody@example.in")
        assert eventually(lambda: states(url) == [("DONE", 1)] * 3)
    invited, known, unknown = run(url, f"SELECT id, result FROM jobs WHERE {MAILS} ORDER BY id")
    why = "The mail server refuses the mail: 550."
    assert json.loads(invited["result"]) == {"mails": 0, "refused": why}
    assert known["result"] is unknown["result"] is None
    told = {(one["job_id"], one["error"]) for one in lines if one["event"] == "notice_refused"}
    assert told == {(str(one["id"]), why) for one in (invited, known)}


def test_a_job_does_not_tell_its_readers_who_has_an_account(url: str, office: PostOffice) -> None:
    """Neither by its result nor by its key, which is a hash of what can be guessed."""
    with serving(url, None, **{**ENABLED, **CHEAP, **office.settings}) as server:
        for identifier in (MEERA, "nobody@example.in"):
            ask(server.api, identifier)
        assert eventually(lambda: states(url) == [("DONE", 1)] * 2)
        admin = logged_in(server.api, MEERA)
        shown = admin.get("/admin/jobs/list?type=auth/mail-password-reset").json["data"]
    assert [(one["result"], one["uniqueKey"]) for one in shown] == [(None, "[redacted]")] * 2


def test_links_lead_to_the_front_end_alone(url: str, office: PostOffice) -> None:
    """Whatever a client says of the host, and whatever the name of whoever is invited."""
    settings = {
        **ENABLED,
        **CHEAP,
        **office.settings,
        "MUSTER_AUTH__INVITATION_LINK": "https://app.example.in/welcome#token={token}",
        "MUSTER_AUTH__PASSWORD_RESET_LINK": "https://app.example.in/forgotten#token={token}",
    }
    with serving(url, None, **settings) as server:
        admin = logged_in(server.api, MEERA)
        body: dict[str, Any] = {"identifier": RAVI, "displayName": "https://evil.example"}
        body["role"] = "company_admin"
        assert admin.send("POST", "/plugins/auth/accounts/invite", body).status == 201
        assert "https://app.example.in/welcome#token=mi_" in office.letters(1)[0]
        connection = HTTPConnection("127.0.0.1", server.api.port)
        forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Content-Type": JSON}
        text = json.dumps({"identifier": MEERA})
        connection.request("POST", "/plugins/auth/password-reset", text, forged)
        assert connection.getresponse().status == 202
        connection.close()
        letters = office.letters(2)
    assert "https://app.example.in/forgotten#token=mp_" in letters[1]
    assert "evil" not in "".join(letters)


def jobs_command(url: str, *arguments: str) -> str:
    done = CliRunner().invoke(muster, ["jobs", *arguments], env=app_settings(url))
    assert done.exit_code == 0, done.stderr
    return done.stdout
