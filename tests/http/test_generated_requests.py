"""Requests made up from the OpenAPI document: never a 5xx, always an answer that it allows."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.http.server_under_test import ServerUnderTest
from tests.http.test_openapi import OPERATIONS
from tests.http.things import ids_of_things

EXAMPLES_OF_EACH = 8
# What takes nothing cannot be asked wrongly.
ALWAYS_RIGHT = {"getHealth", "getReadiness"}
ASKED = [
    (operation_id, mode)
    for operation_id in sorted(OPERATIONS.values())
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation_id not in ALWAYS_RIGHT
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# The deterministic walk over every bound is what the other tests do by hand.
CONFIG = {
    "phases": {"coverage": {"enabled": False}},
    # Who asks is no part of what is made up.
    "generation": {"allow-x00": True, "with-security-parameters": False},
}


@pytest.fixture(scope="module")
def described(module_server: ServerUnderTest) -> Any:
    document = module_server.api.get("/docs/openapi.json").json
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def real_ids(module_server: ServerUnderTest) -> dict[str, str]:
    return ids_of_things(module_server.api, module_server.sandbox)


@pytest.mark.parametrize(("operation_id", "mode"), ASKED)
@settings(
    max_examples=EXAMPLES_OF_EACH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(data=st.data())
def test_every_answer_is_as_described(
    module_server: ServerUnderTest,
    described: Any,
    real_ids: dict[str, str],
    operation_id: str,
    mode: GenerationMode,
    data: st.DataObject,
) -> None:
    operation = described.find_operation_by_id(operation_id)
    case = data.draw(operation.as_strategy(generation_mode=mode))
    if mode is GenerationMode.POSITIVE and data.draw(st.booleans()):
        for name in case.path_parameters.keys() & real_ids.keys():
            case.path_parameters[name] = real_ids[name]
    response = case.call(base_url=f"http://127.0.0.1:{module_server.api.port}")
    case.validate_response(response, checks=CHECKS)
