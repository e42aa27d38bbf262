"""docs/edge.md says what the edge does."""

from __future__ import annotations

import re

import msgspec

from muster_edge.limit_table import DEFAULT_LIMITS
from muster_edge.security_headers import API_POLICY, DOCS_POLICY
from muster_edge.settings import EdgeSettings
from muster_edge.size_table import DEFAULT_SIZES
from tests.docs.markdown_tables import DOCS, rows_by_heading


def test_the_limits_are_those_in_force() -> None:
    told = {row[0]: row[1] for row in rows_by_heading("edge.md")["Limits"]}
    assert told == DEFAULT_LIMITS


def test_the_sizes_are_those_in_force() -> None:
    told = {row[0]: int(row[1]) for row in rows_by_heading("edge.md")["Sizes"]}
    assert told == DEFAULT_SIZES


def test_the_policies_are_those_that_go_out() -> None:
    assert [row[1] for row in rows_by_heading("edge.md")["Headers"]] == [API_POLICY, DOCS_POLICY]


def test_the_settings_that_it_names_are_there() -> None:
    named = set(re.findall(r"MUSTER_EDGE__([A-Z_]+[A-Z])", (DOCS / "edge.md").read_text()))
    known = {field.name.upper() for field in msgspec.structs.fields(EdgeSettings)}
    assert len(named) > 8
    assert named <= known
