"""A real PostgreSQL for one machine, in a directory of the user's choosing, on a Unix socket only.

Several processes may use one directory: each holds a shared lock on `in-use.lock`, and the last
to leave stops the server. Starting and stopping take turns by `turn.lock`. The kernel drops both
locks when a process dies, so whoever comes next adopts the server left behind, or recovers it.
"""

import fcntl
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO
from urllib.parse import quote

from muster.runtime.postgres_binaries import (
    EmbeddedPostgresFailed,
    find_binaries,
    reachable_binaries,
    run_program,
)

__all__ = ["DATABASE", "running_postgres"]

DATABASE = "muster"
"""Name of the database that is there once the server runs."""

_PATIENCE_SECONDS = 60
_NOBODY = str(2**31 - 1)  # no kernel numbers its processes so high
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103  # bytes; Linux allows 107, macOS 103
_MODEST = MappingProxyType(
    {
        "max_connections": "200",
        "shared_buffers": "64MB",
        # The other levels write the values of a refused row into the server's log.
        "log_error_verbosity": "terse",
    }
)
_FORGETFUL = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)


@contextmanager
def running_postgres(
    data_directory: Path,
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
    durable: bool = True,
) -> Iterator[str]:
    """Keep a PostgreSQL server running while the context is open.

    Blocks for about two seconds the first time and a fraction of one after that, so enter it
    outside the event loop. The settings of whoever starts the server hold for all who share it.

    Args:
        data_directory: Holds the data, the log and the locks; made when missing.
        binaries: Directory of the programs; `find_binaries()` when not given.
        settings: Server settings by name, over the defaults for a developer's machine.
        durable: Whether commits survive a crash of the machine. Without it, commits are faster.

    Yields:
        A `postgresql://` URL of the database `muster`, for asyncpg and SQLAlchemy alike.

    Raises:
        EmbeddedPostgresMissing: There are no programs to start.
        EmbeddedPostgresFailed: The directory cannot be used, or the server does not start or stop.
    """
    home = data_directory.expanduser().resolve()
    options = {**_MODEST, **({} if durable else _FORGETFUL), **settings}
    try:
        home.mkdir(parents=True, exist_ok=True)
        server = _Server.at(home, binaries or find_binaries())
        turn, in_use = (home / "turn.lock").open("w"), (home / "in-use.lock").open("w")
    except OSError as error:
        raise EmbeddedPostgresFailed(f"cannot use {home}: {error}") from error
    with turn, in_use:
        try:
            with _locked(turn):
                fcntl.flock(in_use, fcntl.LOCK_SH)
                url = server.ensure_running(options)
            yield url
        finally:
            with _locked(turn):
                if _is_last(in_use):
                    server.stop()


@dataclass(frozen=True, slots=True)
class _Server:
    """One data directory, the programs, and the system user to run them as."""

    data: Path
    binaries: Path
    owner: tuple[int, int] | None
    """User and group for the programs, None for our own: PostgreSQL refuses to run as root."""

    @classmethod
    def at(cls, home: Path, binaries: Path) -> "_Server":
        data = home / "pgdata"
        if os.geteuid() != 0:
            return cls(data, binaries, None)
        owner = _unprivileged(data)
        return cls(data, reachable_binaries(binaries, owner), owner)

    def ensure_running(self, options: Mapping[str, str]) -> str:
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._disown_stale_pidfile()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (state := self._state()) != "ready":
            if state is None and self._start(options):
                continue
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(f"{self.data} is {state or 'in use'}{self._log()}")
            time.sleep(0.05)
        directory = self._pidfile()[4]
        created = self._run("createdb", "-h", directory, "-U", "postgres", DATABASE)
        if created.returncode and "already exists" not in created.stdout:
            raise EmbeddedPostgresFailed(f"createdb: {created.stdout}{self._log()}")
        return f"postgresql://postgres@/{DATABASE}?host={quote(directory)}"

    def stop(self) -> None:
        pidfile = self._pidfile()
        stopped = self._run(
            "pg_ctl", "stop", "-w", "-m", "fast", "-t", str(_PATIENCE_SECONDS), *self._where()
        )
        if stopped.returncode and self._state() is not None:
            raise EmbeddedPostgresFailed(f"pg_ctl stop: {stopped.stdout}{self._log()}")
        for sockets in map(Path, pidfile[4:5]):
            self._remove_short(sockets)

    def _initialise(self) -> None:
        """Make the data directory aside and move it into place, so that it is whole or absent."""
        fresh = self.data.with_name("pgdata.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.owner:
            os.chown(fresh, *self.owner)
        made = self._run(
            *("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres"),
            *("-D", str(fresh)),
        )
        if made.returncode:
            hint = ""
            if self.owner and "ermission denied" in made.stdout:
                hint = (
                    f"\nPostgreSQL runs as user {self.owner[0]}, who must be able to enter every "
                    "directory above the data: choose another place, such as one in /var/lib."
                )
            raise EmbeddedPostgresFailed(f"initdb: {made.stdout}{hint}")
        fresh.rename(self.data)

    def _start(self, options: Mapping[str, str]) -> bool:
        """Start the server; False while the processes of a killed one are still going away."""
        sockets = self._socket_directory()
        fixed = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
        }
        flags = shlex.join(f"--{name}={value}" for name, value in {**options, **fixed}.items())
        started = self._run(
            *("pg_ctl", "start", "-w", "-t", str(_PATIENCE_SECONDS), "-o", flags),
            *("-l", str(self.data / "server.log"), *self._where()),
        )
        if started.returncode == 0:
            return True
        self._remove_short(sockets)
        log = self._log()
        if "pre-existing shared memory block" in log.rpartition("starting PostgreSQL")[2]:
            return False
        raise EmbeddedPostgresFailed(f"pg_ctl start: {started.stdout}{log}")

    def _state(self) -> str | None:
        """What the server says of itself: starting, ready, stopping; None when none runs."""
        if self._run("pg_ctl", "status", *self._where()).returncode:
            return None
        pidfile = self._pidfile()
        return pidfile[7].strip() if len(pidfile) > 7 else "starting"

    def _pidfile(self) -> list[str]:
        """Lines of `postmaster.pid`: the fifth is the socket directory, the eighth the state."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _disown_stale_pidfile(self) -> None:
        """Let a dead server's process number, which may be a stranger's or a zombie's, mean nobody.

        PostgreSQL takes any process of that number and its own user for the server. A live server
        works in its data directory, which Linux tells; where it cannot be told, PostgreSQL
        decides. The file stays: by its other lines PostgreSQL waits for the dead one's children.
        """
        lines = self._pidfile()
        if not lines or not Path("/proc/self").exists():
            return
        try:
            alive = Path(f"/proc/{lines[0]}/cwd").readlink() == self.data
        except FileNotFoundError:
            alive = False
        except OSError:
            return
        if alive:
            return
        (self.data / "postmaster.pid").write_text("\n".join([_NOBODY, *lines[1:]]) + "\n")
        for sockets in map(Path, lines[4:5]):
            (sockets / _SOCKET).unlink(missing_ok=True)
            (sockets / f"{_SOCKET}.lock").unlink(missing_ok=True)
            self._remove_short(sockets)

    def _socket_directory(self) -> Path:
        """The data directory, which is private already, or one with a short and plain name.

        Clients read a comma in the path as the end of a host.
        """
        short_enough = len(os.fsencode(self.data / _SOCKET)) <= _LONGEST_SOCKET_PATH
        if short_enough and re.fullmatch(r"[\w./-]+", str(self.data)):
            return self.data
        short = Path(tempfile.mkdtemp(prefix="muster-"))
        if self.owner:
            os.chown(short, *self.owner)
        return short

    def _remove_short(self, sockets: Path) -> None:
        if sockets != self.data:
            with suppress(OSError):
                sockets.rmdir()

    def _where(self) -> tuple[str, str]:
        return "-D", str(self.data)

    def _log(self, lines: int = 20) -> str:
        try:
            tail = (self.data / "server.log").read_text(errors="replace").splitlines()[-lines:]
        except FileNotFoundError:
            return ""
        return "\nThe server's log ends with:\n" + "\n".join(tail)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_program([str(self.binaries / program), *arguments], self.owner)


def _unprivileged(data: Path) -> tuple[int, int]:
    """Who runs the programs when we are root: the owner of the data, `postgres`, or `nobody`."""
    if data.exists() and (status := data.stat()).st_uid != 0:
        return status.st_uid, status.st_gid
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    return user.pw_uid, user.pw_gid


@contextmanager
def _locked(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _is_last(in_use: IO[str]) -> bool:
    """Give up our share of the lock and tell whether nobody else has one."""
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
