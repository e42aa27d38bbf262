"""What looks like an injection is taken literally or refused, in every parameter there is.

The parameters are those of the OpenAPI document with every plugin enabled: one that is new is
asked, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

import pytest

from muster.http.derived_examples import example_of
from tests.http.api import JSON, Answer
from tests.http.orders import AN_ID, CENTRE, a_franchise, a_zone
from tests.http.server_under_test import ServerUnderTest
from tests.http.stored_rows import digest_rows
from tests.http.test_openapi import operations
from tests.http.things import ids_of_things
from tests.whole.stage import KnownApi

HOSTILE = [
    *map(
        quote,
        (
            "' OR '1'='1",
            "1'; DROP TABLE zones; --",
            "') UNION SELECT NULL--",
            "%",
            "_",
            "\\",
            "$.** ? (@ != null)",
            '{"$ne": null}',
            "../../../etc/passwd",
            "zone\u202e\ufb01\U0001f600",
        ),
    ),
    "a%00b",
    "%ed%a0%80",
]
"""As they stand in a path or a query: NUL and half a surrogate pair can only be encoded."""

AUDIT = "/admin/audit"
FOUND_BY_NAME = "100%_' OR '1'='1"


@pytest.fixture(scope="module")
def document(whole: ServerUnderTest) -> Any:
    return whole.api.get("/docs/openapi.json").json


def parameters(document: Any) -> Iterator[tuple[str, str, Any, str]]:
    """Every parameter: method, path, operation, name."""
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] in ("path", "query"):
                yield method, path, operation, parameter["name"]


def harmless(document: Any, operation: Any) -> dict[str, str]:
    """What an operation needs beside the parameter that is tried; percent-encoded."""
    found = {}
    for parameter in operation["parameters"]:
        if parameter["required"]:
            try:
                value = example_of(parameter["schema"], document["components"]["schemas"])
            except ValueError:
                value = AN_ID
            found[parameter["name"]] = quote(str(value))
    return found


def asked(api: KnownApi, method: str, path: str, operation: Any, sent: Mapping[str, str]) -> Answer:
    query = "&".join(
        f"{one['name']}={sent[one['name']]}"
        for one in operation["parameters"]
        if one["in"] == "query" and one["name"] in sent
    )
    in_path = {one["name"]: sent.get(one["name"], "") for one in operation["parameters"]}
    target = path.format(**in_path) + (f"?{query}" if query else "")
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    body = None if content is None else json.dumps(content["example"]).encode()
    return api.send(method, target, body)


def others_shown(answer: Answer, hostile: str) -> list[Any]:
    """The rows of an answer that do not hold the text itself."""
    if answer.status != 200 or not answer.headers["Content-Type"].startswith(JSON):
        return []
    text = unquote(hostile).casefold()
    rows = answer.json.get("data", [])
    return [row for row in rows if text not in json.dumps(row, ensure_ascii=False).casefold()]


def all_but_the_trail(database_url: str) -> dict[str, str | None]:
    """What is stored, but for the word that somebody tried."""
    rows = digest_rows(database_url)
    del rows["audit_entries"]
    return rows


def test_no_parameter_takes_it_for_anything_but_itself(
    whole: ServerUnderTest, admin: KnownApi, document: Any, database_url: str
) -> None:
    ids_of_things(admin, whole.sandbox)
    before, told = all_but_the_trail(database_url), admin.walk(AUDIT)
    wrong = []
    tried = 0
    for method, path, operation, name in parameters(document):
        needed = harmless(document, operation)
        for hostile in HOSTILE:
            answer = asked(admin, method, path, operation, {**needed, name: hostile})
            tried += 1
            if answer.status >= 500 or others_shown(answer, hostile):
                wrong.append((method, path, name, hostile, answer))
    assert not wrong
    assert tried >= 90 * len(HOSTILE)
    assert all_but_the_trail(database_url) == before
    assert [one["action"] for one in admin.walk(AUDIT) if one not in told] == ["RefuseAttempt"]


def test_a_name_is_found_by_its_very_letters(admin: KnownApi) -> None:
    own = admin.created("/v1/franchises", a_franchise())["id"]
    far = {"centre": CENTRE | {"latitude": -16.5}, "franchiseId": own}
    for name in (FOUND_BY_NAME, "100 percent", "1000x OR 1=1"):
        admin.created("/v1/zones", a_zone(name=name, **far))
    for begin, found in ((FOUND_BY_NAME, [FOUND_BY_NAME]), ("100%", [FOUND_BY_NAME]), ("%_'", [])):
        assert [zone["name"] for zone in admin.walk("/v1/zones", name=begin)] == found
