"""Every fault of a raw value at once, each with its path; nothing where it is right."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, Struct, UnsetType

from muster.application.structure import CHECK, faults_of_checks, faults_of_value


def _even(value: int) -> str | None:
    return None if value % 2 == 0 else "It is odd."


class Inner(Struct, rename="camel", forbid_unknown_fields=True):
    day_count: Annotated[int, Meta(ge=0)]
    tags: list[Annotated[str, Meta(max_length=3)]] = []


class Outer(Struct, rename="camel", forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern="^[a-z]+$")]
    inner: Inner
    others: list[Inner] | None = None
    pairs: tuple[Inner, ...] = ()
    even: Annotated[int, Meta(extra={CHECK: _even})] | UnsetType | None = UNSET
    either: int | str = 0


class Even(Struct):
    even: Annotated[int, Meta(extra={CHECK: _even})]


class Family(Struct, forbid_unknown_fields=True):
    first: Even
    more: list[Even] = []


class Never(Struct):
    number: int

    def __post_init__(self) -> None:
        raise ValueError("Never.")


class Holds(Struct):
    never: Never


def found(value: Any, *, strict: bool = True) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults_of_value(value, Outer, strict=strict)]


def test_every_fault_is_told_with_its_path() -> None:
    value = {
        "name": "A",
        "inner": {"dayCount": -1, "tags": ["long one", 3], "more": 1},
        "others": [{"dayCount": "1"}, None, {}],
        "pairs": [{"dayCount": 1, "x": 1}],
        "even": 3,
        "either": [],
        "stranger": 1,
    }
    assert sorted(found(value)) == [
        ("either", "TYPE"),
        ("even", "INVALID"),
        ("inner.dayCount", "INVALID"),
        ("inner.more", "UNKNOWN"),
        ("inner.tags[0]", "INVALID"),
        ("inner.tags[1]", "TYPE"),
        ("name", "INVALID"),
        ("others[0].dayCount", "TYPE"),
        ("others[1]", "TYPE"),
        ("others[2].dayCount", "MISSING"),
        ("pairs[0].x", "UNKNOWN"),
        ("stranger", "UNKNOWN"),
    ]


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_object_at_all_is_one_fault_at_the_root(value: object) -> None:
    assert found(value) == [("", "TYPE")]


def test_missing_fields_are_named() -> None:
    assert found({}) == [("name", "MISSING"), ("inner", "MISSING")]


def test_a_pattern_is_not_shown_to_clients() -> None:
    (fault,) = faults_of_value("A", Annotated[str, Meta(pattern="^secret$")], "field")
    assert "secret" not in fault.message


def test_text_for_numbers_only_where_it_is_not_strict() -> None:
    value = {"name": "a", "inner": {"dayCount": "1"}}
    assert found(value) == [("inner.dayCount", "TYPE")]
    assert found(value, strict=False) == []


@pytest.mark.parametrize(("even", "faults"), [(2, []), (3, ["even"]), (None, []), (UNSET, [])])
def test_checks_of_a_converted_value(even: Any, faults: list[str]) -> None:
    value = Outer("a", Inner(1), even=even)
    assert [fault.path for fault in faults_of_checks(value)] == faults


def test_checks_at_any_depth_whether_or_not_something_else_is_wrong() -> None:
    family = {"first": {"even": 1}, "more": [{"even": 2}, {"even": 3}]}
    paths = ["first.even", "more[1].even"]
    assert [fault.path for fault in faults_of_value(family, Family)] == paths
    assert [fault.path for fault in faults_of_checks(msgspec.convert(family, Family))] == paths
    assert [fault.path for fault in faults_of_value({**family, "x": 1}, Family)] == [*paths, "x"]


def test_a_failure_of_the_whole_is_told_where_it_stands() -> None:
    (fault,) = faults_of_value({"never": {"number": 1}}, Holds)
    assert (fault.path, fault.message) == ("never", "Never.")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "inner", "others", "pairs", "dayCount", "tags", "x"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_faults_exactly_where_msgspec_refuses(value: object) -> None:
    try:
        msgspec.convert(value, Outer)
    except msgspec.ValidationError:
        assert faults_of_value(value, Outer)
    else:
        assert faults_of_value(value, Outer) == []
