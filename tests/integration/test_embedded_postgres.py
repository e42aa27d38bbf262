"""The embedded PostgreSQL: started, shared, stopped, recovered."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from muster.runtime.embedded_postgres import running_postgres
from muster.runtime.postgres_binaries import (
    EmbeddedPostgresFailed,
    EmbeddedPostgresMissing,
    find_binaries,
)

HOLDER = """
import sys
from pathlib import Path
from muster.runtime.embedded_postgres import running_postgres

with running_postgres(Path(sys.argv[1])) as url:
    sys.stdout.write(url + "\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone hands over to another user")


def query(url: str, sql: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


def postmaster(home: Path) -> int:
    return int((home / "pgdata" / "postmaster.pid").read_text().split()[0])


def is_running(home: Path) -> bool:
    return (home / "pgdata" / "postmaster.pid").exists()


@contextmanager
def holder(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that keeps the server running until its standard input closes."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def leave(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=30) == 0


def test_first_start_makes_the_database_and_the_end_stops_the_server(home: Path) -> None:
    with running_postgres(home) as url:
        assert query(url, "SELECT current_database()") == "muster"
        assert query(url, "SHOW server_encoding") == "UTF8"
        assert query(url, "SHOW TimeZone") == "UTC"
        assert query(url, "SHOW listen_addresses") == ""
        assert query(url, "SHOW fsync") == "on"
        assert is_running(home)
    assert not is_running(home)


def test_data_outlives_the_server(home: Path) -> None:
    with running_postgres(home, durable=False) as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with running_postgres(home) as url:
        assert query(url, "SELECT answer FROM kept") == 42


def test_settings_and_lost_durability(home: Path) -> None:
    with running_postgres(home, durable=False, settings={"work_mem": "7MB"}) as url:
        assert query(url, "SHOW fsync") == "off"
        assert query(url, "SHOW synchronous_commit") == "off"
        assert query(url, "SHOW full_page_writes") == "off"
        assert query(url, "SHOW work_mem") == "7MB"
        assert query(url, "SHOW max_connections") == "200"


def test_extensions_that_muster_needs(home: Path) -> None:
    with running_postgres(home, durable=False) as url:
        query(url, "CREATE EXTENSION btree_gist")
        query(url, "CREATE EXTENSION cube")
        assert query(url, "SELECT cube(array[1, 2]) @> cube(array[1, 2])") is True


def test_processes_share_and_the_last_one_stops(home: Path) -> None:
    with holder(home) as (first, url), holder(home) as (second, same_url):
        assert same_url == url
        server = postmaster(home)
        leave(first)
        assert query(url, "SELECT 1") == 1
        assert postmaster(home) == server
        leave(second)
    assert not is_running(home)


def test_many_start_at_once(home: Path) -> None:
    with (
        holder(home) as (first, url),
        holder(home) as (second, _),
        running_postgres(home) as own_url,
    ):
        server = postmaster(home)
        assert own_url == url
        leave(second)
        leave(first)
        assert query(own_url, "SELECT 1") == 1
        assert postmaster(home) == server
    assert not is_running(home)


def test_nested_use_in_one_process(home: Path) -> None:
    with running_postgres(home, durable=False) as url:
        with running_postgres(home) as same_url:
            assert same_url == url
        assert query(url, "SELECT 1") == 1


def test_a_server_left_by_a_killed_process_is_adopted_and_stopped(home: Path) -> None:
    with holder(home) as (process, url):
        process.kill()
        process.wait()
        server = postmaster(home)
        assert is_running(home)
    with running_postgres(home) as same_url:
        assert same_url == url
        assert postmaster(home) == server
    assert not is_running(home)


@pytest.mark.parametrize("name", ["data", "x" * 120])
def test_a_killed_server_is_recovered(home: Path, name: str) -> None:
    home = home / name
    with holder(home) as (process, url):
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        server = postmaster(home)
        process.kill()
        os.kill(server, signal.SIGKILL)
        process.wait()
    assert is_running(home)
    with running_postgres(home) as url:
        assert query(url, "SELECT answer FROM kept") == 42
        assert postmaster(home) != server


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="Linux alone tells whose it is")
def test_a_process_number_taken_by_a_stranger_is_no_server(home: Path) -> None:
    with running_postgres(home, durable=False):
        lines = (home / "pgdata" / "postmaster.pid").read_text().splitlines()
    owner = (home / "pgdata").stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None) as stranger:
        pidfile = home / "pgdata" / "postmaster.pid"
        pidfile.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        os.chown(pidfile, owner, -1)
        try:
            with running_postgres(home, durable=False) as url:
                assert query(url, "SELECT 1") == 1
        finally:
            stranger.kill()


@pytest.mark.parametrize("name", ["x" * 120, "with space, and 'marks'"])
def test_a_path_no_client_can_name_gets_a_short_socket(home: Path, name: str) -> None:
    with running_postgres(home / name, durable=False) as url:
        sockets = Path(url.partition("?host=")[2])
        assert query(url, "SELECT 1") == 1
        assert sockets.parent == Path(tempfile.gettempdir())
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_an_interrupted_first_start_leaves_nothing_in_the_way(home: Path) -> None:
    half_made = home / "pgdata.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    with running_postgres(home, durable=False) as url:
        assert query(url, "SELECT 1") == 1


def test_a_setting_the_server_refuses_is_told_with_its_log(home: Path) -> None:
    with (
        pytest.raises(
            EmbeddedPostgresFailed, match='invalid value for parameter "max_connections"'
        ),
        running_postgres(home, settings={"max_connections": "many"}),
    ):
        pass


def test_a_place_that_cannot_be_used_is_told(home: Path) -> None:
    (home / "file").write_text("")
    with (
        pytest.raises(EmbeddedPostgresFailed, match="cannot use"),
        running_postgres(home / "file" / "data"),
    ):
        pass


def test_a_server_of_the_machine_stands_in(home: Path) -> None:
    try:
        binaries = find_binaries(["machine"])
    except EmbeddedPostgresMissing:
        pytest.skip("no PostgreSQL on this machine")
    with running_postgres(home, binaries=binaries, durable=False) as url:
        query(url, "CREATE EXTENSION btree_gist")
        query(url, "CREATE EXTENSION cube")
        assert str(query(url, "SHOW server_version")).split(".")[0] in {"15", "16", "17", "18"}


@as_root
def test_data_below_a_closed_directory_is_told_with_the_remedy(home: Path) -> None:
    (home / "closed").mkdir(mode=0o700)
    with (
        pytest.raises(EmbeddedPostgresFailed, match="choose another place"),
        running_postgres(home / "closed" / "data"),
    ):
        pass
