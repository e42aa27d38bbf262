"""A server with accounts on it, and what a client of it does."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from muster.plugin_api import Role, Scope
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.plugin_discovery import LoadedPlugin
from muster.testing.entropy import SeededEntropy
from muster_auth.authentication import Authentication
from muster_auth.plugin import AuthPlugin
from muster_auth.sealed_secrets import SealedSecrets, decoded_key
from muster_jobs.plugin import JobsPlugin
from muster_mail.plugin import MailPlugin
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import Answer, Api

T = TypeVar("T")

PLUGINS = (PostgresPlugin, TrainerHttpPlugin, AuthPlugin, MailPlugin, JobsPlugin)
SECRETS_KEY = "c3R1ZmYgdGhhdCBzZWFscyB0aGUgdGVzdHMgLi4uIDE="
ENABLED = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,auth,mail,jobs",
    "MUSTER_JOBS__POLL_SECONDS": "0.05",
    "MUSTER_AUTH__SECRETS_KEY": SECRETS_KEY,
    # Made with the first mail; tests in which one is written name a directory of their own.
    "MUSTER_MAIL__DIRECTORY": f"{tempfile.gettempdir()}/muster-mail-of-no-test",
}
CHEAP = {
    "MUSTER_AUTH__ARGON2_MEMORY_KIB": "7168",
    "MUSTER_AUTH__ARGON2_PASSES": "1",
    "MUSTER_AUTH__HASH_QUEUE": "1000",
}
"""Hashing that costs little, where not its cost is tested."""

PASSWORD = "three green parrots sing"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def settings(database_url: str, **environ: str) -> dict[str, str]:
    return {
        **ENABLED,
        "DATABASE_URL": database_url,
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        **CHEAP,
        **environ,
    }


def in_app(database_url: str, work: Callable[[Authentication], Awaitable[T]], **environ: str) -> T:
    """Do something in an app of its own beside the server: another process as far as it knows."""

    async def worked() -> T:
        application = bootstrap(settings(database_url, **environ), PLUGINS)
        async with application.running():
            return await work(_authentication(application))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, worked()).result()


def _authentication(application: Application) -> Authentication:
    plugin: LoadedPlugin = next(
        one for one in application.hooks.plugins if one.manifest.name == "auth"
    )
    instance = plugin.instance
    assert isinstance(instance, AuthPlugin)
    return instance._running()


def create(
    database_url: str,
    identifier: str,
    role: Role = Role.COMPANY_ADMIN,
    scope: Scope | None = None,
    password: str = PASSWORD,
) -> UUID:
    return in_app(
        database_url,
        lambda auth: auth.create_account(identifier, identifier, password, role, scope or Scope()),
    )


class Client:
    """A client of the API that holds tokens."""

    def __init__(self, api: Api, agent: str = AGENT, device: str = "laptop") -> None:
        self.api = api
        self.agent = agent
        self.device = device
        self.access = ""
        self.refresh_token = ""

    def send(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        shown = self.access if token is None else token
        headers = [("User-Agent", self.agent)]
        if shown:
            headers.append(("Authorization", f"Bearer {shown}"))
        if body is None:
            return self.api.send(method, path, None, headers)
        headers.append(("Content-Type", "application/json"))
        return self.api.send(method, path, json.dumps(body).encode(), headers)

    def get(self, path: str, token: str | None = None) -> Answer:
        return self.send("GET", path, token=token)

    def me(self, token: str | None = None) -> Answer:
        return self.get("/plugins/auth/me", token)

    def log_in(self, identifier: str, password: str = PASSWORD) -> Answer:
        body = {"identifier": identifier, "password": password, "deviceId": self.device}
        return self._kept(self.send("POST", "/plugins/auth/login", body, token=""))

    def refresh(self, token: str | None = None) -> Answer:
        body = {"refreshToken": token or self.refresh_token, "deviceId": self.device}
        return self._kept(self.send("POST", "/plugins/auth/refresh", body, token=""))

    def post(self, action: str, body: Mapping[str, Any] | None = None) -> Answer:
        return self.send("POST", f"/plugins/auth/{action}", body)

    def _kept(self, answer: Answer) -> Answer:
        if answer.status == 200:
            self.access = answer.json["accessToken"]
            self.refresh_token = answer.json["refreshToken"]
        return answer


def logged_in(api: Api, identifier: str, **client: str) -> Client:
    found = Client(api, **client)
    answer = found.log_in(identifier)
    assert answer.status == 200, answer
    return found


def refused(answer: Answer) -> bool:
    """Whether an answer is the 401 that it should be."""
    return answer.status == 401 and answer.error["code"] == "UNAUTHENTICATED"


def eventually_refused(client: Client) -> bool:
    """Whether a token dies within a second of what was done before."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if refused(client.me()):
            return True
        time.sleep(0.02)
    return False


def seal() -> SealedSecrets:
    """By which the servers of these tests seal."""
    return SealedSecrets([decoded_key(SECRETS_KEY)], SeededEntropy(1))


def run(url: str, statement: str, *arguments: Any) -> list[asyncpg.Record]:
    async def fetched() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, fetched()).result()
