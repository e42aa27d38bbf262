"""A process that ends when its parent does, however the parent ends.

``python -m muster.runtime.tethered ARGUMENTS`` is ``muster ARGUMENTS``, held by its
standard input: the parent keeps the other end of the pipe, and the kernel closes it.
"""

from __future__ import annotations

import os
import signal
import threading

__all__ = ["end_with_parent"]


def end_with_parent() -> None:
    """Send this process SIGTERM as soon as its standard input ends."""
    threading.Thread(target=_wait_for_the_end, name="tether", daemon=True).start()


def _wait_for_the_end() -> None:
    # A buffered read would hold a lock that the interpreter wants when it ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from muster.runtime.cli import main

    end_with_parent()
    main()
