"""A request that takes too long is given up, and its sender is told."""

from __future__ import annotations

from muster.testing import make_app
from muster_edge.plugin import EdgePlugin
from tests.unit.edge.asking import ECHO, SLOW, Stage


def test_what_takes_too_long_is_cancelled_and_answered() -> None:
    app = make_app([EdgePlugin, Stage], {"MUSTER_EDGE__REQUEST_SECONDS": "0.05"})
    with app.client() as client:
        answer = client.get(SLOW)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "TOO_SLOW")
        assert answer.json()["error"]["retryable"] is True
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert app.plugin(Stage).given_up == 1
        assert client.get(ECHO).status_code == 200
