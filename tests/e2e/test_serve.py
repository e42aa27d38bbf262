"""``muster serve`` on a machine where nothing is set."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.e2e.orders import a_booking, a_zone
from tests.e2e.processes import (
    Answer,
    Running,
    call,
    eventually,
    left_behind,
    run,
    running,
    workers,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")


def book(address: str) -> Answer:
    """Open a zone in Vijayawada and book a course there."""
    assert call(f"{address}/v1/zones", a_zone()).status == 201
    return call(f"{address}/v1/bookings", a_booking())


def postmaster(home: Path) -> int:
    """The process number of the embedded PostgreSQL."""
    return int((home / "data" / "pgdata" / "postmaster.pid").read_text().split()[0])


def end_in_order(server: Running, address: str) -> None:
    """SIGTERM: unready at once, alive through the drain delay, then gone with 0."""
    server.process.send_signal(signal.SIGTERM)
    assert eventually(lambda: call(f"{address}/ready").status == 503)
    assert call(f"{address}/ready").body["status"] == "draining"
    assert call(f"{address}/health").status == 200
    assert server.process.wait(30) == 0


def test_serves_whole_with_nothing_set(home: Path) -> None:
    with running(home, "serve", settings={"MUSTER_HTTP__DRAIN_SECONDS": "3"}) as server:
        address = server.address()
        assert call(f"{address}/health").body["status"] == "ok"
        assert call(f"{address}/ready").body["status"] == "ready"
        booked = book(address)
        assert (booked.status, booked.body["status"]) == (201, "ASSIGNED")
        assert len(booked.body["sessions"]) == 10
        end_in_order(server, address)
    assert left_behind(home) == []


def test_two_workers_are_watched_and_end_in_order(home: Path) -> None:
    settings = {"MUSTER_HTTP__DRAIN_SECONDS": "3"}
    with running(home, "serve", "--workers", "2", settings=settings) as server:
        address = server.address()
        first = workers(home)
        assert len(first) == 2
        assert book(address).body["status"] == "ASSIGNED"
        os.kill(first[0], signal.SIGKILL)
        assert eventually(lambda: len(set(workers(home)) - {first[0]}) == 2)
        end_in_order(server, address)
    assert left_behind(home) == []


def test_what_a_killed_server_leaves_is_adopted_by_the_next(home: Path) -> None:
    with running(home, "serve", "--workers", "2") as server:
        booked = book(server.address()).body
        server.process.kill()
    # Its other processes end with it; PostgreSQL alone goes on.
    assert eventually(lambda: not [one for one in left_behind(home) if "muster." in one])
    postgres = postmaster(home)
    with running(home, "serve", settings={"MUSTER_HTTP__DRAIN_SECONDS": "0"}) as server:
        assert call(f"{server.address()}/v1/bookings/{booked['id']}").body == booked
        assert postmaster(home) == postgres
        assert server.end() == 0
    assert left_behind(home) == []


def test_a_second_ctrl_c_ends_at_once(home: Path) -> None:
    with running(home, "serve", settings={"MUSTER_HTTP__DRAIN_SECONDS": "300"}) as server:
        address = server.address()
        server.process.send_signal(signal.SIGINT)
        assert eventually(lambda: call(f"{address}/ready").status == 503)
        assert server.end(signal.SIGINT) == 130
    assert left_behind(home) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_said(home: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = run(home, "serve", "--port", port, "--workers", workers)
    assert refused.returncode == 2
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in refused.stderr
    assert list(home.iterdir()) == []
