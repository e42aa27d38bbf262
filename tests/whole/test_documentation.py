"""With every plugin enabled every operation is described, and has examples that hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis import openapi

from tests.http.server_under_test import ServerUnderTest
from tests.http.test_openapi import faults, operations


@pytest.fixture(scope="module")
def document(whole: ServerUnderTest) -> Any:
    return whole.api.get("/docs/openapi.json").json


def contents(document: Any) -> Iterator[tuple[str, Any]]:
    """Every body of a request and an answer, and where it stands."""
    for method, path, operation in operations(document):
        parts = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for place, part in parts.items():
            for media_type, content in part.get("content", {}).items():
                if media_type != "text/event-stream":
                    yield f"{method} {path} {place} {media_type}", content


def test_it_is_valid(document: Any) -> None:
    openapi.from_dict(document).validate()


def test_every_body_has_an_example_that_fits_its_schema(document: Any) -> None:
    wrong = {
        place: faults(document, content["schema"], content["example"])
        if "example" in content
        else ["no example: give fields that have a pattern Meta(examples=...)"]
        for place, content in contents(document)
    }
    assert {place: why for place, why in wrong.items() if why} == {}


def test_plugins_are_described_too(document: Any) -> None:
    paths = [path for _, path, _ in operations(document)]
    assert "/plugins/auth/login" in paths
    assert "/plugins/trainer_http/status" in paths
    ids = [operation["operationId"] for *_, operation in operations(document)]
    assert len(set(ids)) == len(ids)
