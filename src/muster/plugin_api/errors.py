"""What stops a start: an app that cannot be composed as the settings ask."""

from __future__ import annotations

__all__ = ["CompositionError"]


class CompositionError(Exception):
    """The plugins, ports and settings do not fit together.

    The message names the plugin, its distribution and version where one is at fault,
    and what to do.
    """
