"""Which zone: "highest priority, then nearest centre, then smallest radius, then lowest id"."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.geography import Point, distance_metres
from muster.domain.zone_choice import ZoneChoice, ZoneRule, choose_zone
from muster.domain.zones import Operator, Zone, ZoneStatus, covers
from muster.testing.examples import a_zone
from tests.strategies import points, zones

HERE = Point(48.0, 11.0)

CENTRES = st.sampled_from([HERE, Point(48.0, 11.01), Point(48.01, 11.0), Point(-48.0, 11.0)])
"""Few centres, so that distances tie."""


ZONE = a_zone()


def crowds(
    point: st.SearchStrategy[Point] = CENTRES,
) -> st.SearchStrategy[list[Zone]]:
    """Zones with many ties in each of the four keys; no id twice."""
    return st.lists(zones(point), max_size=6, unique_by=lambda zone: zone.id)


def beats(one: Zone, other: Zone, point: Point) -> ZoneRule | None:
    """Return the rule by which one zone goes before another, if it does: the law, aloud."""
    if one.priority != other.priority:
        return ZoneRule.PRIORITY if one.priority > other.priority else None
    # A micrometre apart is not apart: a pole has many longitudes.
    near, far = (round(distance_metres(zone.centre, point), 6) for zone in (one, other))
    if near != far:
        return ZoneRule.NEAREST_CENTRE if near < far else None
    if one.radius_km != other.radius_km:
        return ZoneRule.SMALLEST_RADIUS if one.radius_km < other.radius_km else None
    return ZoneRule.LOWEST_ID if str(one.id) < str(other.id) else None


@pytest.mark.parametrize(
    ("here", "there", "place"),
    [
        (Point(90, 10), Point(90, 170), Point(90, 0)),
        (Point(-90, 3), Point(-90, -77), Point(-90, 120)),
        (Point(0, 180), Point(0, -180), Point(0, 180)),
        (Point(12, -180), Point(12, 180), Point(12.001, 180)),
    ],
)
def test_one_place_under_two_names_is_equally_near(here: Point, there: Point, place: Point) -> None:
    """ "Right at the centre, at the poles and across the antimeridian it must answer correctly"."""
    large = replace(ZONE, id=UUID(int=1), centre=here, radius_km=100.0)
    small = replace(ZONE, id=UUID(int=2), centre=there, radius_km=50.0)
    choice = choose_zone(place, [large, small])
    assert choice.chosen is not None
    assert (choice.chosen.zone, choice.rule) == (small, ZoneRule.SMALLEST_RADIUS)


@given(crowds())
def test_choice_and_rule_are_those_of_brute_force(crowd: list[Zone]) -> None:
    """ "The answer carries every covering zone and the rule that decided"."""
    covering = [zone for zone in crowd if covers(zone, HERE)]
    choice = choose_zone(HERE, crowd)
    told = [hit.zone for hit in choice.covering]
    assert sorted(told, key=id) == sorted(covering, key=id)
    assert all(beats(a, b, HERE) for a, b in pairwise(told))
    if len(told) > 1:
        assert choice.rule is beats(told[0], told[1], HERE)
        best = [z for z in covering if all(z is o or beats(z, o, HERE) for o in covering)]
        assert choice.chosen is not None
        assert [choice.chosen.zone] == best
    else:
        assert choice.rule is (ZoneRule.ONLY_ONE if told else ZoneRule.NONE)
    for hit in choice.covering:
        assert hit.distance_metres == distance_metres(HERE, hit.zone.centre)


@given(crowds().flatmap(lambda crowd: st.tuples(st.just(crowd), st.permutations(crowd))))
def test_the_order_of_the_candidates_does_not_matter(
    crowds: tuple[list[Zone], list[Zone]],
) -> None:
    """ "The outcome does not depend on the order in which candidates arrive"."""
    one, other = crowds
    assert choose_zone(HERE, one) == choose_zone(HERE, iter(other))


@given(crowds(points()), points())
def test_an_archived_zone_is_never_chosen(crowd: list[Zone], point: Point) -> None:
    """ "Of the active zones that cover a point"."""
    for hit in choose_zone(point, crowd).covering:
        assert hit.zone.status is ZoneStatus.ACTIVE
    archived = [replace(zone, status=ZoneStatus.ARCHIVED, centre=point) for zone in crowd]
    assert choose_zone(point, archived) == ZoneChoice(ZoneRule.NONE, ())


@given(crowds(points()), points(), zones())
def test_the_nearest_zone_is_told_only_where_none_covers(
    crowd: list[Zone], point: Point, nearest: Zone
) -> None:
    """ "if none covers it, the nearest zone and its distance"."""
    choice = choose_zone(point, crowd, nearest)
    if any(covers(zone, point) for zone in crowd):
        assert choice.nearest is None
        return
    assert choice.rule is ZoneRule.NONE
    assert choice.chosen is None
    assert choice.nearest is not None
    assert choice.nearest.zone is nearest
    assert choice.nearest.distance_metres == distance_metres(nearest.centre, point)


@pytest.mark.parametrize("rule", list(ZoneRule)[1:5])
@given(zone=zones(st.just(Point(48.0, 11.001)), st.just(UUID(int=5))))
def test_each_rule_decides_when_it_is_the_first_to_differ(rule: ZoneRule, zone: Zone) -> None:
    """A rival that is worse by one key and better by all that come after it."""
    zone = replace(zone, status=ZoneStatus.ACTIVE, radius_km=50.0)
    worse: list[tuple[ZoneRule, dict[str, Any], dict[str, Any]]] = [
        (ZoneRule.PRIORITY, {"priority": zone.priority - 1}, {}),
        (ZoneRule.NEAREST_CENTRE, {"centre": Point(48.0, 11.002)}, {"centre": HERE}),
        (ZoneRule.SMALLEST_RADIUS, {"radius_km": 51.0}, {"radius_km": 49.0}),
        (ZoneRule.LOWEST_ID, {"id": UUID(int=6)}, {"id": UUID(int=4)}),
    ]
    changes: dict[str, Any] = {}
    for place, (name, loses, wins) in enumerate(worse):
        decided = place > [one for one, _, _ in worse].index(rule)
        changes |= wins if decided else loses if name is rule else {}
    rival = replace(zone, **changes)
    for crowd in ([zone, rival], [rival, zone]):
        choice = choose_zone(HERE, crowd)
        assert choice.rule is rule
        assert choice.chosen is not None
        assert choice.chosen.zone is zone


@given(zones())
def test_who_operates_a_zone_follows_from_its_franchise(zone: Zone) -> None:
    """ "`COMPANY` (`franchiseId` is null) or `FRANCHISE` (`franchiseId` set)"."""
    assert (zone.operator is Operator.COMPANY) == (zone.franchise_id is None)
    assert (zone.operator is Operator.FRANCHISE) == (zone.franchise_id is not None)
