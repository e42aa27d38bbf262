"""The courses that the demo sells."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid5

__all__ = ["COURSES", "course_name"]

_NAMESPACE = UUID("0b9d2a52-3c5e-5a57-8b0e-4c1f5b1f7a10")

COURSES: Mapping[str, UUID] = {
    name: uuid5(_NAMESPACE, name)
    for name in ("Abacus", "Chess", "Coding", "Drawing", "Handwriting", "Phonics")
}
"""Their ids, by name."""


def course_name(course_id: UUID) -> str:
    """Return the name of a course."""
    return next(name for name, known in COURSES.items() if known == course_id)
