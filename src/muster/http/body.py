"""Reading request bodies: strict, and every fault at once.

Litestar would read any content type as JSON, let text pass for numbers, keep the last of
duplicate keys and report the first fault only; here none of that happens.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from muster.application.structure import MOST_FAULTS, faults_of_checks, faults_of_value
from muster.domain.errors import Fault
from muster.http.failures import RequestInvalid
from muster.http.nesting import nested_deeper
from muster.http.repeated_keys import repeated_keys
from muster.plugin_api.json_depth import MOST_JSON_DEPTH, json_depth_of

__all__ = ["JsonBody", "body_struct", "read_json"]

T = TypeVar("T", bound=msgspec.Struct)


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
        most = json_depth_of(self.asgi_connection.scope)
        return read_json(value, body_struct(field), most)

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


def body_struct(field: FieldDefinition) -> type[msgspec.Struct]:
    """Return the Struct that a body is read as.

    Args:
        field: The handler's ``data``; where it may be left out, it still must not be ``null``.
    """
    solid = [part.annotation for part in field.inner_types if not part.is_none_type]
    found: type[msgspec.Struct] = solid[0] if field.is_optional else field.annotation
    return found


def read_json(raw: bytes, kind: type[T], most_depth: int = MOST_JSON_DEPTH) -> T:
    """Return a body as a Struct.

    Args:
        raw: The body.
        kind: The Struct.
        most_depth: Levels of arrays and objects that it may have.

    Raises:
        RequestInvalid: With every fault at once.
    """
    if nested_deeper(raw, most_depth):
        raise RequestInvalid(
            "MALFORMED_BODY", f"The body is nested more than {most_depth} levels deep."
        )
    try:
        read, faults = _read(raw, kind)
        faults = [*repeated_keys(raw), *faults]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RequestInvalid("MALFORMED_BODY", "The body is no JSON that can be read.") from None
    if faults:
        raise RequestInvalid(
            "VALIDATION_FAILED", "The body has invalid fields.", faults[:MOST_FAULTS]
        )
    assert read is not None, "what could not be read has faults"
    return read


def _read(raw: bytes, kind: type[T]) -> tuple[T | None, list[Fault]]:
    try:
        read = msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        return None, faults_of_value(msgspec.json.decode(raw), kind)
    return read, faults_of_checks(read)
