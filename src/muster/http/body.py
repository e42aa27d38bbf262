"""Reading request bodies: strict, and every fault at once.

Litestar would read any content type as JSON, let text pass for numbers, keep the last of
duplicate keys and report the first fault only; here none of that happens.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, TypeVar

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from muster.application.structure import faults_of_checks, faults_of_value
from muster.domain.errors import Fault
from muster.http.failures import RequestInvalid

__all__ = ["JsonBody", "read_json"]

T = TypeVar("T", bound=msgspec.Struct)

_INVALID_FIELDS = "The body has invalid fields."


class JsonBody(AbstractDTO[Any]):
    """The reader of every request body; the handler's ``data`` annotation is the type."""

    model_type = object

    def decode_bytes(self, value: bytes) -> Any:
        """Return the body as the Struct that the handler asks for.

        Raises:
            RequestInvalid: It is no JSON, not declared as such, or does not fit the type.
        """
        declared = self.asgi_connection.headers.get("content-type", "")
        if declared.partition(";")[0].strip().lower() != "application/json":
            raise RequestInvalid(
                "UNSUPPORTED_MEDIA_TYPE", "Send the body as Content-Type: application/json."
            )
        field = self.asgi_connection.route_handler.parsed_data_field
        return read_json(value, field.annotation)

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: Any = None
    ) -> None:
        """Need no transfer model: the Struct is the model."""

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: SchemaCreator
    ) -> Reference | Schema:
        """Return the schema of the Struct itself."""
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(
        cls, model_type: type[Any]
    ) -> Generator[DTOFieldDefinition, None, None]:
        """Yield nothing: there is no transfer model."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Return false: there is no transfer model."""
        return False


def read_json(raw: bytes, kind: type[T]) -> T:
    """Return a body as a Struct.

    Args:
        raw: The body.
        kind: The Struct.

    Raises:
        RequestInvalid: With every fault at once.
    """
    try:
        read = msgspec.json.decode(raw, type=kind)
        _refuse_duplicates(raw)
    except msgspec.ValidationError:
        raise _invalid(raw, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RequestInvalid("MALFORMED_BODY", "The body is no JSON that can be read.") from None
    if faults := faults_of_checks(read):
        raise RequestInvalid("VALIDATION_FAILED", _INVALID_FIELDS, faults)
    return read


def _invalid(raw: bytes, kind: type[Any]) -> RequestInvalid:
    try:
        value = msgspec.json.decode(raw)
        _refuse_duplicates(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return RequestInvalid("MALFORMED_BODY", "The body is no JSON that can be read.")
    except RequestInvalid as duplicate:
        return duplicate
    return RequestInvalid("VALIDATION_FAILED", _INVALID_FIELDS, faults_of_value(value, kind))


def _refuse_duplicates(raw: bytes) -> None:
    """Refuse an object that names a key twice; msgspec would keep the last in silence."""
    duplicates: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            keys = [key for key, _ in pairs]
            duplicates.extend(sorted({key for key in keys if keys.count(key) > 1}))

    json.loads(raw, object_pairs_hook=note)
    if duplicates:
        raise RequestInvalid(
            "VALIDATION_FAILED",
            "The body names keys twice.",
            [Fault(key, "DUPLICATE", "This key stands twice in one object.") for key in duplicates],
        )
