"""The OpenAPI document says what is so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator
from schemathesis import openapi

from muster.application.structure import faults_of_checks
from muster.http.shapes.blocks import NewBlock
from muster.http.shapes.certificates import CertificateReason
from muster.http.shapes.commands import (
    HandOver,
    LineToPromote,
    MakeUp,
    Motive,
    NewTime,
    StatedReason,
    Swap,
)
from muster.http.shapes.common import Nothing
from muster.http.shapes.event_replays import NewReplay
from muster.http.shapes.franchises import FranchisePatch, NewFranchise
from muster.http.shapes.purchases import Cancellation, NewBooking
from muster.http.shapes.zone_previews import ArchiveRequest
from muster.http.shapes.zones import NewZone, ZonePatch
from tests.http.api import JSON, Api
from tests.http.server_under_test import ServerUnderTest

REQUESTS: dict[str, type[msgspec.Struct]] = {
    "replayEvents": NewReplay,
    "createFranchise": NewFranchise,
    "editFranchise": FranchisePatch,
    "createZone": NewZone,
    "editZone": ZonePatch,
    "placeBooking": NewBooking,
    "previewBooking": NewBooking,
    "cancelBooking": Cancellation,
    "archiveZone": ArchiveRequest,
    "previewArchiveZone": ArchiveRequest,
    "previewEditZone": ZonePatch,
    "promoteWaitlist": LineToPromote,
    "completeSession": Motive,
    "markNoShow": Motive,
    "cancelSession": Motive,
    "voidSession": StatedReason,
    "restoreSession": Motive,
    "rescheduleSession": NewTime,
    "makeUpSession": MakeUp,
    "reassignBooking": HandOver,
    "previewReassign": HandOver,
    "previewCancel": Motive,
    "swapTrainers": Swap,
    "offerStranded": Nothing,
    "retryBooking": Nothing,
    "blockTrainer": NewBlock,
    "previewBlock": NewBlock,
    "issueCertificates": Nothing,
    "revokeCertificate": CertificateReason,
    "reissueCertificate": CertificateReason,
}
OPERATIONS = {
    ("POST", "/v1/franchises"): "createFranchise",
    ("GET", "/v1/franchises"): "listFranchises",
    ("GET", "/v1/franchises/{franchiseId}"): "getFranchise",
    ("PATCH", "/v1/franchises/{franchiseId}"): "editFranchise",
    ("POST", "/v1/zones"): "createZone",
    ("GET", "/v1/zones"): "listZones",
    ("GET", "/v1/zones/lookup"): "lookUpZone",
    ("GET", "/v1/zones/{zoneId}/availability"): "getAvailability",
    ("GET", "/v1/service-demand"): "listServiceDemand",
    ("GET", "/v1/zones/{zoneId}"): "getZone",
    ("PATCH", "/v1/zones/{zoneId}"): "editZone",
    ("POST", "/v1/zones/{zoneId}/archive"): "archiveZone",
    ("POST", "/v1/bookings"): "placeBooking",
    ("POST", "/v1/bookings/preview"): "previewBooking",
    ("GET", "/v1/bookings"): "listBookings",
    ("GET", "/v1/bookings/{bookingId}"): "getBooking",
    ("GET", "/v1/bookings/{bookingId}/sessions"): "listSessions",
    ("GET", "/v1/bookings/{bookingId}/receipts"): "listReceipts",
    ("POST", "/v1/bookings/{bookingId}/cancel"): "cancelBooking",
    ("POST", "/v1/zones/{zoneId}/archive/preview"): "previewArchiveZone",
    ("POST", "/v1/zones/{zoneId}/preview"): "previewEditZone",
    ("POST", "/v1/zones/{zoneId}/waitlist/promote"): "promoteWaitlist",
    ("GET", "/v1/bookings/{bookingId}/history"): "getHistory",
    ("POST", "/v1/bookings/{bookingId}/reassign"): "reassignBooking",
    ("POST", "/v1/bookings/{bookingId}/reassign/preview"): "previewReassign",
    ("POST", "/v1/bookings/{bookingId}/cancel/preview"): "previewCancel",
    ("POST", "/v1/bookings/{bookingId}/swap"): "swapTrainers",
    ("POST", "/v1/bookings/{bookingId}/offer"): "offerStranded",
    ("POST", "/v1/bookings/{bookingId}/retry"): "retryBooking",
    ("POST", "/v1/sessions/{sessionId}/complete"): "completeSession",
    ("POST", "/v1/sessions/{sessionId}/no-show"): "markNoShow",
    ("POST", "/v1/sessions/{sessionId}/cancel"): "cancelSession",
    ("POST", "/v1/sessions/{sessionId}/void"): "voidSession",
    ("POST", "/v1/sessions/{sessionId}/restore"): "restoreSession",
    ("POST", "/v1/sessions/{sessionId}/reschedule"): "rescheduleSession",
    ("POST", "/v1/sessions/{sessionId}/make-up"): "makeUpSession",
    ("POST", "/v1/trainers/{trainerId}/blocks"): "blockTrainer",
    ("POST", "/v1/trainers/{trainerId}/blocks/preview"): "previewBlock",
    ("GET", "/v1/trainers/{trainerId}/blocks"): "listBlocks",
    ("DELETE", "/v1/trainers/{trainerId}/blocks/{blockId}"): "unblockTrainer",
    ("GET", "/v1/trainers/{trainerId}/schedule"): "getSchedule",
    ("GET", "/v1/trainers/{trainerId}/calendar.ics"): "getTrainerCalendar",
    ("GET", "/v1/bookings/{bookingId}/calendar.ics"): "getBookingCalendar",
    ("GET", "/v1/certificates/{number}"): "verifyCertificate",
    ("POST", "/v1/certificates/{number}/revoke"): "revokeCertificate",
    ("POST", "/v1/certificates/{number}/reissue"): "reissueCertificate",
    ("POST", "/v1/bookings/{bookingId}/certificates"): "issueCertificates",
    ("GET", "/v1/bookings/{bookingId}/certificates"): "listBookingCertificates",
    ("GET", "/v1/students/{studentId}/certificates"): "listStudentCertificates",
    ("GET", "/health"): "getHealth",
    ("GET", "/admin/audit"): "listAuditEntries",
    ("POST", "/admin/events/replay"): "replayEvents",
    ("GET", "/ready"): "getReadiness",
}


@pytest.fixture(scope="module")
def document(module_server: ServerUnderTest) -> Any:
    return module_server.api.get("/docs/openapi.json").json


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def core_operations(document: Any) -> Iterator[tuple[str, Any]]:
    for _, path, operation in operations(document):
        if not path.startswith("/plugins/"):
            yield operation["operationId"], operation


def faults(document: Any, schema: Any, value: Any) -> list[str]:
    """What is wrong with a value by a schema of the document."""
    whole = {"components": document["components"], **schema}
    validator = Draft202012Validator(whole, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


def test_it_is_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    openapi.from_dict(document).validate()


def test_every_schema_is_one(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator({"components": document["components"], **schema})


def test_every_operation_is_there(document: Any) -> None:
    found = {(method, path): one["operationId"] for method, path, one in operations(document)}
    assert found.items() >= OPERATIONS.items()
    assert {path for _, path in found.keys() - OPERATIONS.keys()} == {
        "/plugins/trainer_http/status"
    }


def test_every_operation_is_described(document: Any) -> None:
    ids = [operation["operationId"] for *_, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for *_, operation in operations(document):
        assert operation["summary"]
        assert operation["responses"].keys() >= {"default"}
        assert len(operation["responses"]) >= 2


def test_every_request_example_can_be_sent(document: Any) -> None:
    seen = set()
    for id_, operation in core_operations(document):
        if "requestBody" not in operation:
            continue
        seen.add(id_)
        content = operation["requestBody"]["content"]["application/json"]
        decoded = msgspec.json.decode(json.dumps(content["example"]), type=REQUESTS[id_])
        assert faults_of_checks(decoded) == []
        assert faults(document, content["schema"], content["example"]) == []
    assert seen == REQUESTS.keys()


def test_every_response_example_is_what_could_be_answered(document: Any) -> None:
    for id_, operation in core_operations(document):
        for status, answer in operation["responses"].items():
            if status == "304":
                assert "content" not in answer
                continue
            media_type = "text/calendar" if "text/calendar" in answer["content"] else JSON
            content = answer["content"][media_type]
            assert "example" in content, (id_, status)
            assert faults(document, content["schema"], content["example"]) == [], (id_, status)


def test_only_what_says_nothing_may_be_left_out(document: Any) -> None:
    optional = {
        id_
        for id_, operation in core_operations(document)
        if "requestBody" in operation and not operation["requestBody"]["required"]
    }
    assert optional == {
        "cancelBooking",
        "previewCancel",
        "archiveZone",
        "previewArchiveZone",
        "issueCertificates",
        "completeSession",
        "markNoShow",
        "cancelSession",
        "restoreSession",
        "offerStranded",
        "retryBooking",
    }


def test_unknown_fields_are_forbidden_in_requests(document: Any) -> None:
    inner = {"StudentInput", "Location", "Period"}
    for name in {kind.__name__ for kind in REQUESTS.values()} | inner:
        assert document["components"]["schemas"][name]["additionalProperties"] is False, name


def test_the_bounds_of_fields_are_told(document: Any) -> None:
    schemas = document["components"]["schemas"]
    booking = schemas["NewBooking"]["properties"]
    assert booking["excludedTrainerIds"]["items"]["pattern"]
    assert booking["bookingReference"]["anyOf"][0]["maxLength"] == 100
    assert schemas["NewZone"]["properties"]["radiusKm"]["maximum"] == 500
    assert schemas["NewBlock"]["properties"]["periods"]["maxItems"] == 100
    assert schemas["NewTime"]["properties"]["localTime"]["pattern"]
    assert schemas["StatedReason"]["properties"]["reason"]["minLength"] == 1
    assert schemas["Motive"]["properties"]["reason"]["anyOf"][0]["maxLength"] == 1000
    for name, field in (
        ("HandOver", "sessionId"),
        ("HandOver", "trainerId"),
        ("MakeUp", "trainerId"),
    ):
        assert schemas[name]["properties"][field]["anyOf"][0]["pattern"], (name, field)
    limits = [
        parameter["schema"]
        for *_, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "limit"
    ]
    assert len(limits) == 6
    assert {(limit["minimum"], limit["maximum"]) for limit in limits} == {(1, 200)}


def test_no_schema_names_a_module(document: Any) -> None:
    assert not [name for name in document["components"]["schemas"] if "muster" in name]


def test_real_answers_fit_it(document: Any, used_api: Api) -> None:
    paths = document["paths"]

    def schema(path: str, method: str, status: str) -> Any:
        answer = paths[path][method]["responses"][status]
        return answer["content"]["application/json"]["schema"]

    example = paths["/v1/zones"]["post"]["requestBody"]["content"]["application/json"]["example"]
    created = used_api.created("/v1/zones", example)
    assert faults(document, schema("/v1/zones", "post", "201"), created) == []
    ready = used_api.get("/ready").json
    assert faults(document, schema("/ready", "get", "200"), ready) == []
    refused = used_api.get("/v1/zones", limit=0)
    assert faults(document, schema("/v1/zones", "get", "default"), refused.json) == []
    problem = used_api.send("GET", "/nope", headers=[("Accept", "application/problem+json")]).json
    content = paths["/v1/zones"]["get"]["responses"]["default"]["content"]
    assert faults(document, content["application/problem+json"]["schema"], problem) == []


def test_what_is_open_to_everybody_is_said_and_no_more(document: dict[str, Any]) -> None:
    closed: dict[str, list[str]] = {"token": []}
    open_ones = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        and "operationId" in operation
        and closed not in operation["security"]
    }
    assert open_ones == {"getHealth", "getReadiness", "verifyCertificate"}
