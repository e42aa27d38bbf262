"""Running a plugin's own tests, and seeing which conformance suites are among them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

__all__ = ["OwnTests", "run_tests"]

_WITNESS = "muster.testing.suite_witness"


class OwnTests(Struct, frozen=True):
    """What a run of a plugin's tests showed.

    Attributes:
        code: Pytest's exit code.
        output: What pytest printed.
        passed: How many tests passed.
        unproven: By port, the conformance suites that did not pass, or are not there.
    """

    code: int
    output: str
    passed: int = 0
    unproven: dict[str, tuple[str, ...]] = {}


class _Testimony(Struct, frozen=True):
    passed: int
    unproven: dict[str, tuple[str, ...]]


def run_tests(root: Path) -> OwnTests:
    """Run the tests of a package as its author would, with this Python.

    Args:
        root: The directory of the package.
    """
    with tempfile.TemporaryDirectory() as place:
        told = Path(place) / "testimony.json"
        command = [sys.executable, "-m", "pytest", "-q", "-p", _WITNESS, f"--muster-witness={told}"]
        done = subprocess.run(
            command,
            cwd=root,
            env={name: value for name, value in os.environ.items() if "COV" not in name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if not told.exists():
            return OwnTests(done.returncode, done.stdout)
        testimony = msgspec.json.decode(told.read_bytes(), type=_Testimony)
        return OwnTests(done.returncode, done.stdout, testimony.passed, testimony.unproven)
