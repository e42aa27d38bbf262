"""The heap of a server process."""

from __future__ import annotations

import gc

__all__ = ["settle_heap"]


def settle_heap() -> None:
    """Take what is alive out of the garbage collector's sight for good. A command.

    A server's start makes some 160,000 objects that live as long as it does. A full collection
    looks at every one of them, and nothing is answered meanwhile: it took 0.1 to 0.2 seconds, on a
    busy machine. Only for a process that does nothing but serve: garbage in cycles that comes to
    be later is still found, but none that has been here.
    """
    gc.collect()
    gc.freeze()
