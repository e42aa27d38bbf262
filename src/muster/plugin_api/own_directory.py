"""Where an installation keeps files of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["own_directory"]


def own_directory(environ: Mapping[str, str]) -> Path:
    """Return where files are kept unless the settings say otherwise: a place of the user's.

    For root it is ``/var/lib/muster``: the embedded PostgreSQL then runs as another user, who
    cannot enter root's home.

    Args:
        environ: The environment of the process.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/muster")
    home = environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "muster"
