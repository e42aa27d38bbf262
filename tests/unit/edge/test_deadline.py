"""A request that takes too long is given up, and its sender is told."""

from __future__ import annotations

from muster.testing import make_app
from muster_edge.plugin import EdgePlugin
from tests.unit.edge.asking import DEADLINE_SECONDS, ECHO, SLOW, STREAM, Stage, edge


def test_what_takes_too_long_is_cancelled_and_answered() -> None:
    app = make_app([EdgePlugin, Stage], {"MUSTER_EDGE__REQUEST_SECONDS": str(DEADLINE_SECONDS)})
    with app.client() as client:
        answer = client.get(SLOW)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "TOO_SLOW")
        assert answer.json()["error"]["retryable"] is True
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert app.plugin(Stage).given_up == 1
        assert client.get(ECHO).status_code == 200


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    with edge(request_seconds=str(DEADLINE_SECONDS)) as client:
        answer = client.get(STREAM)
    assert (answer.status_code, answer.text) == (200, "begun and ended")


def test_without_a_deadline_none_is_kept() -> None:
    with edge(request_seconds="0") as client:
        assert client.get(ECHO).status_code == 200
