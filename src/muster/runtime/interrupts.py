"""Ctrl-C and SIGTERM, noted instead of raised, so that nothing is left half started."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interrupted", "Interrupts"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """Somebody asked for an end.

    Attributes:
        number: The signal by which they asked.
    """

    def __init__(self, number: int) -> None:
        """Carry the signal."""
        super().__init__(signal.Signals(number).name)
        self.number = number


class Interrupts:
    """Notes SIGINT and SIGTERM while it is entered; whoever works looks between two steps.

    A ``KeyboardInterrupt`` in the middle of a start or a clean-up would leave a process or
    a directory behind. It belongs to the main thread.

    Attributes:
        received: The signals so far, in order.
    """

    def __init__(self) -> None:
        """Begin with nothing received."""
        self.received: list[int] = []
        self._previous: dict[int, Any] = {}
        self._tell: Callable[[], object] | None = None

    def __enter__(self) -> Interrupts:
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Go on only while nobody has asked for an end.

        Raises:
            Interrupted: Somebody has.
        """
        if self.received:
            raise Interrupted(self.received[0])

    def tell(self, listener: Callable[[], object] | None) -> None:
        """Call a listener at every signal from now on; at once if one came already."""
        self._tell = listener
        if listener and self.received:
            listener()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received.append(number)
        if self._tell:
            self._tell()
