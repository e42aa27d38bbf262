"""Requests made up from the whole OpenAPI document, plugins too, by somebody who may do all.

``just test-generated`` sends 5,000 of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from tests.http.server_under_test import ServerUnderTest
from tests.http.test_generated_requests import CHECKS, CONFIG
from tests.http.things import ids_of_things
from tests.whole.stage import KnownApi, token_of

REJECTED = {"negative_data_rejection": {"expected-statuses": ["4xx"]}}
"""Also for its size, which schemathesis does not expect."""


@pytest.fixture(scope="module")
def operations(whole: ServerUnderTest) -> list[Any]:
    document = whole.api.get("/docs/openapi.json").json
    config = SchemathesisConfig.from_dict({**CONFIG, "checks": REJECTED})
    schema = schemathesis.openapi.from_dict(document, config=config)
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def asked(operations: list[Any]) -> Iterator[tuple[Any, GenerationMode]]:
    for operation in operations:
        yield operation, GenerationMode.POSITIVE
        if takes_something(operation):
            yield operation, GenerationMode.NEGATIVE


def takes_something(operation: Any) -> bool:
    """Whether it can be asked in more than one way, and wrongly."""
    return bool(operation.path_parameters or operation.query or operation.body)


def send_many(
    operation: Any, mode: GenerationMode, many: int, admin: KnownApi, real_ids: dict[str, str]
) -> int:
    """Send at most so many, each another one; return how many there were."""
    sent = 0

    @settings(
        max_examples=many,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        nonlocal sent
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE and data.draw(st.booleans()):
            for name in case.path_parameters.keys() & real_ids.keys():
                case.path_parameters[name] = real_ids[name]
        sent += 1
        response = case.call(
            base_url=f"http://127.0.0.1:{admin.port}",
            headers={"Authorization": f"Bearer {admin.token}"},
        )
        case.validate_response(response, checks=CHECKS)

    send()
    return sent


def test_no_answer_is_a_fault_and_every_answer_is_as_described(
    request: pytest.FixtureRequest,
    whole: ServerUnderTest,
    admin: KnownApi,
    operations: list[Any],
    database_url: str,
) -> None:
    real_ids = ids_of_things(admin, whole.sandbox)
    wanted = request.config.getoption("--requests")
    # Those that can be asked in few ways first: the others make up for them.
    every = sorted(asked(operations), key=lambda one: (takes_something(one[0]), bool(one[0].body)))
    sent = 0
    wrong: dict[str, str] = {}
    for place, (operation, mode) in enumerate(every):
        if admin.get("/v1/zones").status == 401:
            # Some operations end the token that they are asked with.
            admin.token = token_of(database_url, "company_admin")
        try:
            each = max(1, math.ceil((wanted - sent) / (len(every) - place)))
            sent += send_many(operation, mode, each, admin, real_ids)
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # a path that takes any text
        except (FailureGroup, AssertionError) as error:
            wrong[f"{operation.label} {mode.value}"] = str(error)
    assert not wrong, "\n\n".join(f"{asked}\n{why}" for asked, why in wrong.items())
    assert sent >= wanted
