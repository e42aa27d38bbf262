"""What every answer carries, and that the API pages work under it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from muster_edge.security_headers import API_POLICY, DOCS_POLICY
from tests.unit.edge.asking import ECHO, SCHEME, edge, from_peer

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Loaded(HTMLParser):
    """What a page asks a browser to load, and what it would have it run from its own text."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.images: list[str] = []
        self.inline: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "script" and (source := given.get("src")):
            self.scripts.append(source)
        elif tag == "link" and (target := given.get("href")):
            kept = self.styles if given.get("rel") == "stylesheet" else self.images
            kept.append(target)
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", ECHO, 200),
        ("HEAD", ECHO, 200),
        ("GET", "/nowhere", 404),
        ("DELETE", ECHO, 405),
        ("POST", "/v1/zones", 400),
        ("GET", "/health", 200),
        ("GET", "/docs/nowhere", 404),
    ],
)
def test_every_answer_has_them(method: str, path: str, status: int) -> None:
    with edge() as client:
        answer = client.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert "camera=()" in answer.headers["permissions-policy"]
    policy = DOCS_POLICY if path.startswith("/docs") else API_POLICY
    assert answer.headers.get_list("content-security-policy") == [policy]
    assert "strict-transport-security" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_refusals_of_the_edge_have_them() -> None:
    with edge(hosts="api.test", limits="read=1/60", deny="192.0.2.0/24") as client:
        host = {"host": "api.test"}
        answers = [
            client.get(ECHO),
            client.get(ECHO, headers={**host, **from_peer("192.0.2.1")}),
            *(client.get(ECHO, headers={**host, **from_peer("192.1.2.1")}) for _ in range(2)),
        ]
    assert [answer.status_code for answer in answers] == [421, 403, 200, 429]
    for answer in answers:
        assert answer.headers["content-security-policy"] == API_POLICY
        assert answer.headers["cache-control"] == "no-store"


def test_transport_security_is_told_behind_tls_alone() -> None:
    secure = {SCHEME: "https"}
    name = "strict-transport-security"
    with edge() as client:
        assert client.get(ECHO, headers=secure).headers[name] == "max-age=31536000"
        assert client.get("/docs", headers=secure).headers[name] == "max-age=31536000"
        assert name not in client.get(ECHO).headers
    with edge(hsts_seconds="60", hsts_subdomains="true") as client:
        told = client.get(ECHO, headers=secure).headers[name]
        assert told == "max-age=60; includeSubDomains"
    with edge(hsts_seconds="0") as client:
        assert name not in client.get(ECHO, headers=secure).headers


def test_public_answers_may_be_kept_and_their_errors_may_not() -> None:
    with edge() as client:
        assert "cache-control" not in client.get("/docs").headers
        refused = client.get("/v1/certificates/nonsense")
        assert refused.status_code == 400
        assert refused.headers["cache-control"] == "no-store"


def test_the_api_pages_load_nothing_that_their_policy_forbids() -> None:
    with edge() as client:
        answer = client.get("/docs")
        rules = dict(
            part.strip().partition(" ")[::2]
            for part in answer.headers["content-security-policy"].split(";")
        )
        page = Loaded()
        page.feed(answer.text)
        assert page.inline == []
        assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
        assert len(page.scripts) == 2
        assert len(page.styles) == len(page.images) == 1
        for source in [*page.scripts, *page.styles, *page.images]:
            assert urljoin("https://here.test/docs", source).startswith("https://here.test/docs/")
            loaded = client.get(source)
            assert loaded.status_code == 200
            if source in page.scripts:
                # With nosniff a browser runs nothing that is not called a script.
                assert "javascript" in loaded.headers["content-type"]
        assert client.get("/docs/openapi.json").status_code == 200
        (sheet,) = (client.get(source).text for source in page.styles)
        found = {
            url.partition(":")[0] for url in re.findall(r"""url\(["']?([a-z]+:|[^"')]+)""", sheet)
        }
        assert found == {"data"}
        assert "data:" in rules["img-src"]
