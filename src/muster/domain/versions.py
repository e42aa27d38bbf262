"""Versions: a change is made to what its author has seen, or refused."""

from __future__ import annotations

from typing import ClassVar

from muster.domain.errors import DomainError

__all__ = ["VersionConflict", "expect_version"]


class VersionConflict(DomainError):
    """Somebody else changed the thing since its version was read."""

    code: ClassVar[str] = "VERSION_CONFLICT"


def expect_version(in_force: int, seen: int) -> None:
    """Refuse a change to anything but the version in force.

    Args:
        in_force: The version that stands now.
        seen: The version that the author of the change has read.

    Raises:
        VersionConflict: They differ.
    """
    if in_force != seen:
        raise VersionConflict(f"The version in force is {in_force}, not {seen}.")
