"""A start without its database ends soon, with one plain line."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import run


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of nobody's, and nobody else's while the test lasts."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@pytest.mark.parametrize("command", [["serve"], ["db", "upgrade"]])
def test_names_the_place_and_never_the_password(
    home: Path, closed_port: int, command: list[str]
) -> None:
    refused = run(
        home,
        *command,
        settings={
            "DATABASE_URL": f"postgresql://muster:secret@127.0.0.1:{closed_port}/muster",
            "TRAINER_SERVICE_URL": "http://127.0.0.1:1",
            "MUSTER_POSTGRES__CONNECT_TIMEOUT_SECONDS": "0.5",
        },
    )
    assert (
        f"Muster does not start. The database at 127.0.0.1 port {closed_port} cannot be used: "
        "Connection refused. Is DATABASE_URL right, and is the server up?"
    ) in refused.stderr.splitlines()
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_url_that_cannot_be_one_is_a_fault_of_the_settings(home: Path) -> None:
    url = "postgresql://muster:secret@127.0.0.1:port/muster"
    refused = run(home, "serve", settings={"DATABASE_URL": url})
    assert refused.returncode == 2
    assert refused.stderr.startswith("Settings are wrong; nothing was started.")
    assert "the URL must be like postgresql://user:password@host:port/name" in refused.stderr
    assert "secret" not in refused.stderr
