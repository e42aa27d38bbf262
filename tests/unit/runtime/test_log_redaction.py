"""Nothing planted comes out of a log line, whichever way it went in."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from muster.plugin_api.redaction import REDACTED
from muster.runtime.log_setup import set_up_logs
from muster.runtime.settings import LogFormat, LogSettings
from tests.unit.plugin_api.test_redaction import innocent, planted

FORMATS = pytest.mark.parametrize("form", list(LogFormat))
PLACES = ("event", "value", "nested", "library", "arguments", "error", "group", "bound")


@contextmanager
def logs(form: LogFormat) -> Iterator[io.StringIO]:
    """Set logs up as a server does, with standard error in hand; then as it was before."""
    root, before, stderr = logging.getLogger(), structlog.get_config(), sys.stderr
    handlers, level = root.handlers, root.level
    sys.stderr = written = io.StringIO()
    try:
        set_up_logs(LogSettings(format=form))
        yield written
    finally:
        sys.stderr, root.handlers = stderr, handlers
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.configure(**before)


def say(place: str, text: str) -> None:
    ours, theirs = structlog.get_logger("ours"), logging.getLogger("theirs")
    ways: dict[str, Callable[[], object]] = {
        "event": lambda: ours.warning(text),
        "value": lambda: ours.warning("said", remark=text),
        "nested": lambda: ours.warning("said", parts=[{"remark": (text,)}]),
        "library": lambda: theirs.warning(text),
        "arguments": lambda: theirs.warning("%s was said", text),
        "error": lambda: fail(text),
        "group": lambda: fail_together(text),
        "bound": lambda: ours.bind(remark=text).warning("said"),
    }
    ways[place]()


def fail(text: str) -> None:
    try:
        try:
            raise ValueError(text)
        except ValueError as cause:
            error = RuntimeError("no more")
            error.add_note(text)
            raise error from cause
    except RuntimeError:
        logging.getLogger("theirs").exception("broken")


def fail_together(text: str) -> None:
    try:
        raise ExceptionGroup("both", [ValueError(text), LookupError(text)])
    except ExceptionGroup:
        structlog.get_logger("ours").exception("broken")


@FORMATS
@given(found=planted, place=st.sampled_from(PLACES))
def test_what_is_planted_does_not_come_out(
    form: LogFormat, found: tuple[str, str], place: str
) -> None:
    secret, text = found
    with logs(form) as written:
        say(place, text)
    told = written.getvalue()
    assert REDACTED in told
    assert secret not in told
    # A layout may break it, which would hide it from us and from nobody else.
    assert "".join(re.findall(r"\w", secret)) not in "".join(re.findall(r"\w", told))


@given(text=innocent, place=st.sampled_from(["event", "value", "library"]))
def test_innocent_text_is_unchanged(text: str, place: str) -> None:
    with logs(LogFormat.JSON) as written:
        say(place, text)
    told = json.loads(written.getvalue())
    assert told["remark" if place == "value" else "event"] == text


@FORMATS
def test_a_traceback_is_still_one(form: LogFormat) -> None:
    with logs(form) as written:
        fail("the zone of asha@example.org is closed")
    told = " ".join(written.getvalue().split())
    assert "ValueError" in told
    assert f"the zone of {REDACTED} is closed" in told
    assert "test_log_redaction.py" in told


def test_what_ties_lines_together_stays_as_it_is() -> None:
    ids = {"correlation_id": "9876543210", "trace_id": "0" * 32, "span_id": "9876543210123456"}
    with logs(LogFormat.JSON) as written, structlog.contextvars.bound_contextvars(**ids):
        structlog.get_logger("ours").warning("said")
    told = json.loads(written.getvalue())
    assert {key: told[key] for key in ids} == ids


def test_a_line_that_cannot_be_written_is_not_shown_another_way() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            if "lost" in text:
                return super().write(text)
            raise OSError

    with logs(LogFormat.JSON) as written:
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(Gone())
        logging.getLogger("theirs").warning("mail of %s", "asha@example.org")
    assert written.getvalue() == "A log line of theirs was lost: OSError\n"
