"""The routes of accounts stand in the API's description, and their bodies."""

from __future__ import annotations

import pytest
from msgspec import Struct, convert

from muster_auth.second_factor_shapes import (
    BothFactors,
    EnrolmentCode,
    PasswordAgain,
    PendingCode,
    PendingToken,
    SecondFactorCode,
)
from tests.http.api import Api


def test_the_routes_are_described(api: Api) -> None:
    answer = api.get("/docs/openapi.json")
    assert answer.status == 200
    paths = answer.json["paths"]
    found = {path for path in paths if path.startswith("/plugins/auth")}
    assert found == {
        f"/plugins/auth/{name}"
        for name in (
            "login",
            "refresh",
            "logout",
            "logout-everywhere",
            "sessions",
            "sessions/{sessionId}",
            "password",
            "me",
            "keys",
            "keys/{keyId}",
            "keys/{keyId}/rotate",
            "accounts",
            "accounts/invite",
            "accounts/{accountId}",
            "accounts/{accountId}/disable",
            "accounts/{accountId}/enable",
            "accounts/{accountId}/end-sessions",
            "invitations/accept",
            "password-reset",
            "password-reset/confirm",
            "login/second-factor",
            "login/second-factor/enrolment",
            "login/second-factor/enrolment/confirm",
            "second-factor",
            "second-factor/confirm",
            "second-factor/recovery-codes",
        )
    }


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        ("showSecondFactor", SecondFactorCode),
        ("beginEnrolmentAtLogin", PendingToken),
        ("confirmEnrolmentAtLogin", PendingCode),
        ("beginEnrolment", PasswordAgain),
        ("confirmEnrolment", EnrolmentCode),
        ("removeSecondFactor", BothFactors),
        ("renewRecoveryCodes", BothFactors),
    ],
)
def test_examples_of_second_factors_can_be_sent(
    api: Api, operation: str, shape: type[Struct]
) -> None:
    document = api.get("/docs/openapi.json").json
    (found,) = (
        one
        for methods in document["paths"].values()
        for one in methods.values()
        if one["operationId"] == operation
    )
    example = found["requestBody"]["content"]["application/json"]["example"]
    sent = convert(example, shape)
    assert getattr(sent, "code", "123456") == "123456"
    assert getattr(sent, "pending_token", "mw_").startswith("mw_")
