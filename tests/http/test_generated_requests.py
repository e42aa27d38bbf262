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

from tests.http.orders import CENTRE, a_booking, a_franchise, a_trainer_for, a_zone, in_days
from tests.http.server_under_test import ServerUnderTest
from tests.http.test_openapi import OPERATIONS

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
CONFIG = {"phases": {"coverage": {"enabled": False}}, "generation": {"allow-x00": True}}


@pytest.fixture(scope="module")
def described(module_server: ServerUnderTest) -> Any:
    document = module_server.api.get("/docs/openapi.json").json
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def real_ids(module_server: ServerUnderTest) -> dict[str, str]:
    """Things that are there, so that not every answer is a 404."""
    api = module_server.api
    zone = api.created("/v1/zones", a_zone())
    wanted = a_booking(studentLocation=CENTRE)
    module_server.sandbox.roster.add([a_trainer_for(zone, wanted["courseId"]) for _ in range(2)])
    booking = api.created("/v1/bookings", wanted)
    leave = {"fromDate": in_days(30), "toDate": in_days(31)}
    blocked = api.created(
        f"/v1/trainers/{booking['trainerId']}/blocks",
        {"timeZone": "Asia/Kolkata", "periods": [leave]},
    )
    return {
        "franchiseId": api.created("/v1/franchises", a_franchise())["id"],
        "zoneId": zone["id"],
        "bookingId": booking["id"],
        "sessionId": booking["sessions"][2]["id"],
        "trainerId": booking["trainerId"],
        "blockId": blocked["block"]["id"],
        "number": "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z",
    }


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
