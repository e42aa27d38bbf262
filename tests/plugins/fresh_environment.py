"""An environment of its own with Muster's wheel, as an operator has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.processes import PATIENCE_SECONDS, Running, environ

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).parent / "example_plugin"
LOCK = ROOT / "requirements.lock"
_INSTALL_SECONDS = 600


class FreshEnvironment:
    """Made with uv where it is at hand, else with pip; everything else is in the lock."""

    def __init__(self, home: Path, uv: str | None = shutil.which("uv")) -> None:
        """Make it, with nothing installed.

        Args:
            home: An empty directory.
            uv: Where uv is; without it pip does all.
        """
        self.home = home
        self._uv = uv
        self._place = home / "environment"
        if uv is not None:
            _done([uv, "venv", "--quiet", "--python", sys.executable, str(self._place)])
        else:
            _done([sys.executable, "-m", "venv", str(self._place)])

    def install(self, *what: str) -> None:
        """Install wheels or distributions, in the versions of the lock."""
        if self._uv is None:
            constraints = self.home / "constraints.txt"
            constraints.write_text("\n".join(pins_of(LOCK.read_text())))
            _done(self._pip("install", "--quiet", "--constraint", str(constraints), *what))
            return
        command = self._pip("install", "--quiet", "--constraint", str(LOCK), *what)
        # What the environment of the tests was made from is in the cache, mostly.
        if subprocess.run([*command, "--offline"], capture_output=True).returncode:
            _done(command)

    def uninstall(self, distribution: str) -> None:
        """Take a distribution away again."""
        sure = [] if self._uv else ["--yes"]
        _done(self._pip("uninstall", "--quiet", *sure, distribution))

    def version(self, distribution: str) -> str | None:
        """Return which version of a distribution is installed."""
        shown = subprocess.run(
            self._pip("show", distribution), capture_output=True, text=True
        ).stdout
        return next((line[9:] for line in shown.splitlines() if line.startswith("Version: ")), None)

    def script(self, name: str) -> Path:
        """Return where a command of it is."""
        return self._place / "bin" / name

    def run_tests(self, tests: Path) -> subprocess.CompletedProcess[str]:
        """Run pytest to its end."""
        return subprocess.run(
            [self.script("python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
            cwd=self.home,
            env=self._environ({}),
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_SECONDS,
        )

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run ``muster`` to its end."""
        return subprocess.run(
            [self.script("muster"), *arguments],
            env=self._environ(settings),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Running]:
        """Keep ``muster serve`` running; kill it if the test does not end it."""
        process = subprocess.Popen(
            [self.script("muster"), "serve"],
            env=self._environ(settings),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield Running(process)
        finally:
            process.kill()
            process.wait()

    def _pip(self, command: str, *arguments: str) -> list[str]:
        python = str(self.script("python"))
        if self._uv is None:
            return [python, "-m", "pip", command, *arguments]
        return [self._uv, "pip", command, "--python", python, *arguments]

    def _environ(self, settings: Mapping[str, str]) -> dict[str, str]:
        given = environ(self.home, settings)
        # Nothing is compiled yet, and without this it would be anew by every process.
        given.pop("PYTHONDONTWRITEBYTECODE", None)
        return given


def wheel_of(project: Path, into: Path) -> str:
    """Build a project's wheel, from a copy, so that nothing is left in the tree."""
    copy = into / project.name
    kept = shutil.ignore_patterns(".*", "__pycache__", "data", "build", "dist")
    shutil.copytree(project, copy, ignore=kept)
    wheels = into / "wheels"
    _done([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], cwd=copy)
    name = "muster_example-*.whl" if project == EXAMPLE else "muster-*.whl"
    (wheel,) = wheels.glob(name)
    return str(wheel)


def pins_of(lock: str) -> list[str]:
    """Return the requirements of a lock without their hashes.

    pip takes a constraint with a hash for the wish to check the hash of everything, also of
    wheels that were built here.
    """
    return [line.rstrip("\\ ") for line in lock.splitlines() if "==" in line and line[0].isalnum()]


def _done(command: list[str], cwd: Path | None = None) -> None:
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    own = {"UV_SYSTEM_CERTS": "true"} if certificates.exists() else {}
    settings: Mapping[str, str] = {**os.environ, **own}
    done = subprocess.run(
        command, cwd=cwd, env=settings, capture_output=True, text=True, timeout=_INSTALL_SECONDS
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
