"""The routes of accounts stand in the API's description, and their bodies."""

from __future__ import annotations

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
