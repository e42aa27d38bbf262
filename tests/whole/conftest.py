"""One server with every first-party plugin for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.server_under_test import ServerUnderTest, serving
from tests.whole.stage import UNLIMITED, WHOLE, KnownApi, token_of


@pytest.fixture(scope="module")
def whole(database_url: str) -> Iterator[ServerUnderTest]:
    # What is stored changes by requests alone.
    still = {"MUSTER_JOBS__WORK_IN_SERVER": "false"}
    with serving(database_url, None, **WHOLE, **UNLIMITED, **still) as server:
        yield server


@pytest.fixture(scope="module")
def admin(whole: ServerUnderTest, database_url: str) -> KnownApi:
    return KnownApi(whole.api.port, token_of(database_url, "company_admin"))
