"""What the demo says when an answer is not as it should be."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from muster.runtime.demo.client import UnexpectedAnswer
from muster.runtime.demo.progress import Steps
from muster.runtime.demo.report import show_answer


def console() -> Console:
    return Console(file=StringIO(), width=120)


def written(to: Console) -> str:
    assert isinstance(to.file, StringIO)
    return to.file.getvalue()


def test_the_envelope_is_shown_as_it_came() -> None:
    to = console()
    body = b'{"error":{"code":"INTERNAL","correlationId":"c-1"}}'
    show_answer(to, UnexpectedAnswer("POST http://api/v1/zones", 500, body))
    assert "Unexpected: POST http://api/v1/zones: HTTP 500" in written(to)
    assert '"code": "INTERNAL"' in written(to)


def test_what_is_no_json_is_shown_too() -> None:
    to = console()
    show_answer(to, UnexpectedAnswer("GET /", 502, b"[bold]Bad\xff"))
    assert "HTTP 502" in written(to)
    assert "b'[bold]Bad\\xff'" in written(to)


def test_progress_without_a_terminal_is_a_line_for_each_quarter() -> None:
    to = console()
    with Steps(to).counting("Opening zones", 8) as bar:
        for _ in range(8):
            bar.advance()
    assert written(to).splitlines() == [f"Opening zones: {done} of 8" for done in (2, 4, 6, 8)]
