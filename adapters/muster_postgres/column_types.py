"""The type of the contrib module ``cube``, for SQLAlchemy's description of the tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

__all__ = ["Cube"]


class Cube(UserDefinedType[str]):
    """A point or a box in several dimensions; GiST-indexed for cover and nearness."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the type's name in SQL."""
        return "cube"


# So that reflection, and with it `muster db check`, knows the type when it meets it.
ischema_names["cube"] = Cube
