"""Shapes that several resources share."""

from __future__ import annotations

from msgspec import Struct

from muster.domain.geography import Point
from muster.http.shapes.fields import Degrees90, Degrees180
from muster.plugin_api.pages import Listing, PageShape

__all__ = ["Listing", "Location", "LocationShape", "Nothing", "PageShape", "location_shape"]


class Location(Struct, frozen=True, forbid_unknown_fields=True):
    """A place as a client sends it."""

    latitude: Degrees90
    longitude: Degrees180

    def point(self) -> Point:
        """Return it as the domain knows it."""
        return Point(self.latitude, self.longitude)


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A body that may be left out and holds nothing."""


class LocationShape(Struct, frozen=True):
    """A place as clients see it, in degrees."""

    latitude: float
    longitude: float


def location_shape(point: Point) -> LocationShape:
    """Show a place."""
    return LocationShape(point.latitude, point.longitude)
