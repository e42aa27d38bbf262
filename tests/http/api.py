"""A client that sends exactly what it is told, and holds every answer to the envelope."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.message import Message
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from muster.http.catalogue import CATALOGUE
from tests.http.shapes import assert_error

TIMEOUT_SECONDS = 20
JSON = "application/json"

# What must never be seen from outside: tracebacks, SQL, the names of drivers and classes.
SECRETS = (
    b"Traceback", b'File "', b"asyncpg", b"psycopg", b"SELECT ", b"INSERT ", b"litestar",
    b"msgspec", b"aiohttp", b"Errno", b"postgresql://",
)  # fmt: skip


class Answer:
    """An HTTP answer."""

    def __init__(self, status: int, headers: Message, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        """The error; of a refusal only."""
        return self.json["error"]

    @property
    def correlation_id(self) -> str:
        (only,) = self.headers.get_all("X-Correlation-ID", [])
        return str(only)

    def faults(self) -> dict[str, str]:
        """The code of each wrong place, by its path."""
        details = self.error["details"]
        found = {one["path"]: one["code"] for one in details}
        assert len(found) == len(details), f"a path stands there twice: {details}"
        return found

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:2_000]!r}>"


class Api:
    """The server's API."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, /, **parameters: Any) -> Answer:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.send("GET", path + query)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.send("POST", path, None if body is None else json.dumps(body).encode())

    def patch(self, path: str, body: Any) -> Answer:
        return self.send("PATCH", path, json.dumps(body).encode())

    def send(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Sequence[tuple[str, str]] | None = None,
    ) -> Answer:
        """Send a request as it is; a body goes as JSON unless the headers say otherwise."""
        if headers is None:
            headers = [] if body is None else [("Content-Type", JSON)]
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        check(answer, method, target)
        return answer

    def created(self, path: str, body: Any) -> Any:
        """Return what was created."""
        answer = self.post(path, body)
        assert answer.status == 201, answer
        return answer.json

    def walk(self, path: str, /, **parameters: Any) -> list[Any]:
        """Return every row of a list, page by page to its end."""
        rows: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(path, **parameters, **cursor)
            assert answer.status == 200, answer
            page = answer.json
            rows += page["data"]
            if page["page"]["nextCursor"] is None:
                return rows
            assert len(page["data"]) == page["page"]["limit"], "only the last page may be short"
            cursor = {"cursor": page["page"]["nextCursor"]}


def check(answer: Answer, method: str, target: str) -> None:
    """Hold an answer to what is promised of all of them."""
    assert answer.correlation_id
    if answer.status >= 500:
        assert not [secret for secret in SECRETS if secret in answer.body], answer
    if answer.status == 503:
        assert int(answer.headers["Retry-After"]) > 0
    if answer.status < 400 or method == "HEAD" or target.startswith("/ready"):
        return
    problem = answer.headers["Content-Type"] == "application/problem+json"
    error = answer.json if problem else answer.error
    assert_error(answer.json, problem=problem)
    assert error["correlationId"] == answer.correlation_id
    assert CATALOGUE[error["code"]].status == answer.status
