"""The purchase rules: what may be bought at all. All broken rules are told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from muster.domain.bookings import ClassType, DeliveryMode, Purchase
from muster.domain.errors import DomainError, Fault
from muster.domain.local_time import at_wall_time, local_of, parse_timeslot
from muster.domain.planning import SESSIONS_ON_A_SUNDAY, first_teaching_day
from muster.domain.sessions import SESSION_LENGTH, PlannedSession

__all__ = [
    "HORIZON",
    "SOLD_COUNTS",
    "InvalidPurchase",
    "ends_on_own_date",
    "faults_of_sessions",
    "faults_of_start",
    "faults_of_terms",
    "faults_of_unserved_start",
    "faults_of_unserved_wall_clock",
]

SOLD_COUNTS = (10, 20, 30)
"""The lengths a course is sold in, in sessions."""

HORIZON = timedelta(days=366)
"""How far ahead of the local today a course may begin."""

_HYBRID_COUNT = 30
_LAST_PLACE_ON_EARTH = timedelta(hours=12)
"""The wall clock furthest behind UTC (UTC-12): what is past there is past everywhere."""

_STUDENTS: dict[ClassType, range] = {
    ClassType.ONE_ON_ONE: range(1, 2),
    ClassType.ONE_ON_TWO: range(2, 3),
    ClassType.ONE_ON_THREE: range(3, 4),
    ClassType.HYBRID: range(1, 4),
}


class InvalidPurchase(DomainError):
    """The purchase breaks at least one rule; nothing is stored."""

    code: ClassVar[str] = "INVALID_PURCHASE"

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Carry every broken rule.

        Args:
            faults: One for each broken rule, with its code and field.
        """
        super().__init__("The purchase breaks the rules named in details.", faults=tuple(faults))


def faults_of_terms(purchase: Purchase) -> list[Fault]:
    """Return the faults by rules 1 to 6, which need neither clock nor place."""
    return [fault for rule in _TERMS for fault in rule(purchase)]


def faults_of_start(purchase: Purchase, time_zone: str, now: datetime) -> list[Fault]:
    """Return the faults by rule 7 for a served place: too far ahead, or already past.

    Args:
        purchase: What was asked for.
        time_zone: IANA key of the zone that serves the place.
        now: UTC instant.
    """
    zone = ZoneInfo(time_zone)
    today = local_of(now, zone).date()
    if purchase.start_date - today > HORIZON:
        return [
            Fault(
                "startDate",
                "START_TOO_FAR",
                f"A course begins at most {HORIZON.days} days ahead.",
            )
        ]
    if purchase.start_date < today - timedelta(days=7):
        return [_STARTED]
    first = first_teaching_day(purchase.start_date, purchase.delivery_mode)
    begins = at_wall_time(first, parse_timeslot(purchase.preferred_time_slot), zone)
    return [_STARTED] if begins.instant < now else []


def faults_of_unserved_start(purchase: Purchase, now: datetime) -> list[Fault]:
    """Return the faults by rule 7 where no zone gives a time zone: past everywhere on earth.

    Args:
        purchase: What was asked for.
        now: UTC instant.
    """
    last_wall_clock = now.astimezone(UTC).replace(tzinfo=None) - _LAST_PLACE_ON_EARTH
    if purchase.start_date > last_wall_clock.date():
        return []
    first = first_teaching_day(purchase.start_date, purchase.delivery_mode)
    begins = datetime.combine(first, parse_timeslot(purchase.preferred_time_slot))
    return [_STARTED] if begins < last_wall_clock else []


def faults_of_sessions(purchase: Purchase, sessions: Iterable[PlannedSession]) -> list[Fault]:
    """Return the fault by rule 8: a session that does not end on its own local date.

    The end is exclusive, and on days with a clock change the real local times count. A
    session's own date is the one its course gives it: a day that the local calendar
    leaves out altogether has no sessions.

    Args:
        purchase: What was asked for.
        sessions: Its plan; looked at only when rules 1 to 7 hold.
    """
    for planned, own_date in zip(sessions, _own_dates(purchase), strict=False):
        if not (planned.local_date == own_date and ends_on_own_date(planned)):
            return [_past_midnight(f"Session {planned.number}")]
    return []


def ends_on_own_date(planned: PlannedSession) -> bool:
    """Return whether a session ends on the local date on which it begins; the end is exclusive."""
    last_moment = local_of(planned.ends_at - timedelta(microseconds=1), ZoneInfo(planned.time_zone))
    return last_moment.date() == planned.local_date


def faults_of_unserved_wall_clock(purchase: Purchase) -> list[Fault]:
    """Return the fault by rule 8 where no zone gives a time zone: by the wall clock alone."""
    a_day = 1 if purchase.delivery_mode is DeliveryMode.DAILY else SESSIONS_ON_A_SUNDAY
    clock = parse_timeslot(purchase.preferred_time_slot)
    began = timedelta(hours=clock.hour, minutes=clock.minute)
    if began + a_day * SESSION_LENGTH > timedelta(days=1):
        return [_past_midnight("A session")]
    return []


_STARTED = Fault("startDate", "START_IN_PAST", "The first session would begin before now.")


def _past_midnight(which: str) -> Fault:
    return Fault(
        "preferredTimeSlot",
        "SESSION_CROSSES_MIDNIGHT",
        f"{which} would not end on its own local date.",
    )


def _own_dates(purchase: Purchase) -> Iterator[date]:
    day = first_teaching_day(purchase.start_date, purchase.delivery_mode)
    daily = purchase.delivery_mode is DeliveryMode.DAILY
    while True:
        for _ in range(1 if daily else SESSIONS_ON_A_SUNDAY):
            yield day
        day += timedelta(days=1 if daily else 7)


def _sold_count(purchase: Purchase) -> Iterator[Fault]:
    if purchase.total_sessions not in SOLD_COUNTS:
        yield Fault("totalSessions", "SESSION_COUNT_NOT_SOLD", "Sold are 10, 20 or 30 sessions.")


def _hybrid_count(purchase: Purchase) -> Iterator[Fault]:
    if purchase.class_type is ClassType.HYBRID and purchase.total_sessions != _HYBRID_COUNT:
        yield Fault("totalSessions", "HYBRID_NOT_30", "A hybrid course has exactly 30 sessions.")


def _student_count(purchase: Purchase) -> Iterator[Fault]:
    allowed = _STUDENTS[purchase.class_type]
    if len(purchase.students) in allowed:
        return
    bounds = f"{allowed[0]}" if len(allowed) == 1 else f"{allowed[0]} to {allowed[-1]}"
    yield Fault(
        "students",
        "STUDENT_COUNT",
        f"{purchase.class_type.value} takes {bounds} student(s), not {len(purchase.students)}.",
    )


def _distinct_students(purchase: Purchase) -> Iterator[Fault]:
    seen = set()
    for place, student in enumerate(purchase.students):
        if student.id in seen:
            yield Fault(f"students[{place}].id", "DUPLICATE_STUDENT", "Two students share this id.")
        seen.add(student.id)


def _even_sundays(purchase: Purchase) -> Iterator[Fault]:
    if purchase.delivery_mode is DeliveryMode.SUNDAY_ONLY and purchase.total_sessions % 2:
        yield Fault(
            "totalSessions", "ODD_SUNDAY_COUNT", "Sunday sessions come in pairs: an even count."
        )


def _hybrid_daily(purchase: Purchase) -> Iterator[Fault]:
    if (
        purchase.class_type is ClassType.HYBRID
        and purchase.delivery_mode is DeliveryMode.SUNDAY_ONLY
    ):
        yield Fault("deliveryMode", "HYBRID_ON_SUNDAYS", "A hybrid course is delivered daily.")


_TERMS: tuple[Callable[[Purchase], Iterator[Fault]], ...] = (
    _sold_count,
    _hybrid_count,
    _student_count,
    _distinct_students,
    _even_sundays,
    _hybrid_daily,
)
