"""What is bought, where, and who could teach it: the small world in which machines play."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.bookings import ClassType, DeliveryMode, Purchase, Student
from muster.domain.geography import Point
from muster.domain.trainers import Leave, Trainer, WeeklyHours
from muster.testing.machines.requests import TIMES, among

__all__ = [
    "BARRING",
    "COURSES",
    "TRAINERS",
    "ZONE_TIMES",
    "Order",
    "centre",
    "changed_trainer",
    "orders",
    "purchase_of",
    "ready_trainers",
]

COURSES = (UUID(int=0xC1), UUID(int=0xC2))
TRAINERS = tuple(UUID(int=0x70 + number) for number in range(5))

ZONE_TIMES = ("Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
"""Time zones with clock changes of an hour, of half an hour, and of none."""

_TERMS = (
    (ClassType.ONE_ON_ONE, 10, 1, DeliveryMode.DAILY),
    (ClassType.HYBRID, 30, 2, DeliveryMode.DAILY),
    (ClassType.ONE_ON_TWO, 10, 2, DeliveryMode.SUNDAY_ONLY),
    (ClassType.ONE_ON_ONE, 30, 1, DeliveryMode.DAILY),
    (ClassType.ONE_ON_THREE, 20, 3, DeliveryMode.DAILY),
    (ClassType.ONE_ON_ONE, 10, 1, DeliveryMode.DAILY),
    (ClassType.ONE_ON_TWO, 20, 2, DeliveryMode.SUNDAY_ONLY),
    (ClassType.HYBRID, 10, 0, DeliveryMode.SUNDAY_ONLY),
)
"""What can be bought; the last breaks several rules at once."""

_STARTS = (1, 0, 2, 5, 6, 9, 20, 400)
_MIDDLE = Point(16.5, 80.6)
_STEP = 0.02
"""Degrees of latitude; about 2.2 km."""

_EVERY_DAY = tuple(WeeklyHours(day, 8 * 60, 19 * 60) for day in range(1, 8))
_WEEKENDS = tuple(WeeklyHours(day, 0, 1440) for day in (6, 7))


class Order(Struct, frozen=True):
    """A purchase in small numbers; each picks among what this module knows."""

    terms: int
    start: int
    time: int
    place: int
    course: int
    wish: int
    reference: int


def orders() -> st.SearchStrategy[Order]:
    """Return orders, most of which can be served."""
    return st.builds(
        Order,
        terms=st.sampled_from((0, 1, 2, 3, 4, 0, 1, 5, 6, 7)),
        start=st.sampled_from((0, 0, 0, 2, 2, 3, 4, 5, 6, 1, 7)),
        time=st.sampled_from((0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7)),
        place=st.sampled_from((0, 0, 0, 1, 2, 9)),
        course=st.sampled_from((0, 0, 1)),
        wish=st.integers(0, 9),
        reference=st.sampled_from((0, 0, 0, 1, 2)),
    )


def centre(number: int) -> Point:
    """Return a place on a line northwards from the middle of the world."""
    return Point(_MIDDLE.latitude + number * _STEP, _MIDDLE.longitude)


def purchase_of(order: Order, number: int, today: date) -> Purchase:
    """Return the purchase that an order means.

    Args:
        order: In numbers.
        number: Of the order; its students are told by it.
        today: From which its start is counted.
    """
    class_type, total, students, mode = among(_TERMS, order.terms)
    trainer = among(TRAINERS, order.wish)
    return Purchase(
        course_id=among(COURSES, order.course),
        class_type=class_type,
        total_sessions=total,
        delivery_mode=mode,
        start_date=today + timedelta(days=among(_STARTS, order.start)),
        preferred_time_slot=among(TIMES, order.time),
        student_location=centre(order.place),
        students=tuple(
            Student(UUID(int=number * 16 + place), f"Student {number}-{place}")
            for place in range(students)
        ),
        booking_reference=(None, "first", "second")[order.reference % 3],
        preferred_trainer_id=trainer if order.wish % 10 in (1, 2) else None,
        excluded_trainer_ids=(trainer,) if order.wish % 10 in (3, 4) else (),
        ranking_policy="nearest" if order.wish % 10 in (2, 5) else None,
    )


def ready_trainers(zones: Sequence[UUID], franchise_id: UUID | None = None) -> list[Trainer]:
    """Return trainers who teach everything in some zones, but for the last two.

    Args:
        zones: Where.
        franchise_id: For whom; ``None`` is the company.
    """
    ready = [
        Trainer(
            id=id_,
            name=f"Trainer {place}",
            active=True,
            franchise_id=franchise_id,
            zone_ids=frozenset(zones),
            certified_courses=frozenset(COURSES),
            location=centre(place),
        )
        for place, id_ in enumerate(TRAINERS)
    ]
    ready[-2] = replace(ready[-2], location=None, certified_courses=frozenset(COURSES[:1]))
    ready[-1] = replace(ready[-1], weekly_hours=_EVERY_DAY)
    return ready


BARRING = (1, 3, 4, 5, 7, 8, 9, 12, 14)
"""Changes of ``changed_trainer`` after which a rule may bar the trainer from a purchase."""


def changed_trainer(
    trainer: Trainer, change: int, zones: Sequence[UUID], franchises: Sequence[UUID], today: date
) -> Trainer:
    """Return a trainer after one change of what the trainer service says.

    Args:
        trainer: As known.
        change: Which change.
        zones: All there are.
        franchises: All there are.
        today: From which leave is counted.
    """
    many = frozenset({*COURSES, UUID(int=0xC3), UUID(int=0xC4)})
    leave = (Leave(today + timedelta(days=3), today + timedelta(days=4)),)
    changes: tuple[dict[str, object], ...] = (
        {"zone_ids": frozenset(zones), "active": True, "certified_courses": frozenset(COURSES)},
        {"active": not trainer.active},
        {"zone_ids": frozenset(zones)},
        {"zone_ids": frozenset(zones[:1])},
        {"certified_courses": frozenset(COURSES[:1])},
        {"certified_courses": many},
        {"weekly_hours": None, "leave": ()},
        {"weekly_hours": _EVERY_DAY},
        {"weekly_hours": _WEEKENDS},
        {"leave": leave},
        {"location": None},
        {"location": centre(0)},
        {"location": centre(12)},
        {"franchise_id": None},
        {"franchise_id": franchises[0] if franchises else None, "zone_ids": frozenset(zones)},
    )
    return replace(trainer, **among(changes, change))
