"""Headers of answers to what could not be read."""

from __future__ import annotations

from typing import Any

from muster.http.answer_headers import scope_of_the_unread


def test_what_was_read_is_told_and_the_rest_is_nothing() -> None:
    scope = scope_of_the_unread({"scheme": "https", "headers": [(b"origin", b"x")]})
    assert (scope["scheme"], scope["headers"]) == ("https", [(b"origin", b"x")])
    assert (scope["method"], scope["raw_path"], scope["client"]) == ("GET", b"/", None)


def test_what_is_noted_for_the_answer_is_not_noted_for_the_request() -> None:
    read: dict[str, Any] = {"state": {"kept": 1}}
    scope = scope_of_the_unread(read)
    scope["state"]["noted"] = 2
    assert read["state"] == {"kept": 1}
