"""Hypothesis strategies for the things of the domain, shared by all suites."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import assume
from hypothesis import strategies as st

from muster.domain.bookings import ClassType, DeliveryMode, Purchase, Student
from muster.domain.franchises import Franchise
from muster.domain.geography import Point
from muster.domain.names import tidy_name
from muster.domain.placement import Placement, placement_of
from muster.domain.planning import plan_sessions
from muster.domain.purchase_rules import (
    faults_of_sessions,
    faults_of_start,
    faults_of_terms,
)
from muster.domain.slots import Availability
from muster.domain.trainers import MINUTES_A_DAY, Leave, Trainer, WeeklyHours
from muster.domain.zones import MAX_RADIUS_KM, Zone, ZoneStatus

STUDENTS_OF = {
    ClassType.ONE_ON_ONE: (1, 1),
    ClassType.ONE_ON_TWO: (2, 2),
    ClassType.ONE_ON_THREE: (3, 3),
    ClassType.HYBRID: (1, 3),
}
"""Fewest and most students, as the law has them."""

TIME_ZONES = sorted(available_timezones())
"""Every IANA key that this machine knows."""


@cache
def clock_changes(key: str, first_year: int, years: int) -> tuple[datetime, ...]:
    """Return the UTC minutes at which a zone's offset changes, found by halving days."""
    zone = ZoneInfo(key)

    def offset(minute: int) -> timedelta | None:
        return datetime.fromtimestamp(minute * 60, zone).utcoffset()

    start = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp()) // 60
    changes = []
    for day in range(start, start + years * 366 * MINUTES_A_DAY, MINUTES_A_DAY):
        low, high = day, day + MINUTES_A_DAY
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        changes.append(datetime.fromtimestamp(high * 60, UTC))
    return tuple(changes)


@cache
def uuids() -> st.SearchStrategy[UUID]:
    """Any id; small ones often, so that ties and order are met."""
    return st.one_of(st.integers(1, 9).map(lambda number: UUID(int=number)), st.uuids())


@cache
def time_zones() -> st.SearchStrategy[str]:
    """Any IANA key."""
    return st.sampled_from(TIME_ZONES)


@cache
def timeslots() -> st.SearchStrategy[str]:
    """Any ``HH:MM``, often near midnight, the small hours or the two borders of the law."""
    borders = [
        f"{hour:02}:{minute:02}"
        for hour in (0, 1, 2, 3, 22, 23)
        for minute in (0, 19, 20, 21, 30, 39, 40, 41, 59)
    ]
    every = st.integers(0, MINUTES_A_DAY - 1).map(lambda at: f"{at // 60:02}:{at % 60:02}")
    return st.one_of(every, st.sampled_from(borders))


@cache
def dates(
    first: date = date(2000, 1, 1), last: date = date(2037, 12, 31)
) -> st.SearchStrategy[date]:
    """Dates for which the time zone tables of today's machines agree."""
    return st.dates(first, last)


@st.composite
def clock_change_days(draw: st.DrawFn) -> tuple[str, date]:
    """A zone and a local date on which, or next to which, its clocks change."""
    key = draw(time_zones())
    changes = clock_changes(key, draw(st.integers(2005, 2036)), 1)
    if not changes:
        return key, draw(dates())
    change = draw(st.sampled_from(changes)).astimezone(ZoneInfo(key)).date()
    return key, change + timedelta(days=draw(st.integers(-2, 1)))


@cache
def instants() -> st.SearchStrategy[datetime]:
    """UTC instants of the years 2000 to 2037, to the millisecond."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000 for year in (2000, 2038))
    return st.integers(int(first), int(last) - 1).map(
        lambda at: datetime.fromtimestamp(at // 1000, UTC) + timedelta(milliseconds=at % 1000)
    )


@cache
def points() -> st.SearchStrategy[Point]:
    """Places on the earth; poles, antimeridian, equator and Greenwich often."""
    latitudes = st.one_of(
        st.floats(-90, 90), st.sampled_from([-90.0, -89.9999999, -0.0, 0.0, 89.9999999, 90.0])
    )
    longitudes = st.one_of(
        st.floats(-180, 180),
        st.sampled_from([-180.0, -179.9999999, -90.0, 0.0, 90.0, 179.9999999, 180.0]),
    )
    return st.builds(Point, latitudes, longitudes)


@st.composite
def points_near(draw: st.DrawFn, centre: Point, degrees: float = 0.06) -> Point:
    """Places within a few kilometres of another; longitudes wrap at the antimeridian."""
    latitude = centre.latitude + draw(st.floats(-degrees, degrees))
    longitude = centre.longitude + draw(st.floats(-degrees, degrees))
    return Point(
        max(-90.0, min(90.0, latitude)),
        longitude if -180 <= longitude <= 180 else longitude - 360 * (1 if longitude > 0 else -1),
    )


@cache
def names() -> st.SearchStrategy[str]:
    """Names that are something once tidied."""
    return (
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
        .map(tidy_name)
        .filter(bool)
    )


@cache
def students(count: int) -> st.SearchStrategy[tuple[Student, ...]]:
    """Students, none twice."""
    one = st.builds(Student, id=st.uuids(), name=names())
    return st.lists(one, min_size=count, max_size=count, unique_by=lambda student: student.id).map(
        tuple
    )


@st.composite
def purchases(
    draw: st.DrawFn,
    start_dates: st.SearchStrategy[date] | None = None,
    slots: st.SearchStrategy[str] | None = None,
    class_types: st.SearchStrategy[ClassType] | None = None,
    places: st.SearchStrategy[Point] | None = None,
) -> Purchase:
    """Purchases that keep rules 1 to 6; whether 7 and 8 hold is up to date, place and time."""
    class_type = draw(st.sampled_from(ClassType) if class_types is None else class_types)
    hybrid = class_type is ClassType.HYBRID
    return Purchase(
        course_id=draw(uuids()),
        class_type=class_type,
        total_sessions=30 if hybrid else draw(st.sampled_from([10, 20, 30])),
        delivery_mode=DeliveryMode.DAILY if hybrid else draw(st.sampled_from(DeliveryMode)),
        start_date=draw(dates() if start_dates is None else start_dates),
        preferred_time_slot=draw(timeslots() if slots is None else slots),
        student_location=draw(points() if places is None else places),
        students=draw(st.integers(*STUDENTS_OF[class_type]).flatmap(students)),
        booking_reference=draw(st.none() | st.text(min_size=1, max_size=20)),
        preferred_trainer_id=draw(st.none() | uuids()),
        excluded_trainer_ids=tuple(sorted(draw(st.sets(uuids(), max_size=2)))),
        ranking_policy=draw(st.sampled_from([None, "balanced", "nearest"])),
    )


@st.composite
def any_purchases(draw: st.DrawFn) -> Purchase:
    """Purchases that may break any rules, alone or together, with absurd dates and counts."""
    few = st.integers(1, 3).map(lambda number: UUID(int=number))
    return Purchase(
        course_id=draw(uuids()),
        class_type=draw(st.sampled_from(ClassType)),
        total_sessions=draw(
            st.one_of(st.sampled_from([10, 20, 30]), st.integers(-3, 40), st.integers())
        ),
        delivery_mode=draw(st.sampled_from(DeliveryMode)),
        start_date=draw(st.one_of(st.dates(), st.sampled_from([date.min, date.max]), dates())),
        preferred_time_slot=draw(timeslots()),
        student_location=draw(points()),
        students=tuple(draw(st.lists(st.builds(Student, id=few, name=names()), max_size=5))),
    )


@st.composite
def served_purchases(draw: st.DrawFn) -> tuple[Purchase, str, datetime]:
    """A purchase that keeps all eight rules, its time zone and the instant it is made."""
    key, day = draw(st.one_of(clock_change_days(), st.tuples(time_zones(), dates())))
    purchase = draw(purchases(st.just(day), timeslots() | st.just("12:00")))
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(
        days=draw(st.integers(2, 300))
    )
    assume(not faults_of_terms(purchase))
    assume(not faults_of_start(purchase, key, now))
    assume(not faults_of_sessions(purchase, plan_sessions(purchase, key)))
    return purchase, key, now


@st.composite
def zones(
    draw: st.DrawFn,
    centres: st.SearchStrategy[Point] | None = None,
    ids: st.SearchStrategy[UUID] | None = None,
    keys: st.SearchStrategy[str] | None = None,
) -> Zone:
    """Zones of company and franchises, active and archived."""
    made = draw(instants())
    return Zone(
        id=draw(uuids() if ids is None else ids),
        name=draw(names()),
        franchise_id=draw(st.none() | uuids()),
        centre=draw(points() if centres is None else centres),
        radius_km=draw(
            st.one_of(st.floats(0.001, MAX_RADIUS_KM), st.sampled_from([1.0, 5.0, MAX_RADIUS_KM]))
        ),
        time_zone=draw(time_zones() if keys is None else keys),
        priority=draw(st.integers(-2, 2)),
        status=draw(st.sampled_from([ZoneStatus.ACTIVE] * 3 + [ZoneStatus.ARCHIVED])),
        version=draw(st.integers(1, 9)),
        created_at=made,
        updated_at=made,
    )


def franchises() -> st.SearchStrategy[Franchise]:
    """Franchises, as they were founded or later."""
    return st.builds(
        Franchise,
        id=uuids(),
        name=names(),
        time_zone=st.none() | time_zones(),
        version=st.integers(1, 9),
        created_at=instants(),
        updated_at=instants(),
    )


@st.composite
def weekly_hours(draw: st.DrawFn) -> WeeklyHours:
    """One stretch of working time."""
    begins = draw(st.integers(0, MINUTES_A_DAY - 1))
    return WeeklyHours(
        draw(st.integers(1, 7)), begins, draw(st.integers(begins + 1, MINUTES_A_DAY))
    )


@st.composite
def leaves(draw: st.DrawFn, around: date = date(2026, 6, 1)) -> Leave:
    """A leave of a day or some days."""
    first = around + timedelta(days=draw(st.integers(-20, 40)))
    return Leave(first, first + timedelta(days=draw(st.integers(0, 5))))


@st.composite
def trainers(
    draw: st.DrawFn, placement: Placement | None = None, ids: st.SearchStrategy[UUID] | None = None
) -> Trainer:
    """Trainers; handed a placement, they fit it often and break any of its rules at times."""
    fits = uuids() if placement is None else st.just(placement.zone.id) | uuids()
    courses = uuids() if placement is None else st.just(placement.course_id) | uuids()
    franchise = st.none() | uuids()
    place = points()
    first_day = date(2026, 6, 1)
    if placement is not None:
        franchise = st.just(placement.zone.franchise_id) | franchise
        place = points_near(placement.student_location) | place
        first_day = placement.sessions[0].local_date
    whole_week = st.just(tuple(WeeklyHours(day, 0, MINUTES_A_DAY) for day in range(1, 8)))
    return Trainer(
        id=draw(uuids() if ids is None else ids),
        name=draw(names()),
        active=draw(st.sampled_from([True, True, True, False])),
        franchise_id=draw(franchise),
        zone_ids=frozenset(draw(st.sets(fits, max_size=3))),
        certified_courses=frozenset(draw(st.sets(courses, max_size=5))),
        location=draw(st.none() | place),
        weekly_hours=draw(st.none() | whole_week | st.lists(weekly_hours(), max_size=9).map(tuple)),
        leave=tuple(draw(st.lists(leaves(first_day), max_size=2))),
        updated_at=draw(st.none() | instants()),
    )


def availabilities(sessions: int = 30) -> st.SearchStrategy[Availability]:
    """What live slots may say about a plan."""
    conflicts = st.sets(st.integers(1, sessions), max_size=3).map(lambda them: tuple(sorted(them)))
    return st.builds(
        Availability,
        conflicts=st.just(()) | conflicts,
        booked_minutes=st.integers(0, 4).map(lambda lessons: lessons * 40),
    )


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    """Placements of a whole plan or of some of its sessions."""
    purchase, key, _ = draw(served_purchases())
    zone = draw(zones(points_near(purchase.student_location), keys=st.just(key)))
    sessions = plan_sessions(purchase, key)
    some = draw(
        st.just(set(range(len(sessions)))) | st.sets(st.integers(0, len(sessions) - 1), min_size=1)
    )
    return placement_of(purchase, zone, tuple(sessions[place] for place in sorted(some)))
