"""Somebody with an app that shows one-time codes."""

from __future__ import annotations

from datetime import timedelta

from pyotp import TOTP

from muster.testing.clock import FakeClock
from tests.auth.stage import PASSWORD, Client, logged_in
from tests.http.api import Answer, Api

STEP = timedelta(seconds=30)
FACTOR = "second-factor"
AT_LOGIN = "login/second-factor"


class Phone:
    """An app that shows codes, and the paper with the recovery codes."""

    def __init__(self, secret: str, clock: FakeClock) -> None:
        self._totp = TOTP(secret)
        self._clock = clock
        self.recovery_codes: list[str] = []

    def code(self, steps: int = 0) -> str:
        return self._totp.at(self._clock.now(), counter_offset=steps)

    def wrong(self) -> str:
        """A code of no step nearby."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in map(str, range(100_000, 100_010)) if code not in near)


def enrolled(api: Api, identifier: str, clock: FakeClock) -> tuple[Client, Phone]:
    """Somebody logged in who has enrolled just now, and whose next code is due."""
    client = logged_in(api, identifier)
    begun = client.post(FACTOR, {"password": PASSWORD})
    assert begun.status == 200, begun
    phone = Phone(begun.json["secret"], clock)
    confirmed = client.post(f"{FACTOR}/confirm", {"code": phone.code()})
    assert confirmed.status == 200, confirmed
    phone.recovery_codes = confirmed.json["recoveryCodes"]
    clock.advance(STEP)
    return client, phone


def pending(api: Api, identifier: str, password: str = PASSWORD) -> str:
    """The token of a login that has shown the password."""
    body = {"identifier": identifier, "password": password}
    answer = Client(api).post("login", body)
    assert answer.status == 200, answer
    token: str = answer.json["pendingToken"]
    return token


def show(api: Api, token: str, **factor: str) -> Answer:
    """The second step; whoever gets in holds the tokens."""
    return Client(api).post(AT_LOGIN, {"pendingToken": token, **factor})


def through(api: Api, answer: Answer) -> Client:
    """Whom a login has let in."""
    assert answer.status == 200, answer
    client = Client(api, device="")
    client.access = answer.json["accessToken"]
    client.refresh_token = answer.json["refreshToken"]
    return client
