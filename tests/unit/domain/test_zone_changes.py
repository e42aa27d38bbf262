"""Changes of a zone: made to the version that their author has read, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, replace

from muster.domain.errors import IllegalState
from muster.domain.geography import Point
from muster.domain.names import tidy_name
from muster.domain.versions import VersionConflict, expect_version
from muster.domain.zone_changes import ZoneChanges, archived, changed
from muster.domain.zones import Zone, ZoneStatus
from tests.strategies import instants, names, points, time_zones, zones

MADE = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ZONE = Zone(
    UUID(int=1), "Munich", None, Point(48.0, 11.0), 10.0, "Europe/Berlin", 0, ZoneStatus.ACTIVE,
    3, MADE, MADE,
)  # fmt: skip


@pytest.mark.parametrize("seen", [0, 1, 2, 4, 99])
def test_a_stale_version_is_refused(seen: int) -> None:
    with pytest.raises(VersionConflict, match=f"3, not {seen}") as refused:
        changed(ZONE, ZoneChanges(seen, priority=1), NOW)
    assert refused.value.code == "VERSION_CONFLICT"


def test_the_version_in_force_is_accepted() -> None:
    expect_version(3, 3)


@given(
    zones(),
    st.just(UNSET) | names(),
    st.just(UNSET) | points(),
    st.just(UNSET) | st.floats(0.1, 500),
    st.just(UNSET) | time_zones(),
    st.just(UNSET) | st.integers(-2, 2),
)
def test_what_is_named_changes_and_nothing_else(
    zone: Zone,
    name: str | UnsetType,
    centre: Point | UnsetType,
    radius_km: float | UnsetType,
    time_zone: str | UnsetType,
    priority: int | UnsetType,
) -> None:
    assume(zone.status is ZoneStatus.ACTIVE)
    after = changed(
        zone, ZoneChanges(zone.version, name, centre, radius_km, time_zone, priority), NOW
    )
    told = {
        "name": name, "centre": centre, "radius_km": radius_km, "time_zone": time_zone,
        "priority": priority,
    }  # fmt: skip
    wanted = asdict(zone) | {field: value for field, value in told.items() if value is not UNSET}
    if wanted == asdict(zone):
        assert after is zone
    else:
        assert asdict(after) == wanted | {"version": zone.version + 1, "updated_at": NOW}


def test_priority_zero_is_a_value() -> None:
    raised = replace(ZONE, priority=5)
    assert changed(raised, ZoneChanges(3, priority=0), NOW).priority == 0


def test_a_name_is_tidied_and_the_same_one_changes_nothing() -> None:
    assert changed(ZONE, ZoneChanges(3, name="  Ｍunich "), NOW) is ZONE
    after = changed(ZONE, ZoneChanges(3, name=" New\tMunich"), NOW)
    assert after.name == tidy_name(after.name) == "New Munich"


def test_an_archived_zone_cannot_be_edited() -> None:
    closed = replace(ZONE, status=ZoneStatus.ARCHIVED)
    with pytest.raises(IllegalState, match="archived"):
        changed(closed, ZoneChanges(3, priority=1), NOW)


@given(zones(), instants())
def test_archiving_happens_once(zone: Zone, now: datetime) -> None:
    closed = archived(zone, now)
    assert closed.status is ZoneStatus.ARCHIVED
    assert archived(closed, NOW) is closed
    if zone.status is ZoneStatus.ACTIVE:
        assert replace(closed, status=zone.status, version=closed.version - 1,
                       updated_at=zone.updated_at) == zone  # fmt: skip
        assert closed.updated_at == now
