"""Reading request bodies: strict, and every fault at once.

Litestar would read any content type as JSON, let text pass for numbers, keep the last of
duplicate keys and report the first fault only; here none of that happens.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator
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

__all__ = ["JsonBody", "body_struct", "read_json"]

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
        return read_json(value, body_struct(field))

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


class _Twice(dict[str, Any]):
    """An object of JSON that names keys twice."""

    keys_twice: tuple[str, ...] = ()


def _refuse_duplicates(raw: bytes) -> None:
    """Refuse an object that names a key twice; msgspec would keep the last in silence."""
    found = False

    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        shown = dict(pairs)
        if len(shown) == len(pairs):
            return shown
        found = True
        noted = _Twice(shown)
        counts = Counter(key for key, _ in pairs)
        noted.keys_twice = tuple(key for key, count in counts.items() if count > 1)
        return noted

    value = json.loads(raw, object_pairs_hook=read)
    if found:
        raise RequestInvalid(
            "VALIDATION_FAILED",
            "The body names keys twice.",
            [
                Fault(path, "DUPLICATE", "This key stands twice in one object.")
                for path in _paths_of_duplicates(value, "")
            ],
        )


def _paths_of_duplicates(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _paths_of_duplicates(item, f"{path}[{place}]")
    elif isinstance(value, dict):
        prefix = f"{path}." if path else ""
        if isinstance(value, _Twice):
            yield from (prefix + key for key in value.keys_twice)
        for key, item in value.items():
            yield from _paths_of_duplicates(item, prefix + key)
