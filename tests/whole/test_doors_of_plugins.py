"""Every route of every first-party plugin, asked by nobody and by each role.

The routes are those of the OpenAPI document: one that has no entry here fails. Those of the core
stand in ``tests/http/test_access_matrix.py``.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any
from uuid import uuid4

import pytest

from muster.plugin_api import Role, Scope
from tests.auth.stage import Client, create, logged_in
from tests.http.server_under_test import ServerUnderTest


class Door(Enum):
    """Who gets past it."""

    EVERYBODY = "everybody"
    KNOWN = "whoever is known"
    ADMINISTRATORS = "company administrators"


DOORS = {
    **dict.fromkeys(
        (
            "logIn",
            "refreshTokens",
            "showSecondFactor",
            "beginEnrolmentAtLogin",
            "confirmEnrolmentAtLogin",
            "acceptInvitation",
            "askForPasswordReset",
            "confirmPasswordReset",
        ),
        Door.EVERYBODY,
    ),
    **dict.fromkeys(
        (
            "logOut",
            "logOutEverywhere",
            "listOwnSessions",
            "endOwnSession",
            "changeOwnPassword",
            "showMe",
            "beginEnrolment",
            "confirmEnrolment",
            "removeSecondFactor",
            "renewRecoveryCodes",
            "trainerHttpStatus",
        ),
        Door.KNOWN,
    ),
    **dict.fromkeys(
        (
            "listAccounts",
            "getAccount",
            "inviteAccount",
            "changeAccountRole",
            "disableAccount",
            "enableAccount",
            "endAccountSessions",
            "createApiKey",
            "listApiKeys",
            "rotateApiKey",
            "revokeApiKey",
        ),
        Door.ADMINISTRATORS,
    ),
}
BOUNDS = {
    Role.COMPANY_ADMIN: Scope(),
    Role.FRANCHISE_MANAGER: Scope(franchise_id=uuid4()),
    Role.TRAINER: Scope(trainer_id=uuid4()),
    Role.CLIENT: Scope(client_id=uuid4()),
}
UNKNOWN = "This needs authentication."
BODIES = {
    "inviteAccount": {"identifier": "new@example.in", "displayName": "New", "role": "client"},
    "changeAccountRole": {"version": 1, "role": "company_admin"},
}
"""Of those whose permission is asked for once the body is read."""


@pytest.fixture(scope="module")
def operations(whole: ServerUnderTest) -> dict[str, tuple[str, str, Any]]:
    """Method, path and example of the body of each operation, by its id."""
    document = whole.api.get("/docs/openapi.json").json
    return {
        operation["operationId"]: (
            method.upper(),
            re.sub(r"\{\w+\}", str(uuid4()), path),
            BODIES.get(operation["operationId"], _example(operation)),
        )
        for path, item in document["paths"].items()
        if path.startswith("/plugins/")
        for method, operation in item.items()
    }


@pytest.fixture(scope="module")
def identifiers(whole: ServerUnderTest, database_url: str) -> dict[Role, str]:
    made = {role: f"{role.value} at the doors" for role in Role}
    for role, identifier in made.items():
        create(database_url, identifier, role, BOUNDS[role])
    return made


def test_every_route_has_an_entry(operations: dict[str, tuple[str, str, Any]]) -> None:
    assert operations.keys() == DOORS.keys()


@pytest.mark.parametrize("operation", DOORS)
def test_who_gets_past(
    operation: str,
    operations: dict[str, tuple[str, str, Any]],
    whole: ServerUnderTest,
    identifiers: dict[Role, str],
) -> None:
    asked, door = operations[operation], DOORS[operation]
    nobody = Client(whole.api).send(*asked)
    assert (nobody.status == 401 and nobody.error["message"] == UNKNOWN) == (
        door is not Door.EVERYBODY
    )
    for role, identifier in identifiers.items():
        answer = logged_in(whole.api, identifier).send(*asked)
        gets_past = door is not Door.ADMINISTRATORS or role is Role.COMPANY_ADMIN
        assert (answer.status != 403) == gets_past, (role, answer)
        assert answer.status < 500, (role, answer)
        if answer.status == 401:
            # What they sent was wrong; who they are was known.
            assert answer.error["message"] != UNKNOWN


def _example(operation: dict[str, Any]) -> Any:
    if "requestBody" not in operation:
        return None
    return operation["requestBody"]["content"]["application/json"]["example"]
