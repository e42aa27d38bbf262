"""A server process on an address that it cannot have."""

from __future__ import annotations

from typing import Any

import pytest

from muster.http.readiness import Readiness
from muster.plugin_api.lookup import PortLookup
from muster.runtime.asgi import MusterAsgi
from muster.runtime.draining_server import DrainingServer
from muster.runtime.exit_codes import REFUSED
from muster.runtime.serving import bound_socket
from muster.runtime.settings import HttpSettings


class NoPorts(PortLookup):
    def get(self, key: Any) -> Any:
        raise AssertionError("nothing is asked")


class LivingApp:
    """Opens and closes, and answers nothing."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for _ in range(2):
            kind = (await receive())["type"]
            self.seen.append(kind)
            await send({"type": f"{kind}.complete"})


def test_one_of_two_that_have_bound_one_address_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = LivingApp()
    with bound_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with bound_socket("127.0.0.1", port) as second:
            first.listen()
            server = DrainingServer(
                MusterAsgi(app, Readiness([], NoPorts())),
                HttpSettings(port=port),
                lambda: pytest.fail("it does not answer"),
            )
            assert server.run_to_exit_code(second) == REFUSED
    said = capsys.readouterr().err
    assert said == f"Muster does not start. Another server listens on 127.0.0.1 port {port}.\n"
    assert app.seen == ["lifespan.startup", "lifespan.shutdown"]
