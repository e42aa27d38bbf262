"""The second factor: enrolled by a code, asked at each login, used once, taken away by both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from muster.plugin_api import Role, Scope
from muster.testing.clock import FakeClock
from muster_auth import one_time_codes, second_factors
from tests.auth.factor_stage import AT_LOGIN, FACTOR, STEP, Phone, enrolled, pending, show, through
from tests.auth.stage import (
    CHEAP,
    ENABLED,
    PASSWORD,
    PLUGINS,
    Client,
    create,
    logged_in,
    refused,
    run,
)
from tests.http.api import Api
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.server_under_test import ServerUnderTest, serving

WRONG = "a wrong password is long"
SHORT = "bluenine"


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture(scope="module")
def servers(database_url: str, clock: FakeClock) -> Iterator[list[ServerUnderTest]]:
    """Two apps on one database; trainers must have a second factor."""
    plugins = [*PLUGINS, plugin_of(clock)]
    environ = {
        **ENABLED,
        **CHEAP,
        "MUSTER_PLUGINS__PORTS": CHOICE,
        "MUSTER_AUTH__REQUIRE_SECOND_FACTOR": "trainer",
    }
    with (
        serving(database_url, plugins, **environ) as one,
        serving(database_url, plugins, **environ) as other,
    ):
        yield [one, other]


@pytest.fixture(scope="module")
def module_server(servers: list[ServerUnderTest]) -> ServerUnderTest:
    return servers[0]


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A line for each time that a code was held to a secret."""
    found: list[bool] = []

    def noted(*arguments: Any) -> int | None:
        step = one_time_codes.step_of(*arguments)
        found.append(step is not None)
        return step

    monkeypatch.setattr(second_factors, "step_of", noted)
    return found


def notes(url: str, account_id: UUID) -> list[str]:
    """What the audit trail says of an account's second factor, in its order."""
    rows = run(
        url,
        "SELECT * FROM audit_entries WHERE subject_id = $1"
        " AND action ~ 'SecondFactor|RecoveryCode' ORDER BY at, id",
        account_id,
    )
    assert {row["actor"] for row in rows} <= {f"account:{account_id}"}
    assert {row["address"] for row in rows} <= {"127.0.0.1"}
    return [row["action"] for row in rows]


def test_a_code_confirms_an_enrolment(api: Api, database_url: str, clock: FakeClock) -> None:
    account_id = create(database_url, "meera")
    here, there = logged_in(api, "meera"), logged_in(api, "meera")
    assert refused(here.post(FACTOR, {"password": WRONG}))
    begun = here.post(FACTOR, {"password": PASSWORD})
    assert begun.headers["Cache-Control"] == "no-store"
    assert re.fullmatch("[A-Z2-7]{32}", begun.json["secret"])
    assert begun.json["otpauthUri"].startswith("otpauth://totp/muster:meera?secret=")
    phone = Phone(begun.json["secret"], clock)
    assert here.me().json["secondFactor"] is False
    assert logged_in(api, "meera").me().status == 200
    assert refused(here.post(f"{FACTOR}/confirm", {"code": phone.wrong()}))
    assert refused(Client(api).post(f"{FACTOR}/confirm", {"code": phone.code()}))
    confirmed = here.post(f"{FACTOR}/confirm", {"code": phone.code()})
    assert len(set(confirmed.json["recoveryCodes"])) == 10
    assert here.me().json["secondFactor"] is True
    assert refused(there.me())
    assert refused(there.refresh())
    assert here.refresh().status == 200
    assert notes(database_url, account_id) == ["EnrolSecondFactor"]
    again = here.post(FACTOR, {"password": PASSWORD})
    assert (again.status, again.error["code"]) == (409, "ILLEGAL_STATE")


def test_an_enrolment_that_begins_anew_or_waits_too_long_is_dead(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    create(database_url, "meera")
    client = logged_in(api, "meera")
    first = Phone(client.post(FACTOR, {"password": PASSWORD}).json["secret"], clock)
    second = Phone(client.post(FACTOR, {"password": PASSWORD}).json["secret"], clock)
    assert refused(client.post(f"{FACTOR}/confirm", {"code": first.code()}))
    clock.advance(timedelta(seconds=590))
    client.refresh()
    assert client.post(f"{FACTOR}/confirm", {"code": second.code()}).status == 200
    create(database_url, "ravi")
    client = logged_in(api, "ravi")
    third = Phone(client.post(FACTOR, {"password": PASSWORD}).json["secret"], clock)
    clock.advance(timedelta(seconds=601))
    client.refresh()
    assert refused(client.post(f"{FACTOR}/confirm", {"code": third.code()}))


def test_a_login_takes_two_steps(api: Api, database_url: str, clock: FakeClock) -> None:
    create(database_url, "meera")
    _, phone = enrolled(api, "meera", clock)
    answer = Client(api).post("login", {"identifier": "meera", "password": PASSWORD})
    assert set(answer.json) == {"secondFactor", "pendingToken", "expiresInSeconds"}
    assert (answer.json["secondFactor"], answer.json["expiresInSeconds"]) == ("totp", 300)
    assert answer.headers["Cache-Control"] == "no-store"
    client = through(api, show(api, answer.json["pendingToken"], code=phone.code()))
    assert client.me().json["secondFactor"] is True
    assert client.refresh().status == 200
    assert refused(Client(api).log_in("meera", WRONG))


def test_a_pending_token_opens_nothing_else(api: Api, database_url: str, clock: FakeClock) -> None:
    create(database_url, "meera")
    _, phone = enrolled(api, "meera", clock)
    token = pending(api, "meera")
    asked = 0
    for path, operations in api.get("/docs/openapi.json").json["paths"].items():
        for method in operations:
            where = re.sub(r"\{\w+\}", str(uuid4()), path)
            body: Any = None if method in ("get", "delete") else {}
            shown = Client(api).send(method.upper(), where, body, token)
            without = Client(api).send(method.upper(), where, body)
            assert shown.status == without.status, (method, path, shown)
            asked += shown.status == 401
    assert asked > 50
    assert refused(Client(api).refresh(token))
    again = Client(api).post(f"{AT_LOGIN}/enrolment", {"pendingToken": token})
    assert (again.status, "secret" in again.json) == (409, False)
    confirm = {"pendingToken": token, "code": phone.code()}
    assert refused(Client(api).post(f"{AT_LOGIN}/enrolment/confirm", confirm))
    assert through(api, show(api, token, code=phone.code())).me().status == 200


def test_a_pending_token_works_once_and_not_for_long(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    create(database_url, "meera")
    _, phone = enrolled(api, "meera", clock)
    token = pending(api, "meera")
    assert refused(show(api, token, code=phone.wrong()))
    assert show(api, token, code=phone.code()).status == 200
    clock.advance(STEP)
    assert refused(show(api, token, code=phone.code()))
    late = pending(api, "meera")
    clock.advance(timedelta(seconds=301))
    assert refused(show(api, late, code=phone.code()))
    assert refused(show(api, "mw_" + "A" * 43, code=phone.code()))


def test_a_pending_token_dies_with_the_password(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    account_id = create(database_url, "meera")
    client, phone = enrolled(api, "meera", clock)
    token = pending(api, "meera")
    change = {"currentPassword": PASSWORD, "newPassword": SHORT}
    assert client.post("password", change).status == 204, "8 characters do with a second factor"
    assert refused(show(api, token, code=phone.code()))
    token = pending(api, "meera", SHORT)
    run(database_url, "UPDATE auth_accounts SET disabled = true WHERE id = $1", account_id)
    assert refused(show(api, token, code=phone.code()))


def test_each_step_is_used_once(api: Api, database_url: str, clock: FakeClock) -> None:
    create(database_url, "meera")
    _, phone = enrolled(api, "meera", clock)
    clock.advance(3 * STEP)
    one, other = pending(api, "meera"), pending(api, "meera")
    for steps in (-2, 2):
        assert refused(show(api, one, code=phone.code(steps)))
    for steps in (0, -1, 1):
        assert show(api, one, code=phone.code(steps)).status == 200
        assert refused(show(api, other, code=phone.code(steps)))
        one = pending(api, "meera")


def test_a_code_that_confirmed_is_used(api: Api, database_url: str, clock: FakeClock) -> None:
    create(database_url, "meera")
    _, phone = enrolled(api, "meera", clock)
    assert refused(show(api, pending(api, "meera"), code=phone.code(-1)))


@pytest.mark.parametrize("tokens", [1, 50])
def test_of_fifty_submissions_of_one_code_one_succeeds(
    servers: list[ServerUnderTest], api: Api, database_url: str, clock: FakeClock, tokens: int
) -> None:
    create(database_url, "meera")
    _, phone = enrolled(api, "meera", clock)
    held = [pending(api, "meera") for _ in range(tokens)]
    code = phone.code()

    def submitted(number: int) -> int:
        return show(servers[number % 2].api, held[number % tokens], code=code).status

    with ThreadPoolExecutor(50) as threads:
        statuses = sorted(threads.map(submitted, range(50)))
    assert statuses == [200] + [401] * 49
    assert len(run(database_url, "SELECT FROM auth_sessions WHERE ended_at IS NULL")) == 2


def test_of_two_hundred_wrong_codes_ten_are_evaluated(
    servers: list[ServerUnderTest],
    api: Api,
    database_url: str,
    clock: FakeClock,
    evaluated: list[bool],
) -> None:
    create(database_url, "meera")
    inside, phone = enrolled(api, "meera", clock)
    token, wrong = pending(api, "meera"), phone.wrong()
    evaluated.clear()

    def guessed(number: int) -> bool:
        return refused(show(servers[number % 2].api, token, code=wrong))

    with ThreadPoolExecutor(50) as threads:
        assert all(threads.map(guessed, range(200)))
    assert evaluated == [False] * 10
    locked = show(api, token, code=phone.code())
    assert refused(locked)
    assert len(evaluated) == 10
    assert refused(Client(api).log_in("meera"))
    assert inside.me().status == inside.refresh().status == 200
    clock.advance(timedelta(seconds=15 * 60))
    assert show(api, pending(api, "meera"), code=phone.code()).status == 200


def test_passwords_codes_and_recovery_codes_are_counted_together(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    create(database_url, "meera")
    inside, phone = enrolled(api, "meera", clock)
    token = pending(api, "meera")
    both = {"password": PASSWORD, "code": phone.wrong()}
    for _ in range(2):
        assert refused(Client(api).log_in("meera", WRONG))
        assert refused(show(api, token, code=phone.wrong()))
        assert refused(show(api, token, recoveryCode="aaaa-aaaa-aaaa-aaaa"))
        assert refused(inside.send("DELETE", f"/plugins/auth/{FACTOR}", both))
        assert refused(inside.post(f"{FACTOR}/recovery-codes", {**both, "password": WRONG}))
    assert len(run(database_url, "SELECT FROM auth_failures WHERE settled")) == 10
    assert refused(show(api, token, code=phone.code()))
    assert refused(show(api, token, recoveryCode=phone.recovery_codes[0]))
    assert refused(Client(api).log_in("meera"))


def test_a_recovery_code_works_once(api: Api, database_url: str, clock: FakeClock) -> None:
    account_id = create(database_url, "meera")
    create(database_url, "ravi")
    _, phone = enrolled(api, "meera", clock)
    _, stranger = enrolled(api, "ravi", clock)
    first = phone.recovery_codes[0]
    assert refused(show(api, pending(api, "meera"), recoveryCode=stranger.recovery_codes[0]))
    answer = show(api, pending(api, "meera"), recoveryCode=first.upper().replace("-", " "))
    assert through(api, answer).me().status == 200
    assert refused(show(api, pending(api, "meera"), recoveryCode=first))
    assert notes(database_url, account_id) == ["EnrolSecondFactor", "UseRecoveryCode"]
    held = [pending(api, "meera") for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        second = phone.recovery_codes[1]
        answers = list(threads.map(lambda token: show(api, token, recoveryCode=second), held))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7


def test_new_recovery_codes_replace_the_old_ones(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    account_id = create(database_url, "meera")
    client, phone = enrolled(api, "meera", clock)
    assert refused(client.post(f"{FACTOR}/recovery-codes", {"password": WRONG, "code": "000000"}))
    both = {"password": PASSWORD, "code": phone.code()}
    codes = client.post(f"{FACTOR}/recovery-codes", both).json["recoveryCodes"]
    assert len({*codes, *phone.recovery_codes}) == 20
    assert refused(client.post(f"{FACTOR}/recovery-codes", both)), "the step is used"
    assert refused(show(api, pending(api, "meera"), recoveryCode=phone.recovery_codes[0]))
    assert notes(database_url, account_id) == ["EnrolSecondFactor", "RenewRecoveryCodes"]
    assert show(api, pending(api, "meera"), recoveryCode=codes[0]).status == 200
    assert client.me().status == 200


def test_both_factors_take_it_away(api: Api, database_url: str, clock: FakeClock) -> None:
    account_id = create(database_url, "meera")
    client, phone = enrolled(api, "meera", clock)
    other = through(api, show(api, pending(api, "meera"), code=phone.code()))
    clock.advance(STEP)
    path = f"/plugins/auth/{FACTOR}"
    right = {"password": PASSWORD, "code": phone.code()}
    assert refused(client.send("DELETE", path, {**right, "code": phone.wrong()}))
    assert refused(client.send("DELETE", path, {**right, "password": WRONG}))
    for unfit in ({"password": PASSWORD}, {**right, "recoveryCode": phone.recovery_codes[0]}):
        assert client.send("DELETE", path, unfit).status == 400
    assert client.me().json["secondFactor"] is True
    assert client.send("DELETE", path, right).status == 204
    assert client.me().json["secondFactor"] is False
    assert refused(other.me())
    assert logged_in(api, "meera").me().status == 200
    assert notes(database_url, account_id) == ["EnrolSecondFactor", "RemoveSecondFactor"]
    assert not run(database_url, "SELECT FROM auth_recovery_codes")


def test_a_short_password_does_not_stand_alone(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    create(database_url, "meera")
    client, phone = enrolled(api, "meera", clock)
    change = {"currentPassword": PASSWORD, "newPassword": SHORT}
    assert client.post("password", {**change, "newPassword": "seven77"}).status == 400
    assert client.post("password", change).status == 204
    client = through(api, show(api, pending(api, "meera", SHORT), code=phone.code()))
    clock.advance(STEP)
    both = {"password": SHORT, "code": phone.code()}
    answer = client.send("DELETE", f"/plugins/auth/{FACTOR}", both)
    assert (answer.status, answer.faults()) == (400, {"password": "PASSWORD_TOO_SHORT"})


def test_who_must_have_one_enrols_at_the_login(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    account_id = create(database_url, "ravi", Role.TRAINER, Scope(trainer_id=uuid4()))
    answer = Client(api).post("login", {"identifier": "ravi", "password": PASSWORD})
    assert answer.json["secondFactor"] == "enrolment"
    token = {"pendingToken": answer.json["pendingToken"]}
    assert refused(show(api, token["pendingToken"], code="123456"))
    assert refused(show(api, token["pendingToken"], recoveryCode="aaaa"))
    assert refused(Client(api).me(token["pendingToken"]))
    begun = Client(api).post(f"{AT_LOGIN}/enrolment", token)
    phone = Phone(begun.json["secret"], clock)
    confirm = f"{AT_LOGIN}/enrolment/confirm"
    assert refused(Client(api).post(confirm, {**token, "code": phone.wrong()}))
    confirmed = Client(api).post(confirm, {**token, "code": phone.code()})
    assert len(confirmed.json["recoveryCodes"]) == 10
    client = through(api, confirmed)
    assert client.me().json["secondFactor"] is True
    clock.advance(STEP)
    assert refused(Client(api).post(confirm, {**token, "code": phone.code()}))
    assert show(api, pending(api, "ravi"), code=phone.code()).status == 200
    assert notes(database_url, account_id) == ["EnrolSecondFactor"]
    clock.advance(STEP)
    both = {"password": PASSWORD, "code": phone.code()}
    assert client.send("DELETE", f"/plugins/auth/{FACTOR}", both).status == 204
    assert refused(client.me()), "who must have one is out without it"


def test_secrets_are_sealed_for_their_account(
    api: Api, database_url: str, clock: FakeClock
) -> None:
    meera, ravi = create(database_url, "meera"), create(database_url, "ravi")
    _, phone = enrolled(api, "meera", clock)
    _, other = enrolled(api, "ravi", clock)
    stored = json.dumps(
        [
            str(row)
            for table in ("auth_second_factors", "auth_recovery_codes", "auth_pending_logins")
            for row in run(database_url, f"SELECT t::text FROM {table} AS t")
        ]
    )
    for told in (phone._totp.secret, phone._totp.byte_secret().hex(), *phone.recovery_codes):
        assert told not in stored
    run(
        database_url,
        "UPDATE auth_second_factors AS f SET sealed_secret = o.sealed_secret"
        " FROM auth_second_factors AS o WHERE f.account_id = $1 AND o.account_id = $2",
        meera,
        ravi,
    )
    answer = show(api, pending(api, "meera"), code=other.code())
    assert (answer.status, answer.error["code"]) == (500, "INTERNAL")
    assert show(api, pending(api, "meera"), recoveryCode=phone.recovery_codes[0]).status == 200
