"""How far the demo is: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Bar", "Steps"]

_QUARTERS = 4


class Bar:
    """The progress of one step."""

    def __init__(self, console: Console, title: str, total: int, progress: Progress | None) -> None:
        """Begin at nothing done.

        Args:
            console: Where plain lines go.
            title: What is being done.
            total: How many times.
            progress: Draws the bar; ``None`` for plain lines.
        """
        self._console = console
        self._title = title
        self._total = total
        self._progress = progress
        self._done = 0
        self._task = None if progress is None else progress.add_task(title, total=total)

    def advance(self, by: int = 1) -> None:
        """Count what was done."""
        before, self._done = self._done, self._done + by
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=by)
        elif self._quarter(before) != self._quarter(self._done):
            self._console.print(f"{self._title}: {self._done} of {self._total}")

    def _quarter(self, done: int) -> int:
        return done * _QUARTERS // self._total


class Steps:
    """Shows the demo's steps."""

    def __init__(self, console: Console) -> None:
        """Show them here."""
        self._console = console

    def tell(self, text: str) -> None:
        """Say what is being done now."""
        self._console.print(f"{text} …", highlight=False)

    @contextmanager
    def counting(self, title: str, total: int) -> Iterator[Bar]:
        """Show the progress of a step that is done so many times."""
        if not self._console.is_terminal:
            yield Bar(self._console, title, total, None)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            yield Bar(self._console, title, total, progress)
