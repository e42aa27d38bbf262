"""Examples made from schemas are what these schemas allow."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator
from msgspec import Meta, Struct

from muster.http.derived_examples import example_of
from muster.http.openapi_types import COMPONENTS


class Colour(Enum):
    RED = "red"


class Inner(Struct, rename="camel"):
    at: Annotated[datetime, Meta(tz=True)]
    born_on: date | None
    code: Annotated[str, Meta(pattern="^[0-9]{6}$", examples=["123456"])]


class Whole(Struct, rename="camel", forbid_unknown_fields=True):
    id: UUID
    colour: Colour
    long_text: Annotated[str, Meta(min_length=20)]
    short_text: Annotated[str, Meta(max_length=2)]
    small: Annotated[int, Meta(ge=-5, le=-2)]
    large: Annotated[float, Meta(gt=100)]
    inner: list[Inner]
    three: Annotated[tuple[int, ...], Meta(min_length=3)]
    free: dict[str, Any]
    flag: bool = False


class Patterned(Struct):
    code: Annotated[str, Meta(pattern="^[0-9]{6}$")]


class Endless(Struct):
    next: Endless


def derived(kind: type[Struct]) -> tuple[dict[str, Any], Any]:
    (schema,), components = msgspec.json.schema_components(
        [kind], ref_template=COMPONENTS + "{name}"
    )
    return {**schema, "components": {"schemas": components}}, example_of(schema, components)


def test_it_fits() -> None:
    schema, example = derived(Whole)
    Draft202012Validator(schema, validate_formats=True).validate(example)
    assert msgspec.convert(example, Whole).inner[0].code == "123456"


@pytest.mark.parametrize("kind", [Patterned, Endless])
def test_what_cannot_be_made_up_is_not(kind: type[Struct]) -> None:
    with pytest.raises(ValueError, match=r"pattern|itself"):
        derived(kind)
