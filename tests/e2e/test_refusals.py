"""What must not start: everything that is wrong is said, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.processes import run


def test_every_fault_of_the_settings_is_said_before_anything_starts(home: Path) -> None:
    refused = run(
        home,
        "serve",
        settings={
            "MUSTER_HTTP__PORT": "many",
            "MUSTER_LOG__LEVEL": "LOUD",
            "MUSTER_HTTP__PROT": "8000",
            "TRAINER_SERVICE_URL": "ftp://example.org",
        },
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    lines = refused.stderr.splitlines()
    assert lines[0] == "Settings are wrong; nothing was started."
    assert [line.split()[1].rstrip(":") for line in lines[1:]] == [
        "MUSTER_HTTP__PORT",
        "MUSTER_HTTP__PROT",
        "MUSTER_LOG__LEVEL",
        "trainer_http",
    ]
    assert "Port to listen on" in refused.stderr
    assert "did you mean MUSTER_HTTP__PORT?" in refused.stderr
    assert list(home.iterdir()) == []


def test_what_does_not_fit_together_does_not_start(home: Path) -> None:
    refused = run(home, "serve", "--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "No enabled plugin authenticates" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(home.iterdir()) == []
