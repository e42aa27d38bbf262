"""While no plugin authenticates, nobody is let in from other machines by accident."""

from __future__ import annotations

import pytest

from muster.plugin_api.errors import CompositionError
from muster.runtime.asgi import create_asgi
from muster.runtime.bootstrap import bootstrap
from muster_memory.plugin import MemoryPlugin


def compose(host: str, access: str) -> None:
    environ = {"MUSTER_HTTP__HOST": host, "MUSTER_ACCESS__OPEN": access}
    create_asgi(bootstrap(environ, [MemoryPlugin]))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "muster.example.org"])
def test_an_app_that_would_be_open_to_everybody_is_not_composed(host: str) -> None:
    with pytest.raises(CompositionError, match="MUSTER_ACCESS__OPEN"):
        compose(host, "loopback")


@pytest.mark.parametrize(
    ("host", "access"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("localhost", "loopback"),
        ("0.0.0.0", "everywhere"),
        ("0.0.0.0", "nobody"),
    ],
)
def test_an_app_for_this_machine_or_opened_on_purpose_is_composed(host: str, access: str) -> None:
    compose(host, access)
