"""Muster with every first-party plugin, and clients of it that hold tokens."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.auth.stage import CHEAP, SECRETS_KEY
from tests.e2e.processes import run
from tests.http.api import JSON, Answer, Api

WHOLE = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry,auth,edge,mail,jobs,documents",
    "MUSTER_EDGE__CORS_ORIGINS": "https://app.example.org",
    "MUSTER_AUTH__SECRETS_KEY": SECRETS_KEY,
    "MUSTER_MAIL__DIRECTORY": f"{tempfile.gettempdir()}/muster-mail-of-no-test",
    **CHEAP,
}
UNLIMITED = {
    "MUSTER_EDGE__LIMITS": "login=off,verify=off,read=off,write=off,everything=off,"
    "address=off,errors=off"
}
"""For those who ask more in a minute than anybody may."""


class KnownApi(Api):
    """The API as somebody asks it who shows a token."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(port)
        self.token = token

    def send(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Sequence[tuple[str, str]] | None = None,
    ) -> Answer:
        if headers is None:
            headers = [] if body is None else [("Content-Type", JSON)]
        shown = ("Authorization", f"Bearer {self.token}")
        return super().send(method, target, body, [*headers, shown])


def token_of(database_url: str, role: str, *bound_to: str) -> str:
    """Return a token as somebody at the command line gets it: ``muster auth token``."""
    settings = {
        **WHOLE,
        "DATABASE_URL": database_url,
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
    }
    with tempfile.TemporaryDirectory() as home:
        done = run(Path(home), "auth", "token", "--role", role, *bound_to, settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
