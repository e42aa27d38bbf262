"""The key that seals secrets, when nobody has set one: beside the embedded database's data."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.processes import run

AUTH = {"MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,auth,mail,jobs"}
TOKEN = ("auth", "token", "--role", "company_admin")


def test_the_key_is_made_and_nothing_works_without_it(home: Path) -> None:
    first = run(home, *TOKEN, settings=AUTH)
    assert first.returncode == 0, first.stderr
    assert "secrets_key_made" in first.stderr
    file = home / "data" / "auth-secrets.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() not in first.stderr
    file.unlink()
    lost = run(home, *TOKEN, settings=AUTH)
    assert (lost.returncode, lost.stdout) == (2, "")
    assert "sealed by a key that is not here" in lost.stderr
