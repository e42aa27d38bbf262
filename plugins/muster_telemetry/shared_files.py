"""The files in which several server processes keep what they have counted."""

from __future__ import annotations

import os
import re
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from muster.plugin_api.errors import CompositionError

__all__ = ["SharedFiles"]

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_OF_A_PROCESS = re.compile(r"gauge_live\w*_(\d+)\.db")


class SharedFiles:
    """A directory that ``PROMETHEUS_MULTIPROC_DIR`` names, as ``prometheus_client`` has it."""

    def __init__(self, directory: Path) -> None:
        """Make the directory where it is missing.

        Raises:
            CompositionError: It cannot be made.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CompositionError(
                f"{_VARIABLE} names {directory}, which cannot be made: {error.strerror}. "
                "Name a directory that Muster may write to."
            ) from error
        self._directory = directory

    @classmethod
    def chosen(cls) -> SharedFiles | None:
        """Return those that the environment names, if any; ``prometheus_client`` looks there too.

        Raises:
            CompositionError: They cannot be made.
        """
        directory = os.environ.get(_VARIABLE)
        return cls(Path(directory)) if directory else None

    def forget_the_dead(self) -> None:
        """Take away the gauges of processes that have ended. A command.

        What such a process has counted stays: were it taken away, Prometheus would take the
        lower sum for a restart, and count all of the rest again.
        """
        for file in self._directory.iterdir():
            if (found := _OF_A_PROCESS.fullmatch(file.name)) and not _lives(int(found[1])):
                mark_process_dead(int(found[1]), str(self._directory))  # type: ignore[no-untyped-call]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
