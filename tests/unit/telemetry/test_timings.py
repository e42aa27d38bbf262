"""Many observations at once are counted as they would be one by one."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram

from muster_telemetry.timings import Timings

BOUNDS = (0.001, 0.01, 0.1, 1.0)
AMOUNTS = st.lists(
    st.sampled_from([*BOUNDS, 0.0, inf]) | st.floats(-1, 10, allow_nan=False), max_size=40
)


def numbers(histogram: Histogram) -> dict[tuple[str, str], float]:
    (family,) = histogram.collect()
    return {
        (one.name, one.labels.get("le", "")): one.value
        for one in family.samples
        if not one.name.endswith("_created")
    }


@given(st.lists(AMOUNTS, max_size=5))
def test_all_at_once_count_like_one_by_one(batches: list[list[float]]) -> None:
    one_by_one = Histogram("x", "X.", buckets=BOUNDS, registry=CollectorRegistry())
    at_once = Timings("x", "X.", buckets=BOUNDS, registry=CollectorRegistry())
    for batch in batches:
        for amount in batch:
            one_by_one.observe(amount)
        at_once.observe_all(batch)
    assert numbers(at_once) == pytest.approx(numbers(one_by_one))
    assert numbers(at_once)["x_count", ""] == sum(map(len, batches))
