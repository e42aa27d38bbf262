"""The sample service as a process: its one line, its roster file, its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from muster_trainer_http.sandbox.command import trainer_sandbox
from tests.integration.trainer_http.service_under_test import a_record

COMMAND = [sys.executable, "-m", "muster_trainer_http.sandbox"]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("trainer sandbox at http://127.0.0.1:")
        yield process, line.removeprefix("trainer sandbox at ").strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly(number: signal.Signals) -> None:
    with running() as (process, url):
        with urlopen(f"{url}/health") as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert process.wait(timeout=5) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_roster_from_a_file_and_by_put(tmp_path: Path) -> None:
    file, record = tmp_path / "trainers.json", a_record()
    file.write_text(json.dumps([record]))
    with running("--trainers", str(file), "--generate", "0") as (_, url):
        bulk = f"{url}/api/v1/trainers/bulk"
        with urlopen(bulk) as answer:
            assert json.load(answer)["data"] == [record]
        put = Request(f"{url}/sandbox/trainers", data=b"[]", method="PUT")
        with urlopen(put) as answer:
            assert json.load(answer) == {"trainers": 0}
        with urlopen(bulk) as answer:
            assert json.load(answer)["data"] == []


def test_a_port_that_is_taken() -> None:
    with running() as (_, url):
        port = url.rpartition(":")[2]
        second = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, timeout=10
        )
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "--port"),
        (["--generate", "501"], "--generate"),
        (["--trainers", "/nowhere.json"], "does not exist"),
    ],
)
def test_arguments_that_are_refused(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(trainer_sandbox, arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_roster_file_that_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "trainers.json"
    file.write_text(json.dumps([a_record(), a_record(active="yes")]))
    result = CliRunner().invoke(trainer_sandbox, ["--trainers", str(file)])
    assert result.exit_code == 2
    assert "trainer 2: Expected `bool`, got `str`" in " ".join(result.output.split())


def test_the_help_says_it_all() -> None:
    output = CliRunner().invoke(trainer_sandbox, ["--help"]).output
    for word in ("--host", "--port", "--trainers", "--generate", "--token", "/sandbox/calls"):
        assert word in output
